/** The time-stamp of a PDF's signature: by when the signature was there, and who says so. Without trust in whoever says so, it proves nothing. */
import { checkTimeStamp, type TimeStamp } from "../../core/cms/check-time-stamp.ts";
import { assessStamp } from "../../core/cms/proven-time.ts";
import { SIGNATURE_LIMITS } from "../../core/crypto/signature-limits.ts";
import type { Trust } from "../../core/formats/trust.ts";
import type { VerificationCheck } from "./report.ts";

/** A line of the report, and the time if it is proven. */
export interface CheckedTime {
  readonly line: VerificationCheck;
  readonly provenAt?: Date;
}

/**
 * @param token RFC 3161
 * @param value the signature's, which it is to be about
 */
export async function checkTime(
  token: Uint8Array,
  value: Uint8Array,
  { claimedAt, trust }: { readonly claimedAt: Date | undefined; readonly trust: Trust | undefined },
): Promise<CheckedTime> {
  const judged = await assessStamp(await checkTimeStamp(token, value), trust && (trust.timeAuthorities ?? []));
  if (judged.kind === "invalid") return told("fail", `The time-stamp does not fit the PDF's signature: ${judged.reason}.`);
  if (judged.kind === "unsupported") return told("not-made", `The time-stamp was not checked: ${judged.reason}.`);
  const { stamp, name } = judged;
  if (judged.kind === "claimed")
    return told("not-confirmed", `The time-stamp says ${momentOf(stamp)}, by ${name}, which proves nothing: ${judged.reason}.`);
  if (claimedAt !== undefined && claimedAt.getTime() - SIGNATURE_LIMITS.clockSkew > stamp.at.getTime())
    return told("fail", `The PDF says that it was signed later than ${name} had seen its signature: at ${momentOf(stamp)}.`);
  return {
    ...told("pass", `The PDF was signed by ${momentOf(stamp)} at the latest: ${name}, a time-stamp authority of the trust file, says so.`),
    provenAt: stamp.at,
  };
}

function momentOf({ at, accuracy }: TimeStamp): string {
  return `${at.toISOString()}${accuracy === undefined ? "" : ` (within ${accuracy} ms)`}`;
}

function told(result: VerificationCheck["result"], text: string): CheckedTime {
  return { line: { name: "pdf time", result, text } };
}
