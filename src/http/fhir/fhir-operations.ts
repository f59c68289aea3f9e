import { Router, type Request, type RequestHandler, type Response } from "express";
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { RoutedOperation } from "../../interactions/fhir/routed-operations.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "../../interactions/fhir/operation.ts";
import { shown } from "../../pipeline/validate/shown.ts";
import { SIGNED_MESSAGE } from "../../core/fhir/reading/fhir-media-type.ts";
import { documentBodyType, fhirBodyType, handOnBody, isLinesType, withBody, type BodyOptions } from "../bodies/body.ts";
import type { DocumentMediaType } from "../../pipeline/document-forms.ts";
import type { RespondAsync } from "../jobs/respond-async.ts";
import type { Agreed } from "./negotiate.ts";
import { preferencesOf, queryOf } from "./preferences.ts";
import { askedBy } from "../request-facts.ts";
import type { PageInteractions } from "../../interactions/pages/page-interactions.ts";
import type { Served } from "../served.ts";
import { handlingOf, SEARCH_WEIGHT } from "./fhir-search.ts";
import { agreeOn, isPretty, writeBytes, writeResource } from "../answers/write.ts";

/** What operations are answered with. */
export interface OperationsServed extends Pick<Served, "turns" | "definitions" | "fhirBase"> {
  readonly registry: { readonly pages: Pick<PageInteractions, "weight"> };
}

export interface OperationRoutesOptions {
  /** With the places where each is called, which are those that the CapabilityStatement names. */
  readonly operations: readonly RoutedOperation[];
  readonly served: OperationsServed;
  readonly bodies: BodyOptions;
  /** Lets requests be answered later; absent where nothing is kept, also no job. */
  readonly later?: RespondAsync;
}

/**
 * Operations below `/fhir` (R4 operations.html), where each is called. GET is for an instance alone (elsewhere there is nothing to work on without a body), and for
 * what changes nothing. Mounted before the interactions, whose `/{type}/{id}` would take `$name` for an id.
 */
export function operationRoutes(options: OperationRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const { operation, places } of options.operations.filter((one) => !one.operation.ownRoutes)) {
    const name = `$${operation.name}`;
    const call = (request: Request, response: Response): Promise<void> => answer(request, response, operation, options);
    // One that is answered later in any case says so itself.
    const deferred =
      operation.isAlwaysAsynchronous === true || !options.later
        ? always
        : options.later((request) => void (isEmpty(request) || bodyTypeOf(request, operation)));
    const mount = (path: string, onlyIf: RequestHandler, mayGet: boolean): void => {
      router.all(path, onlyIf);
      router.post(path, deferred, call);
      if (mayGet) router.get(path, deferred, call);
      router.all(path, (request, response) => refuse(request, response, name, mayGet ? "GET, HEAD, POST" : "POST"));
    };
    const byAddress = operation.isAskedByAddress === true && !operation.affectsState;
    if (places.onSystem) mount(`/fhir/${name}`, always, byAddress);
    // One route for all types: a hundred and more would each be tried for every request.
    mount(`/fhir/:type/${name}`, among(places.onTypes), byAddress);
    mount(`/fhir/:type/:id/${name}`, among(places.onInstancesOf), !operation.affectsState);
  }
  return router;
}

const always: RequestHandler = (_request, _response, next) => next();

/** Lets a request go on if its type is among those on which the operation is called; 404 otherwise. */
function among(types: readonly string[]): RequestHandler {
  const known = new Set(types);
  return (request, _response, next) => {
    const type = String(request.params["type"]);
    if (known.has(type)) return next();
    throw new AppError("not-found", `There is no such operation on ${shown(type)}: GET /fhir/metadata tells what is here.`);
  };
}

