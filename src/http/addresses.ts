import type { RequestHandler } from "express";

/** A whole address as the target of a request: its host, and what follows. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)/i;

/**
 * Takes requests as a proxy gives them: with a whole address, whose host is then the one that was asked for, whatever `Host` says (RFC 9112 section 3.2.2); below the path of BASE_URL, whether or not the proxy takes it off; and FHIR addresses with a slash at their end, which some clients
 * make of a base and a type.
 */
export function plainAddresses(basePath: string): RequestHandler {
  return (request, _response, next) => {
    const [, host, rest = ""] = ABSOLUTE.exec(request.url) ?? [];
    if (host !== undefined) {
      request.headers.host = host;
      request.url = request.originalUrl = rest.startsWith("/") ? rest : `/${rest}`;
    }
    const [path = "", ...query] = request.url.split("?");
    let plain = path;
    if (basePath !== "" && (path === basePath || path.startsWith(`${basePath}/`))) plain = path.slice(basePath.length) || "/";
    if (/^\/fhir\/.*[^/]\/$/.test(plain)) plain = plain.slice(0, -1);
    if (plain !== path) request.url = [plain, ...query].join("?");
    next();
  };
}

/** The path of the address that others reach us by, without a slash at its end: empty for an origin. */
export function basePathOf(baseUrl: string): string {
  return new URL(baseUrl).pathname.replace(/\/+$/, "");
}

/**
 * The links of a page of ours, below the path of BASE_URL. Only attributes of tags are touched, in which text can't stand (`<`, `>` and quotes in it are escaped); a document's
 * own links never begin with a slash (narrative/attributes.ts).
 */
export function below(basePath: string, page: string): string {
  if (basePath === "") return page;
  return page.replace(/<(?:a|form|button|link|img|script)\s[^<>]*>/g, (tag) =>
    tag.replace(/(\s(?:href|action|formaction|src)=")(?=\/(?!\/))/g, `$1${basePath}`),
  );
}

/** The query of an address as it was sent. An address need not be one that `URL` can read: `//` is sent, too. */
export function queryIn(address: string): URLSearchParams {
  const at = address.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : address.slice(at + 1));
}
