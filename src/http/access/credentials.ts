import { createHash, type X509Certificate } from "node:crypto";
import type { Request } from "express";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate, Credentials } from "../../security/authentication/authenticator.ts";
import { queryIn } from "../addresses.ts";
import { certificateFromProxy, type Proxies } from "./proxies.ts";

/** What a request carries that may prove who sent it. `cookie`: the name of the session's. */
export function credentialsOf(
  request: Request,
  { proxies, cookie }: { readonly proxies: Proxies | undefined; readonly cookie: string },
): Credentials {
  return {
    authorization: headersNamed(request, "authorization"),
    hasTokenInQuery: queryIn(request.url).has("access_token"),
    session: cookieOf(request, cookie),
    certificate: certificateOf(request, proxies),
  };
}

/** One cookie; undefined when there is none, or more than one of that name: somebody may have slipped theirs in. */
export function cookieOf(request: Request, name: string): string | undefined {
  const pairs = headersNamed(request, "cookie").flatMap((header) => header.split(";"));
  const values = pairs.map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${name}=`));
  return values.length === 1 ? values[0]?.slice(name.length + 1) : undefined;
}

function headersNamed({ rawHeaders }: Request, name: string): string[] {
  return rawHeaders.flatMap((header, at) => (at % 2 === 0 && header.toLowerCase() === name ? [rawHeaders[at + 1] ?? ""] : []));
}

function certificateOf(request: Request, proxies: Proxies | undefined): ClientCertificate | undefined {
  const passed = certificateFromProxy(request, proxies);
  // The proxy checked whom it leads to; that it has not ended since is seen here.
  if (passed) return { thumbprint: thumbprintOf(passed), isTrusted: isValidNow(passed) };
  const socket = request.socket as Partial<TLSSocket>;
  const own = socket.getPeerX509Certificate?.();
  return own && { thumbprint: thumbprintOf(own), isTrusted: socket.authorized === true && isValidNow(own) };
}

function thumbprintOf({ raw }: X509Certificate): string {
  return createHash("sha256").update(raw).digest("base64url");
}

/** A connection may be kept for longer than its certificate holds. */
function isValidNow({ validFromDate, validToDate }: X509Certificate): boolean {
  const now = new Date();
  return validFromDate <= now && now <= validToDate;
}
