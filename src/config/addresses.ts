/** Addresses of FHIR interfaces that an operator names. */
import { isIP, type BlockList } from "node:net";
import { Fault } from "./values.ts";

export function parseBase(text: string): URL | undefined | Fault {
  if (text === "") return undefined;
  const url = URL.parse(text);
  const isOne = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  return isOne ? url : new Fault("must be an http or https address without query, fragment, name and password");
}

/** Whether a host is called over plain http: loopback, and what is listed (CALLBACK_ALLOW). */
export function mayBePlain(hostname: string, { hosts, addresses }: { readonly hosts: ReadonlySet<string>; readonly addresses: BlockList }): boolean {
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  const version = isIP(host);
  if (host === "localhost" || host === "::1" || (version === 4 && host.startsWith("127."))) return true;
  return hosts.has(host) || (version !== 0 && addresses.check(host, version === 6 ? "ipv6" : "ipv4"));
}
