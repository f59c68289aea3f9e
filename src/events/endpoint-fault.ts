/** Whether an address that an owner gave may be called at all: so that what never could be is refused when it is asked for. To where its name leads is looked at when it is called (security/issuers/reach.ts). */
import { isIP } from "node:net";
import { isPublicNetwork, type CallbackAllow } from "../security/issuers/reach.ts";

/** Names that lead nowhere outside (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/;

/** What is wrong with it, in words for its owner; undefined when nothing is. https, or http where the operator names what is called. */
export function endpointFault(text: string, allow: CallbackAllow): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || text.includes("#"))
    return "It must be an https address, without a name, a password and a fragment.";
  const host = url.hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  const version = isIP(host);
  if (allow.hosts.has(host) || (version !== 0 && allow.addresses.check(host, version === 6 ? "ipv6" : "ipv4"))) return undefined;
  if (url.protocol === "http:") return "It must be https: what is sent over plain http can be read on its way.";
  const isPrivate = version === 0 ? PRIVATE_NAME.test(host) : !isPublicNetwork(host);
  return isPrivate ? "It lies in a private network, in which nothing is called." : undefined;
}
