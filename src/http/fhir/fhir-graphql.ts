/** GraphQL over HTTP (graphql.github.io/graphql-over-http, R4 graphql.html): at the service and at each resource, by GET and POST. */
import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from "express";
import type { Logger } from "pino";
import { AppError, ERROR_KINDS } from "../../core/errors.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { GraphAnswer, GraphQuestion } from "../../core/graphql/answer.ts";
import { faultOf, faultResponse, type GraphFault } from "../../core/graphql/outcome.ts";
import { GRAPH_TYPE, JSON_TYPE, QUERY_TYPE, type GraphInteraction } from "../../interactions/fhir/graphql/graphql.ts";
import type { RoutedOperation } from "../../interactions/fhir/routed-operations.ts";
import { describe, RETRY_AFTER } from "../answers/errors.ts";
import { writeBytes } from "../answers/write.ts";
import type { RespondAsync } from "../jobs/respond-async.ts";
import { askedBy, noteFailure, requestIdOf } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { SEARCH_WEIGHT } from "./fhir-search.ts";
import { parseMediaType } from "./negotiate.ts";

export interface GraphRoutesOptions {
  readonly graphql: GraphInteraction;
  readonly operations: readonly RoutedOperation[];
  readonly served: Pick<Served, "turns">;
  readonly log: Pick<Logger, "error">;
  readonly later: RespondAsync;
}

/** Nobody's query is longer, with its variables (core/graphql/limits.ts). */
const LARGEST = 200_000;

/** Mounted before all that takes `$graphql` for an id. */
export function graphRoutes(options: GraphRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const places = options.operations.find(({ operation }) => operation === options.graphql.operation)?.places;
  const types = new Set(places?.onInstancesOf ?? []);
  const known: RequestHandler = (request, _response, next) => next(types.has(String(request.params["type"])) ? undefined : "route");
  const body = express.text({ type: [JSON_TYPE, QUERY_TYPE], limit: LARGEST, defaultCharset: "utf-8" });
  // Whatever a query is answered in, that it was taken on is told by an OperationOutcome.
  const later = options.later(questionOf, () => ({ form: "json", contentType: "application/fhir+json; charset=utf-8" }));
  const answer: RequestHandler = (request, response) => answerTo(request, response, options);
  const refuseBody: ErrorRequestHandler = (error: unknown, request, response, _next) => writeFault(request, response, bodyError(error), options);
  const refuse: RequestHandler = (request, response) => {
    response.setHeader("Allow", "GET, HEAD, POST");
    writeFault(
      request,
      response,
      new AppError("method-not-allowed", `${request.method} is not allowed here: a query is sent with GET or POST.`),
      options,
    );
  };
  for (const [path, guards] of [
    ["/fhir/$graphql", []],
    ["/fhir/:type/:id/$graphql", [known]],
  ] as const) {
    router.get(path, ...guards, later, answer);
    router.post(path, ...guards, body, later, answer, refuseBody);
    router.all(path, ...guards, refuse);
  }
  return router;
}

async function answerTo(request: Request, response: Response, options: GraphRoutesOptions): Promise<void> {
  try {
    const question = questionOf(request);
    const { type, id } = Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));
    const place = type !== undefined && id !== undefined ? { type, id } : undefined;
    const asked = askedBy(response, "rest");
    const answer = await options.served.turns.take(SEARCH_WEIGHT, () => options.graphql.answer(asked, question, place));
    write(request, response, answer, options);
  } catch (error) {
    writeFault(request, response, error, options);
  }
}

function writeFault(request: Request, response: Response, error: unknown, options: GraphRoutesOptions): void {
  const fault = faultOf(error, "internal");
  tell(request, response, { faults: [fault], status: ERROR_KINDS[fault.code].status, hasData: false }, options);
}

function write(request: Request, response: Response, { kind, text, faults }: GraphAnswer, options: GraphRoutesOptions): void {
  if (kind === "answered") {
    response.setHeader("Cache-Control", "no-store");
    response.vary("Accept");
    return writeBytes(response, text, `${mediaTypeFor(request)}; charset=utf-8`);
  }
  const code = faults[0]?.code ?? "internal";
  // What is wrong with a query itself is told with 200 to whoever takes plain JSON, since a proxy may answer so with 400 too; R4 wants `data` then.
  const isPlain = kind === "refused" && code === "bad-query" && mediaTypeFor(request) === JSON_TYPE;
  tell(request, response, { faults, status: isPlain ? 200 : ERROR_KINDS[code].status, hasData: isPlain || kind === "failed" }, options);
}

