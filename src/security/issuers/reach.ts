/** Which addresses are called that somebody else named: none in private networks, unless the operator said so. Looked at before anything is connected to. */
import { lookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { AppError } from "../../core/errors.ts";

/** What an operator lets be called in private networks (CALLBACK_ALLOW). */
export interface CallbackAllow {
  /** In lower case. */
  readonly hosts: ReadonlySet<string>;
  readonly addresses: BlockList;
}

/** Nothing. */
export const ALLOW_NOTHING: CallbackAllow = { hosts: new Set(), addresses: new BlockList() };

/** Networks that are not the public one (IANA, special-purpose address registries), with those that lead back into IPv4. */
const NOT_PUBLIC = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...[
    "::/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
  ],
];

const notPublic = listOf(NOT_PUBLIC);

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

/** Whether an address is of the public network. */
export function isPublicNetwork(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !notPublic.check(address, version === 6 ? "ipv6" : "ipv4");
}

/**
 * How a host is resolved that may be called: every address that its name has is looked at, and one of those very addresses is connected to, so that a name which says something else the next time gains nothing.
 *
 * @param own the host that the operator named itself, which may be anywhere
 * @throws AppError `unavailable` for an address in place of a name; by the lookup's own error for a name
 */
export function guardedLookup(url: URL, own: string, allow: CallbackAllow): LookupFunction {
  const isOwn = hostOf(url) === own.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return lookupAmong(url, (address) => isOwn || isAllowed(url, address, allow) || isPublicNetwork(address));
}

/** Gives every address of a name, as `lookup` of node:dns. */
export type ResolveAll = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The same for an address that a stranger gave, such as where a subscription's notifications go: https, or http where every address that is connected to is one that the operator lists.
 *
 * @throws AppError `unavailable` for an address that is not called, in words for whoever gave it
 */
export function callbackLookup(url: URL, allow: CallbackAllow, resolve: ResolveAll = lookup): LookupFunction {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new AppError("unavailable", "only https addresses are called");
  if (url.username !== "" || url.password !== "") throw new AppError("unavailable", "an address that is called has no user and no password in it");
  const isPlain = url.protocol === "http:";
  // A name may lead into a network that is listed: that is seen when it is resolved.
  if (isPlain && allow.hosts.size === 0 && allow.addresses.rules.length === 0) throw plainRefused();
  return lookupAmong(url, (address) => isAllowed(url, address, allow) || (!isPlain && isPublicNetwork(address)), {
    complaint: isPlain ? plainRefused : refused,
    resolve,
  });
}

function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
}

function isAllowed(url: URL, address: string, allow: CallbackAllow): boolean {
  return allow.hosts.has(hostOf(url)) || allow.addresses.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function lookupAmong(
  url: URL,
  mayBeCalled: (address: string) => boolean,
  { complaint = refused, resolve = lookup }: { readonly complaint?: () => AppError; readonly resolve?: ResolveAll } = {},
): LookupFunction {
  const host = hostOf(url);
  // Of an address nothing is looked up.
  if (isIP(host) !== 0 && !mayBeCalled(host)) throw complaint();
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [], 0);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => mayBeCalled(address))) return callback(complaint(), [], 0);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function plainRefused(): AppError {
  return new AppError("unavailable", "only https addresses are called, and http where CALLBACK_ALLOW names the host or its network");
}

function refused(): AppError {
  return new AppError("unavailable", "an address in a private network is called only where CALLBACK_ALLOW names it");
}
