/** Whether an address that an owner gave may be called at all: so that what never could be is refused when it is asked for. To where its name leads is looked at when it is called. */
import { AppError } from "../core/errors.ts";
import { callbackLookup, type CallbackAllow } from "../security/issuers/reach.ts";

/** Names that lead nowhere outside (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/i;

/** What is wrong with it, in words for its owner; undefined when nothing is. https, or http where the operator names what is called. */
export function endpointFault(text: string, allow: CallbackAllow): string | undefined {
  const url = URL.parse(text);
  if (!url || text.includes("#")) return "It must be an https address, without a fragment.";
  if (PRIVATE_NAME.test(url.hostname) && !allow.hosts.has(url.hostname.toLowerCase()) && allow.addresses.rules.length === 0)
    return "It lies in a private network, in which nothing is called.";
  try {
    callbackLookup(url, allow);
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === "unavailable") return `${error.message.replace(/^./, (letter) => letter.toUpperCase())}.`;
    throw error;
  }
}