async function answer(request: Request, response: Response, operation: FhirOperation, { served, bodies }: OperationRoutesOptions): Promise<void> {
  response.vary("Accept");
  const simple = operation.parameters.filter(({ isSimple }) => isSimple).map(({ name }) => name);
  const query = operation.isAskedByAddress === true ? parametersOf(request) : queryOf(request, ["_format", "_pretty", ...simple]);
  const agreed = agreeOn(request, ["json", "xml"]);
  const [, , type = ""] = request.path.split("/");
  const id = request.params["id"] === undefined ? undefined : String(request.params["id"]);
  const asked = askedBy(response, "rest");
  const call: OperationCall = {
    ...(!type.startsWith("$") && { type }),
    ...(id !== undefined && { id }),
    parameters: [...query],
    handling: handlingOf(request),
    isAsynchronous: preferencesOf(request).isAsync,
    address: `${served.fhirBase}${request.url.slice("/fhir".length)}`,
    query: new Map(simple.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""] as const] : []))),
  };
  if (operation.handleLines && isLinesType(request.get("Content-Type")))
    return write(
      request,
      response,
      await operation.handleLines(asked, call, { receive: (take) => handOnBody(request, response, bodies, take) }),
      agreed,
      served,
    );
  const answered = isEmpty(request)
    ? await served.turns.take(operation.isAskedByAddress === true ? SEARCH_WEIGHT : await weightIn(asked, id, served), () =>
        operation.handle(asked, call),
      )
    : await withContent(request, response, { operation, bodies }, (content) => operation.handle(asked, { ...call, ...content }));
  await write(request, response, answered, agreed, served);
}

function parametersOf(request: Request): URLSearchParams {
  return new URL(request.originalUrl, "http://localhost").searchParams;
}

async function write(
  request: Request,
  response: Response,
  answered: OperationAnswer,
  agreed: Agreed,
  { definitions, turns }: Pick<Served, "definitions" | "turns">,
): Promise<void> {
  response.setHeader("Cache-Control", "no-store");
  switch (answered.kind) {
    case "resource":
    case "unreadable":
    case "refused":
    case "promised":
      response.status(answered.kind === "refused" ? answered.status : STATUS_OF_KIND[answered.kind]);
      return writeResource(request, response, answered.resource, agreed, definitions);
    case "written": {
      if (answered.location !== undefined) response.setHeader("Content-Location", answered.location);
      const form = { form: agreed.form === "xml" ? "xml" : "json", pretty: isPretty(request) } as const;
      return writeBytes(response, await turns.take(SEARCH_WEIGHT, () => answered.write(form)), agreed.contentType);
    }
    case "content":
      return writeBytes(response, answered.bytes, answered.mediaType);
    case "accepted":
      return void response.status(202).set("Content-Location", answered.location).end();
    case "redirect":
      return void response.status(303).set("Location", answered.location).end();
  }
}

const STATUS_OF_KIND = { resource: 200, promised: 202, unreadable: 400 } as const;

/** An operation without parameters has no body and needs no Content-Type. */
function isEmpty(request: Request): boolean {
  const length = request.get("Content-Length");
  return request.method !== "POST" || length === "0" || (length === undefined && request.get("Transfer-Encoding") === undefined);
}

function bodyTypeOf(request: Request, { takesMessages }: FhirOperation): DocumentMediaType {
  return (takesMessages === true ? documentBodyType : fhirBodyType)(request.get("Content-Type"));
}

function withContent<Result>(
  request: Request,
  response: Response,
  { operation, bodies }: { readonly operation: FhirOperation; readonly bodies: BodyOptions },
  use: (content: Pick<OperationCall, "sent" | "message">) => Promise<Result>,
): Promise<Result> {
  const mediaType = bodyTypeOf(request, operation);
  return withBody(request, response, bodies, (bytes) => use(mediaType === SIGNED_MESSAGE ? { message: bytes } : { sent: { bytes, mediaType } }));
}

/** About how many bytes are opened of what stands at an instance. AppError `not-found`, `gone`. */
async function weightIn(asked: Asked, id: string | undefined, { registry }: Pick<OperationsServed, "registry">): Promise<number> {
  return id === undefined ? 0 : registry.pages.weight(asked, id);
}

function refuse(request: Request, response: Response, name: string, allowed: string): never {
  response.setHeader("Allow", allowed);
  throw new AppError("method-not-allowed", `${request.method} is not allowed here: ${name} is called with ${allowed.replace(/, HEAD, /, " or ")}.`);
}
