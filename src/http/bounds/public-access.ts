import type { RequestHandler } from "express";

/** An address that anybody may ask for, who proved nothing. */
export interface PublicAddress {
  /** As its route is written. */
  readonly route: string;
  /** Whether pages of any origin may read it (CORS). */
  readonly isForAnyOrigin: boolean;
  readonly why: string;
}

const METADATA = "says what is served, and how to get in";
const PROOF = "what anybody is meant to check us by; nothing in it is about a patient";
const DOOR = "the way in and out";

/** The one table of what is open to strangers. Whatever is not in it takes proof: also an address at which there is nothing. */
export const PUBLIC_ADDRESSES: readonly PublicAddress[] = [
  { route: "/healthz", isForAnyOrigin: false, why: "asked by machines that must always learn whether the service lives" },
  { route: "/readyz", isForAnyOrigin: false, why: "the same" },
  { route: "/fhir/metadata", isForAnyOrigin: true, why: METADATA },
  { route: "/openapi.json", isForAnyOrigin: true, why: METADATA },
  { route: "/fhir/.well-known/*path", isForAnyOrigin: true, why: METADATA },
  { route: "/.well-known/*path", isForAnyOrigin: true, why: METADATA },
  { route: "/trust.json", isForAnyOrigin: true, why: PROOF },
  { route: "/verify.html", isForAnyOrigin: false, why: "the verifier to take along: a file of the program" },
  { route: "/certificates", isForAnyOrigin: false, why: PROOF },
  { route: "/certificates/:file", isForAnyOrigin: true, why: PROOF },
  { route: "/log/checkpoint", isForAnyOrigin: true, why: PROOF },
  { route: "/log/consistency", isForAnyOrigin: true, why: PROOF },
  { route: "/log/events", isForAnyOrigin: true, why: PROOF },
  { route: "/log/tile/*place", isForAnyOrigin: true, why: PROOF },
  { route: "/assets/:name", isForAnyOrigin: false, why: "styles of the program, which the page for signing in has, too" },
  { route: "/assets/fonts/*path", isForAnyOrigin: false, why: "its fonts" },
  { route: "/sign-in", isForAnyOrigin: false, why: DOOR },
  { route: "/sign-in/start", isForAnyOrigin: false, why: DOOR },
  { route: "/sign-in/callback", isForAnyOrigin: false, why: DOOR },
  { route: "/sign-in/callback/:issuer", isForAnyOrigin: false, why: DOOR },
  { route: "/sign-in/back-channel-logout", isForAnyOrigin: false, why: "an issuer ends sessions here; what it sends proves itself" },
  { route: "/sign-out", isForAnyOrigin: false, why: DOOR },
  { route: "/oauth/*path", isForAnyOrigin: false, why: "the embedded authorization server: each of its addresses asks for what proves it" },
  { route: "/signed-out", isForAnyOrigin: false, why: DOOR },
];

/** How long a browser may remember the answer to its preflight, in seconds. */
const PREFLIGHT_AGE = 86_400;

const PATTERNS = PUBLIC_ADDRESSES.map(({ route, isForAnyOrigin }) => ({ pattern: patternOf(route), isForAnyOrigin }));

/** Whether strangers may ask for an address; `path` as routes see it. */
export function isPublicAddress(path: string): boolean {
  return PATTERNS.some(({ pattern }) => pattern.test(path));
}

/** Opens the addresses that are for any origin to pages of others, and answers their preflights. Never with credentials. */
export function openPublicAddresses(): RequestHandler {
  return (request, response, next) => {
    if (!PATTERNS.some(({ pattern, isForAnyOrigin }) => isForAnyOrigin && pattern.test(request.path))) return next();
    response.set({
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-Id",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    if (request.method !== "OPTIONS") return next();
    response.set({
      Allow: "GET, HEAD, OPTIONS",
      "Access-Control-Allow-Methods": "GET, HEAD",
      "Access-Control-Allow-Headers": "Accept, If-None-Match, If-Modified-Since, Last-Event-ID, Prefer, X-Request-Id",
      "Access-Control-Max-Age": PREFLIGHT_AGE,
    });
    response.status(204).end();
  };
}

const ORIGIN_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const ORIGIN_HEADERS = "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Request-Id";

/** Lets apps of the origins that the operator names call the FHIR interface with a token of theirs. A session's cookie is never sent along: credentials are not allowed. */
export function openToOrigins(origins: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    if (origins.size === 0 || !/^\/fhir(?:\/|$)/.test(request.path) || isPublicAddress(request.path)) return next();
    response.vary("Origin");
    const origin = request.get("Origin");
    if (origin === undefined || !origins.has(origin)) return next();
    response.set({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Expose-Headers":
        "Content-Location, ETag, Expires, Last-Modified, Link, Location, Retry-After, WWW-Authenticate, X-Progress, X-Request-Id",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    if (request.method !== "OPTIONS" || request.get("Access-Control-Request-Method") === undefined) return next();
    response.set({
      "Access-Control-Allow-Methods": ORIGIN_METHODS,
      "Access-Control-Allow-Headers": ORIGIN_HEADERS,
      "Access-Control-Max-Age": "600",
    });
    response.status(204).end();
  };
}

/** `:name` is one piece of a path, `*name` all that is left. */
function patternOf(route: string): RegExp {
  const pieces = route.split("/").map((piece) => {
    if (piece.startsWith(":")) return "[^/]+";
    return piece.startsWith("*") ? ".+" : piece.replace(/[.]/g, "\\.");
  });
  return new RegExp(`^${pieces.join("/")}$`);
}
