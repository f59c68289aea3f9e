import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler } from "express";
import { isLoopback } from "../../config.ts";
import { AppError } from "../../core/errors.ts";

/** Where issuers tell that somebody signed out. */
export const BACK_CHANNEL = "/sign-in/back-channel-logout";

/** Asked by machines that know the service by any address. */
const OPEN_TO_ANY_HOST = new Set(["/healthz", "/readyz"]);

/**
 * Answers only under its own name and under loopback names (421 otherwise): a page elsewhere cannot make a browser on this machine read documents by
 * pointing a name of its own here (DNS rebinding).
 */
export function guardHost(baseUrl: string): RequestHandler {
  return (request, _response, next) => next(hostFault(request, baseUrl, OPEN_TO_ANY_HOST.has(request.path)));
}

/** What is wrong with the Host of a request; undefined when nothing is. @param isForAny whether its address answers under any name */
export function hostFault({ rawHeaders, headers }: IncomingMessage, baseUrl: string, isForAny = false): AppError | undefined {
  // Two names for one request: a proxy and we might each believe another one (RFC 9112 section 3.2).
  if (hostsOf(rawHeaders) > 1) return new AppError("malformed", "A request names one Host.");
  const host = headers.host?.toLowerCase() ?? "";
  if (isForAny || host === new URL(baseUrl).host.toLowerCase() || isLoopbackHost(host)) return undefined;
  return new AppError("misdirected", "This service does not answer under that Host: set BASE_URL to the address that it is reached by.");
}

function hostsOf(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
}

function isLoopbackHost(host: string): boolean {
  const url = URL.parse(`http://${host}`);
  return url !== null && url.host !== "" && url.pathname === "/" && url.username === "" && isLoopback(url.hostname);
}

/**
 * Lets no page of another origin change anything: an unsafe request that names a foreign Origin is refused (403). `isForm`: it must name ours, since a form
 * can be posted across origins without the browser asking first. The FHIR interface takes no form and says so itself (415), also to a program whose library
 * declares one unasked, as curl does. `apps`: origins whose pages may call that interface; no session's cookie goes along with it.
 */
export function guardOrigin(baseUrl: string, apps: ReadonlySet<string> = new Set()): RequestHandler {
  const own = new URL(baseUrl).origin;
  return (request, _response, next) => {
    const isUnsafe = !["GET", "HEAD", "OPTIONS"].includes(request.method);
    const origin = request.get("Origin");
    if (origin !== undefined && apps.has(origin) && isFhir(request)) return next();
    if (FOR_APPS.test(request.path)) return next();
    // An issuer's program posts a form, and what it sends proves itself.
    if (origin === undefined && request.path === BACK_CHANNEL) return next();
    if (!isUnsafe || (origin === undefined && !isForm(request)) || (origin !== undefined && isOwnOrigin(origin, request, own))) return next();
    next(new AppError("forbidden", "Forms are taken only from this service's own pages. A program deposits with POST /fhir/Bundle."));
  };
}

/** Addresses of the embedded authorization server that apps call, from their own pages too: no cookie counts there, and it knows itself which origins are whose. */
const FOR_APPS = /^\/oauth\/(?:token|introspect|revoke|authorize)$/;

function isFhir(request: Request): boolean {
  return /^\/fhir(\/|$)/i.test(request.path);
}

function isForm(request: Request): boolean {
  if (isFhir(request)) return false;
  return /^(multipart\/form-data|application\/x-www-form-urlencoded|text\/plain)\b/i.test(request.get("Content-Type") ?? "");
}

/**
 * Whether a browser says that our own page sent a request: by the address that others reach us by, or by the loopback name that this request has. A page of our host that came over http, where we are reached by https, may be
 * anybody's on the way.
 */
export function isOwnOrigin(origin: string, request: Request, own: string): boolean {
  const url = URL.parse(origin);
  return url !== null && (url.origin === own || (isLoopback(url.hostname) && url.host === request.headers.host?.toLowerCase()));
}
