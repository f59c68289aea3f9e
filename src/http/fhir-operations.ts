import { Router, type Request, type Response } from "express";
import { AppError } from "../core/errors.ts";
import { isResourceType } from "../core/fhir/r4/definitions.ts";
import type { InteractionContext } from "../interactions/context.ts";
import type { FhirOperation, OperationCall } from "../interactions/operation.ts";
import { weightOf } from "../pipeline/present.ts";
import type { Submission } from "../pipeline/record.ts";
import { fhirBodyType, withBody, type BodyOptions } from "./body.ts";
import { queryOf } from "./preferences.ts";
import { requestIdOf } from "./request-facts.ts";
import { agreeOn, writeResource } from "./write.ts";

export interface OperationRoutesOptions {
  readonly operations: readonly FhirOperation[];
  readonly context: InteractionContext;
  readonly bodies: BodyOptions;
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

async function answer(request: Request, response: Response, operation: FhirOperation, { context, bodies }: OperationRoutesOptions): Promise<void> {
  response.vary("Accept");
  const query = queryOf(request, ["_format", "_pretty", ...operation.queryParameters]);
  const agreed = agreeOn(request, ["json", "xml"]);
  const type = request.params["type"] === undefined ? undefined : String(request.params["type"]);
  if (type !== undefined && !isResourceType(type)) throw new AppError("not-found", "R4 has no resource of that type.");
  const id = request.params["id"] === undefined ? undefined : String(request.params["id"]);
  const call: OperationCall = {
    ...(type !== undefined && { type }),
    ...(id !== undefined && { id }),
    query: new Map(operation.queryParameters.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""] as const] : []))),
  };
  const { kind, resource } = isEmpty(request)
    ? await context.turns.take(await weightIn(id, context), () => operation.handle(call, context))
    : await withSubmission(request, response, bodies, (submission) => operation.handle({ ...call, submission }, context));
  response.status(kind === "unreadable" ? 400 : 200).setHeader("Cache-Control", "no-store");
  writeResource(request, response, resource, agreed);
}

/** An operation without parameters has no body and needs no Content-Type. */
function isEmpty(request: Request): boolean {
  const length = request.get("Content-Length");
  return request.method !== "POST" || length === "0" || (length === undefined && request.get("Transfer-Encoding") === undefined);
}

function withSubmission<Result>(
  request: Request,
  response: Response,
  bodies: BodyOptions,
  use: (submission: Submission) => Promise<Result>,
): Promise<Result> {
  const mediaType = fhirBodyType(request.get("Content-Type"));
  return withBody(request, response, bodies, (bytes) =>
    use({ bytes, mediaType, receivedAt: new Date(), submitter: "unauthenticated", requestId: requestIdOf(response) }),
  );
}

/** About how many bytes are opened of what stands at an instance. AppError `not-found`, `gone`. */
async function weightIn(id: string | undefined, context: InteractionContext): Promise<number> {
  return id === undefined ? 0 : weightOf(id, context);
}

function refuse(request: Request, response: Response, name: string, allowed: string): never {
  response.setHeader("Allow", allowed);
  throw new AppError("method-not-allowed", `${request.method} is not allowed here: ${name} is called with ${allowed.replace(/, HEAD, /, " or ")}.`);
}
