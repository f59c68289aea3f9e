/** What named proxies say of the client: believed by the address of their connection alone, whatever anybody writes into headers. */
import { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP, isIPv6, type BlockList } from "node:net";

export interface Proxies {
  readonly addresses: BlockList;
  /** Header, in lower case, in which they pass the client certificate; undefined: they pass none. */
  readonly certificateHeader: string | undefined;
}

/** Longer is no certificate. */
const LONGEST_CERTIFICATE = 16_384;

/** The address of the client: of the connection, or, where that is a named proxy's, the last before the proxies that it names in `X-Forwarded-For`. */
export function clientAddressOf(request: IncomingMessage, proxies: Proxies | undefined): string {
  const peer = plainAddress(request.socket.remoteAddress ?? "");
  if (!proxies || !isNamed(peer, proxies)) return peer;
  const hops = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
  for (const hop of hops.reverse()) {
    const address = plainAddress(hop.trim());
    // Behind what is no address nobody's word is known.
    if (isIP(address) === 0) return peer;
    if (!isNamed(address, proxies)) return address;
  }
  return peer;
}

/** The certificate that a named proxy passes; undefined when there is none, or the connection is nobody's whom we know. */
export function certificateFromProxy(request: IncomingMessage, proxies: Proxies | undefined): X509Certificate | undefined {
  if (!proxies?.certificateHeader || !isNamed(plainAddress(request.socket.remoteAddress ?? ""), proxies)) return undefined;
  const name = proxies.certificateHeader;
  const values = request.rawHeaders.flatMap((header, at) =>
    at % 2 === 0 && header.toLowerCase() === name ? [request.rawHeaders[at + 1] ?? ""] : [],
  );
  const [value, ...more] = values;
  // Of two, one may be the client's own.
  if (value === undefined || more.length > 0 || value.length > LONGEST_CERTIFICATE) return undefined;
  return certificateIn(value.trim());
}

/** RFC 9440: base64 of DER between colons; else PEM, URL-encoded as nginx does. */
function certificateIn(value: string): X509Certificate | undefined {
  try {
    const [, der] = /^:([A-Za-z0-9+/]+=*):$/.exec(value) ?? [];
    if (der !== undefined) return new X509Certificate(Buffer.from(der, "base64"));
    const pem = decodeURIComponent(value);
    return /^-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(pem) ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

function isNamed(address: string, { addresses }: Proxies): boolean {
  return isIP(address) !== 0 && addresses.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** IPv4 as it is written where a socket takes both. */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