function tell(
  request: Request,
  response: Response,
  { faults, status, hasData }: { readonly faults: readonly GraphFault[]; readonly status: number; readonly hasData: boolean },
  { log }: GraphRoutesOptions,
): void {
  const [first] = faults;
  if (first) noteFailure(response, first.code);
  for (const { code, cause } of faults)
    if (code === "internal" && cause !== undefined) log.error({ requestId: requestIdOf(response), code, ...describe(cause) }, "request failed");
  const cause = first?.cause instanceof AppError ? first.cause : undefined;
  if (status === 503 || status === 429) response.setHeader("Retry-After", String(cause?.retryAfter ?? RETRY_AFTER));
  if (cause?.challenge !== undefined) response.setHeader("WWW-Authenticate", cause.challenge);
  response.status(status).vary("Accept");
  response.setHeader("Cache-Control", "no-store");
  writeBytes(response, writeJson(faultResponse(faults, hasData)), `${mediaTypeFor(request)}; charset=utf-8`);
}

/** Whichever of both a client likes better (RFC 9110 section 12.5.1), or names first; plain JSON where it names neither, as R4 has it. */
function mediaTypeFor(request: Request): string {
  const named = (request.get("Accept") ?? "").split(",").flatMap((part) => {
    const { name = "", parameters } = parseMediaType(part) ?? {};
    return [JSON_TYPE, GRAPH_TYPE].includes(name) ? [{ name, quality: Number(parameters?.get("q") ?? 1) }] : [];
  });
  return named.filter(({ quality }) => quality > 0).toSorted((a, b) => b.quality - a.quality)[0]?.name ?? JSON_TYPE;
}

/** @throws AppError `malformed`, `bad-query`, `unsupported-media-type` */
function questionOf(request: Request): GraphQuestion {
  const address = new URL(request.originalUrl, "http://localhost").searchParams;
  if (request.method !== "POST") {
    const given = Object.fromEntries(address);
    return asked({ ...given, variables: parsed(given["variables"], "variables"), extensions: parsed(given["extensions"], "extensions") });
  }
  const sent = parseMediaType(request.get("Content-Type") ?? "")?.name;
  const text: unknown = request.body;
  if (sent !== JSON_TYPE && sent !== QUERY_TYPE)
    throw new AppError("unsupported-media-type", `Send a query as ${JSON_TYPE} ({"query", "operationName", "variables"}) or as ${QUERY_TYPE}.`);
  const body = typeof text === "string" ? text : "";
  if (sent === QUERY_TYPE) return asked({ query: body });
  const value = parsed(body === "" ? undefined : body, "The body");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("malformed", "The body is one JSON object with a query.");
  return asked(value as Readonly<Record<string, unknown>>);
}

function asked({ query, operationName, variables, extensions }: Readonly<Record<string, unknown>>): GraphQuestion {
  if (typeof query !== "string" || query === "") throw new AppError("bad-query", "The parameter query is missing, or is no text.");
  if (!isAbsent(operationName) && typeof operationName !== "string") throw new AppError("bad-query", "operationName is a text.");
  for (const [name, value] of Object.entries({ variables, extensions }))
    if (!isAbsent(value) && (typeof value !== "object" || Array.isArray(value))) throw new AppError("bad-query", `${name} is a JSON object.`);
  return {
    query,
    ...(typeof operationName === "string" && operationName !== "" && { operationName }),
    ...(!isAbsent(variables) && { variables: variables as Readonly<Record<string, unknown>> }),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** JSON that is no content: names and values that a client chose for its query. */
function parsed(text: string | undefined, what: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("malformed", `${what} cannot be read as JSON.`, { cause });
  }
}

/** What express refuses of a body. */
function bodyError(error: unknown): unknown {
  const { status } = error as { readonly status?: unknown };
  if (status === 413) return new AppError("too-large", `A query with its variables has at most ${LARGEST} bytes.`);
  if (status === 415) return new AppError("unsupported-media-type", "A query is sent in UTF-8.");
  return status === 400 ? new AppError("malformed", "The body could not be read.") : error;
}
