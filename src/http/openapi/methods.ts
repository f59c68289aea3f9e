/** Which methods are done where, told by what routes are described by: `OPTIONS`, and methods that no route refuses itself. */
import type { Request, RequestHandler, Response } from "express";
import { AppError } from "../../core/errors.ts";
import { isFhir, type DescribedRoute } from "./described.ts";

/** Methods that routes refuse in words of their own, below /fhir and among pages. */
const REFUSED_BY_ROUTES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Refuses methods that nothing is done by, before it is asked who asks: of the methods that HTTP has, `TRACE` and `CONNECT` would tell what others sent. */
export function refuseUnknownMethods(routes: readonly DescribedRoute[]): RequestHandler {
  const methodsAt = finder(routes);
  return (request, response, next) => {
    if (REFUSED_BY_ROUTES.has(request.method) || ["GET", "HEAD", "OPTIONS"].includes(request.method)) return next();
    refuse(request, response, methodsAt(request.path));
  };
}

/** Answers `OPTIONS` (RFC 9110 section 9.3.7), and refuses what no route does where none says so itself: of health, the log and the ways in. Preflights were answered before. */
export function answerOptions(routes: readonly DescribedRoute[]): RequestHandler {
  const methodsAt = finder(routes);
  const plainAt = finder(routes.filter((route) => ["operators", "log", "access"].includes(route.area) && !isOfServer(route)));
  return (request, response, next) => {
    if (request.method === "OPTIONS") {
      if (request.path.startsWith(OF_SERVER)) return next();
      const methods = methodsAt(request.path);
      if (methods.length === 0) return next();
      return void response
        .set("Allow", [...methods, "OPTIONS"].join(", "))
        .status(204)
        .end();
    }
    const methods = plainAt(request.path);
    if (methods.length > 0 && !methods.includes(request.method)) refuse(request, response, methods);
    next();
  };
}

/** The authorization server answers for itself: whose pages may call it, it knows of its clients. */
const OF_SERVER = "/oauth/";

function isOfServer({ pattern }: DescribedRoute): boolean {
  return pattern.startsWith(OF_SERVER);
}

function refuse({ method }: Request, response: Response, methods: readonly string[]): never {
  response.setHeader("Allow", methods.join(", "));
  throw new AppError("method-not-allowed", `${method} is not allowed here.`);
}

/** The methods of every route that an address is one of, in an order that stays. */
function finder(routes: readonly DescribedRoute[]): (path: string) => string[] {
  const known = routes.map((route) => ({ method: route.method, pattern: patternOf(route) }));
  return (path) => {
    const at = path === "/fhir/" ? "/fhir" : path;
    const methods = new Set(known.flatMap(({ method, pattern }) => (pattern.test(at) ? [method] : [])));
    return ["GET", "HEAD", "POST", "PUT", "DELETE"].filter((method) => methods.has((method === "HEAD" ? "GET" : method) as DescribedRoute["method"]));
  };
}

/** No type or id of FHIR begins as what is called (`$`) or chosen (`_`). */
function patternOf(route: DescribedRoute): RegExp {
  const piece = isFhir(route) ? "[^/$_][^/]*" : "[^/]+";
  const source = route.pattern.replace(/[.$]/g, "\\$&").replace(/:[A-Za-z]+/g, piece).replace(/\*[A-Za-z]+/g, ".+"); // prettier-ignore
  return new RegExp(`^${source}$`);
}
