import type { RequestHandler } from "express";

/**
 * What pages of any origin may read (CORS): what anybody is meant to check us by, and nothing that was made from a document. Never with credentials.
 */
const PUBLIC = /^\/(?:trust\.json|log\/(?:checkpoint|tile\/.*)|fhir\/metadata|(?:fhir\/)?\.well-known\/.*)$/;

/** How long a browser may remember the answer to its preflight, in seconds. */
const PREFLIGHT_AGE = 86_400;

/** Opens the public addresses to pages of other origins, and answers their preflights. */
export function openPublicAddresses(): RequestHandler {
  return (request, response, next) => {
    if (!PUBLIC.test(request.path)) return next();
    response.set({
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-Id",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    if (request.method !== "OPTIONS") return next();
    response.set({
      Allow: "GET, HEAD, OPTIONS",
      "Access-Control-Allow-Methods": "GET, HEAD",
      "Access-Control-Allow-Headers": "Accept, If-None-Match, If-Modified-Since, Prefer, X-Request-Id",
      "Access-Control-Max-Age": PREFLIGHT_AGE,
    });
    response.status(204).end();
  };
}
