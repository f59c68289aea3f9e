/** Methods that are not done at an address where another one is (R4 http.html: 405), each with its reason. */
import { Router, type Request, type RequestHandler } from "express";
import { AppError } from "../../core/errors.ts";

/** What can be asked for where. */
export interface RoutedTypes {
  /** The types that are searched and read. */
  readonly types: readonly string[];
  /** The types that have a history. */
  readonly histories: readonly string[];
  /** The types that have a compartment. */
  readonly compartments: readonly string[];
}

/** Why a method is refused, for the ones that a FHIR client would expect. */
const REASONS: Readonly<Record<string, string>> = {
  PUT: "Documents are never changed. Deposit a new one whose Composition.relatesTo replaces the earlier one.",
  PATCH: "Documents are never changed. Deposit a new one whose Composition.relatesTo replaces the earlier one.",
  DELETE: "Documents are never deleted. Deposit a new one whose Composition.relatesTo replaces the earlier one, or whose status is entered-in-error.",
  GET: "Nothing can be read or searched at this address.",
  POST: "Nothing is created at this address: documents are deposited with POST /fhir/Bundle.",
};

/** What else is to be said of a type that is kept otherwise than documents are. */
const OF_TYPE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Consent: {
    DELETE: "A consent is never deleted. End it by a later version whose status is inactive: PUT it with that.",
    PATCH: "A consent is changed by a later version: PUT the whole of it.",
    PUT: "A consent is changed at its own address: PUT /fhir/Consent/{id}.",
  },
  Subscription: {
    DELETE: "A subscription is deleted at its own address, DELETE /fhir/Subscription/{id}, by its owner.",
    PATCH: "A subscription is changed by a later version: PUT the whole of it.",
    PUT: "A subscription is changed at its own address: PUT /fhir/Subscription/{id}.",
  },
};

const READ = ["GET", "HEAD"];

/** Refuses whatever arrives there. */
export function refuseMethod(methods: readonly string[]): RequestHandler {
  return ({ method, params }, response) => {
    response.setHeader("Allow", methods.join(", "));
    const reasons = { ...REASONS, ...OF_TYPE[String(params["type"])] };
    throw new AppError("method-not-allowed", reasons[method === "HEAD" ? "GET" : method] ?? `${method} is not allowed here.`);
  };
}

/** Mounted behind everything that is done below `/fhir`: refuses what is left at addresses that are read or searched. */
export function otherMethods(places: RoutedTypes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const [types, histories, compartments] = [new Set(places.types), new Set(places.histories), new Set(places.compartments)];
  const isType = ({ params }: Request): boolean => types.has(String(params["type"]));
  // No id begins so: an operation that is not known is nothing at all.
  const isInstance = (request: Request): boolean => isType(request) && !/^[$_]/.test(String(request.params["id"]));
  const hasHistory = ({ params }: Request): boolean => histories.has(String(params["type"]));
  const isMember = ({ params: { type, member } }: Request): boolean =>
    compartments.has(String(type)) && (member === "*" || types.has(String(member)));
  const refuse = (path: string, methods: readonly string[], isThere: (request: Request) => boolean): void => {
    router.all(path, (request, _response, next) => next(isThere(request) ? undefined : "route"), refuseMethod(methods));
  };
  // R4 answers 404 where a type is not created; the reason is the same.
  router.post("/fhir/:type", (request, _response, next) => {
    next(isType(request) ? new AppError("not-found", REASONS["POST"] ?? "") : "route");
  });
  refuse("/fhir/_history", READ, () => true);
  refuse("/fhir/_search", ["POST"], () => true);
  refuse("/fhir/:type", READ, isType);
  refuse("/fhir/:type/_history", READ, hasHistory);
  refuse("/fhir/:type/_search", ["POST"], isType);
  refuse("/fhir/:type/:id", READ, isInstance);
  refuse("/fhir/:type/:id/_history", READ, hasHistory);
  refuse("/fhir/:type/:id/_history/:versionId", READ, isInstance);
  refuse("/fhir/:type/:id/:member/_search", ["POST"], isMember);
  refuse("/fhir/:type/:id/:member", READ, isMember);
  return router;
}
