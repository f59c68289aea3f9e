/**
 * The moment that a signature is judged at. What a signer's key protects, or a time-stamp proves, may lie in the past; the moment of receipt is a bound from above; what nothing protects
 * (Signature.when) is never asked.
 */
import type { TimeStamp } from "../cms/check-time-stamp.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { certificateState } from "../crypto/certificate-path.ts";
import { FOR_TIME_STAMPS } from "../crypto/path-rules.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

export interface DecisiveTime {
  /** At which the certificate must have been valid. */
  readonly moment: Date;
  /** By when the signature was there, whatever its signer says. */
  readonly existedBy: Date;
  /** `signed`: the signature covers it. `stamped`: a time-stamp authority says so. `received`: nothing earlier is known. */
  readonly basis: "signed" | "stamped" | "received";
  /** Whether the signature covers a time that cannot be: after it was there. */
  readonly isFuture: boolean;
}

/** What a signature may say of when it was made: a date and time with its zone (RFC 3339; XML Schema's dateTime). */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** The text where it is an instant; undefined where it tells none: without a zone it would be that of whoever reads it, and other words may stand in what engines take for a date. */
export function instantIn(text: string | undefined): string | undefined {
  return text !== undefined && INSTANT.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

/**
 * @param signedAt an instant that the signature covers, as it is written; one that cannot be read is none
 * @param stamps time-stamps of the signature's value, or of all that stands there, that are right in themselves: those whose authority nobody vouches for are passed over
 */
export async function decisiveTime(
  signedAt: string | undefined,
  stamps: readonly TimeStamp[],
  { receivedAt, timeAuthorities = [] }: { readonly receivedAt: Date; readonly timeAuthorities?: readonly Certificate[] | undefined },
): Promise<DecisiveTime> {
  let existedBy = receivedAt;
  for (const { at, chain } of stamps.slice(0, 2 * SIGNATURE_LIMITS.timeStamps))
    if (at < existedBy && (await certificateState(chain, timeAuthorities, at, FOR_TIME_STAMPS)) === "trusted") existedBy = at;
  const told = signedAt === undefined ? Number.NaN : Date.parse(signedAt);
  const isTold = !Number.isNaN(told);
  // Clocks differ.
  const isFuture = isTold && told > existedBy.getTime() + SIGNATURE_LIMITS.clockSkew;
  if (isTold && !isFuture) return { moment: new Date(told), existedBy, basis: "signed", isFuture };
  return { moment: existedBy, existedBy, basis: existedBy < receivedAt ? "stamped" : "received", isFuture };
}
