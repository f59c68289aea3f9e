import express, { type ErrorRequestHandler, Router, type Request, type RequestHandler, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import type { ResourceInteractions, SearchRequest } from "../../interactions/fhir/search-resources.ts";
import type { Handling } from "../../search/query/parse-query.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import { agreeOn, isPretty, writeBytes, writeHead } from "../answers/write.ts";
import { askedBy } from "../request-facts.ts";
import type { RespondAsync } from "../jobs/respond-async.ts";
import type { Served } from "../served.ts";
import { isPersonId } from "../../search/derived/person.ts";
import { answerUnchanged, contentTag, tellValidators, versionTag } from "./conditional.ts";
import { preferencesOf } from "./preferences.ts";

export interface SearchRoutesOptions {
  readonly resources: ResourceInteractions;
  readonly served: Pick<Served, "turns">;
  readonly later: RespondAsync;
}

/** Longer forms are nobody's question. */
const LARGEST_FORM = 100_000;

/** Reads the form of a search by POST. */
export function searchForm(): (RequestHandler | ErrorRequestHandler)[] {
  return [express.text({ type: "application/x-www-form-urlencoded", limit: LARGEST_FORM, defaultCharset: "utf-8" }), refuseForm];
}

/**
 * Searches (R4 http.html, search) and reads of what they find. Mounted behind what has routes of its own, and before whatever refuses the rest.
 */
export function searchRoutes({ resources, served, later }: SearchRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const types = new Set(resources.types);
  const known: RequestHandler = (request, _response, next) => next(types.has(String(request.params["type"])) ? undefined : "route");
  const form = searchForm();
  const compartments = new Set(resources.parameters.compartments());
  const inCompartment: RequestHandler = ({ params: { type, member } }, _response, next) => {
    const isOne = compartments.has(String(type)) && (member === "*" || types.has(String(member)));
    next(isOne ? undefined : "route");
  };
  const searchOf = (request: Request): SearchRequest => ({ ...placeOf(request), parameters: parametersOf(request), handling: handlingOf(request) });
  const deferred = later((request) => resources.check(searchOf(request)));
  const answer = async (request: Request, response: Response): Promise<void> => {
    const { agreed, written } = formOf(request, response);
    const found = await resources.search(askedBy(response, "rest"), searchOf(request), written);
    const bytes = await served.turns.take(Math.min(found.weight, SEARCH_WEIGHT), () => found.write());
    response.setHeader("Cache-Control", "no-store");
    writeBytes(response, bytes, agreed);
  };
  router.get("/fhir/:type/:id/:member", inCompartment, deferred, answer);
  router.post("/fhir/:type/:id/:member/_search", inCompartment, form, deferred, answer);
  router.get("/fhir/:type", known, deferred, answer);
  router.get(["/fhir", "/fhir/"], deferred, answer);
  router.post("/fhir/:type/_search", known, form, deferred, answer);
  router.post("/fhir/_search", form, deferred, answer);
  for (const path of ["/fhir/:type/:id", "/fhir/:type/:id/_history/:versionId"]) router.get(path, known, read(resources, served));
  return router;
}

/** What express refuses of the body of a search by POST is told as what it is. */
const refuseForm: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  const status = (error as { readonly status?: unknown } | undefined)?.status;
  if (status === 413) return next(new AppError("too-large", `A form has at most ${LARGEST_FORM} bytes.`));
  if (status === 415) return next(new AppError("unsupported-media-type", "A form is sent as application/x-www-form-urlencoded in UTF-8."));
  next(status === 400 ? new AppError("malformed", "The form could not be read.") : error);
};

/** Upon which type, all of them if undefined, and in which compartment a search is made. */
function placeOf({ params }: Request): Pick<SearchRequest, "type" | "compartment"> {
  const { type, id, member } = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  if (member === undefined || type === undefined || id === undefined) return { type };
  return { type: member === "*" ? undefined : member, compartment: { type, id } };
}

/** About how many bytes a page of a search opens at most, by which it waits for its turn, and one resource. */
export const SEARCH_WEIGHT = 4_000_000;
export const READ_WEIGHT = 400_000;

/** What has an address of its own kind is read there: whole documents and their bytes. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set(["Bundle", "Binary"]);

function read(resources: ResourceInteractions, served: SearchRoutesOptions["served"]): RequestHandler {
  return async (request, response, next) => {
    const { type, id, versionId } = Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));
    if (type === undefined || id === undefined || /^[$_]/.test(id) || (READ_ELSEWHERE.has(type) && !id.includes("."))) return next();
    const { agreed, written } = formOf(request, response);
    const asked = askedBy(response, "rest");
    const standing = await resources.standing(asked, type, id);
    const version = versionIn(versionId ?? standing.versionId, standing);
    // A derived Patient has no versions: it is made anew of what its documents say.
    if (version === undefined || (versionId !== undefined && isPersonId(id)))
      throw new AppError(
        "not-found",
        `${type}/${id} has no version "${versionId ?? ""}": nothing is changed here but by a later document that replaces another.`,
      );
    response.setHeader("Cache-Control", "private, no-cache");
    const bytes = await served.turns.take(READ_WEIGHT, () => resources.read(asked, type, id, written, version));
    const isFirst = version === "1" && standing.lastModified;
    const validators = isPersonId(id) ? { etag: contentTag(bytes) } : { etag: versionTag(version), ...(isFirst && { lastModified: isFirst }) };
    if (answerUnchanged(request, response, validators)) return;
    tellValidators(response, validators);
    if (request.method === "HEAD") return writeHead(response, agreed);
    writeBytes(response, bytes, agreed);
  };
}

/** A version that there is or was. */
function versionIn(text: string, { versionId }: { readonly versionId: "1" | "2" }): "1" | "2" | undefined {
  return text === "1" || text === versionId ? (text === "1" ? "1" : versionId) : undefined;
}

/** An unknown parameter is refused unless the client would rather have it passed over (R4 search.html, "Handling Errors"). */
export function handlingOf(request: Request): Handling {
  return preferencesOf(request).isLenient ? "lenient" : "strict";
}

/** JSON or XML, as was agreed upon with the client. AppError `not-acceptable`. */
export function formOf(request: Request, response: Response): { readonly agreed: string; readonly written: WrittenForm } {
  response.vary("Accept");
  const { form, contentType } = agreeOn(request, ["json", "xml"]);
  return { agreed: contentType, written: { form: form === "xml" ? "xml" : "json", pretty: isPretty(request) } };
}

/** Those of the address and of a form together, in order. */
export function parametersOf(request: Request): [string, string][] {
  const inAddress = new URL(request.originalUrl, "http://localhost").searchParams;
  const inForm = new URLSearchParams(typeof request.body === "string" ? request.body : "");
  return [...inAddress, ...inForm];
}
