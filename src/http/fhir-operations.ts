import { Router, type Request, type Response } from "express";
import { AppError } from "../core/errors.ts";
import { isResourceType } from "../core/fhir/r4/definitions.ts";
import type { InteractionContext } from "../interactions/context.ts";
import type { FhirOperation, OperationCall } from "../interactions/operation.ts";
import type { Submission } from "../pipeline/record.ts";
import { fhirBodyType, readBody } from "./body.ts";
import { queryOf } from "./preferences.ts";
import { requestIdOf } from "./request-facts.ts";
import { agreeOn, writeResource } from "./write.ts";

export interface OperationRoutesOptions {
  readonly operations: readonly FhirOperation[];
  readonly context: InteractionContext;
  readonly maxDocumentBytes: number;
}

/**
 * Operations below `/fhir` (R4 operations.html), on the levels of system, type and instance. GET is for an instance alone: elsewhere there is nothing to work on
 * without a body. Mounted before the interactions, whose `/{type}/{id}` would take `$name` for an id.
 */
export function operationRoutes(options: OperationRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const operation of options.operations) {
    const name = `$${operation.name}`;
    const call = (request: Request, response: Response): Promise<void> => answer(request, response, operation, options);
    router.post([`/fhir/${name}`, `/fhir/:type/${name}`, `/fhir/:type/:id/${name}`], call);
    router.get(`/fhir/:type/:id/${name}`, call);
    router.all([`/fhir/${name}`, `/fhir/:type/${name}`], (request, response) => refuse(request, response, name, "POST"));
    router.all(`/fhir/:type/:id/${name}`, (request, response) => refuse(request, response, name, "GET, HEAD, POST"));
  }
  return router;
}

async function answer(
  request: Request,
  response: Response,
  operation: FhirOperation,
  { context, maxDocumentBytes }: OperationRoutesOptions,
): Promise<void> {
  response.vary("Accept");
  const query = queryOf(request, ["_format", "_pretty", ...operation.queryParameters]);
  const agreed = agreeOn(request, ["json", "xml"]);
  const type = request.params["type"] === undefined ? undefined : String(request.params["type"]);
  if (type !== undefined && !isResourceType(type)) throw new AppError("not-found", "R4 has no resource of that type.");
  const submission = request.method === "POST" ? await readSubmission(request, response, maxDocumentBytes) : undefined;
  const call: OperationCall = {
    ...(type !== undefined && { type }),
    ...(request.params["id"] !== undefined && { id: String(request.params["id"]) }),
    ...(submission && { submission }),
    query: new Map(operation.queryParameters.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""] as const] : []))),
  };
  const { kind, resource } = await operation.handle(call, context);
  response.status(kind === "unreadable" ? 400 : 200).setHeader("Cache-Control", "no-store");
  writeResource(request, response, resource, agreed);
}

/** The body; undefined for an empty one ("Operations with no parameters"), which needs no Content-Type. */
async function readSubmission(request: Request, response: Response, maxBytes: number): Promise<Submission | undefined> {
  const isEmpty =
    request.get("Content-Length") === "0" || (request.get("Content-Length") === undefined && request.get("Transfer-Encoding") === undefined);
  if (isEmpty) return undefined;
  const mediaType = fhirBodyType(request.get("Content-Type"));
  const bytes = await readBody(request, response, { maxBytes });
  return { bytes, mediaType, receivedAt: new Date(), submitter: "unauthenticated", requestId: requestIdOf(response) };
}

function refuse(request: Request, response: Response, name: string, allowed: string): never {
  response.setHeader("Allow", allowed);
  throw new AppError("method-not-allowed", `${request.method} is not allowed here: ${name} is called with ${allowed.replace(/, HEAD, /, " or ")}.`);
}
