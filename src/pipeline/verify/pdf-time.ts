/** The time-stamp of a PDF's signature: by when the signature was there, and who says so. Without trust in whoever says so, it proves nothing. */
import { checkTimeStamp, type TimeStamp } from "../../core/cms/check-time-stamp.ts";
import { certificateState } from "../../core/crypto/certificate-path.ts";
import { FOR_TIME_STAMPS } from "../../core/crypto/path-rules.ts";
import { subjectNameOf } from "../../core/crypto/certificate.ts";
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
  const checked = await checkTimeStamp(token, value);
  if (checked.kind === "invalid") return told("fail", `The time-stamp does not fit the PDF's signature: ${checked.reason}.`);
  if (checked.kind === "unsupported") return told("not-made", `The time-stamp was not checked: ${checked.reason}.`);
  const { stamp } = checked;
  const name = subjectNameOf(stamp.chain[0]);
  const reason = await doubtOf(stamp, trust);
  if (reason !== undefined) return told("not-confirmed", `The time-stamp says ${momentOf(stamp)}, by ${name}, which proves nothing: ${reason}.`);
  if (claimedAt !== undefined && claimedAt.getTime() - SIGNATURE_LIMITS.clockSkew > stamp.at.getTime())
    return told("fail", `The PDF says that it was signed later than ${name} had seen its signature: at ${momentOf(stamp)}.`);
  return {
    ...told("pass", `The PDF was signed by ${momentOf(stamp)} at the latest: ${name}, a time-stamp authority of the trust file, says so.`),
    provenAt: stamp.at,
  };
}

/** Why nobody vouches for an authority; undefined when somebody does. */
async function doubtOf({ chain, at }: TimeStamp, trust: Trust | undefined): Promise<string | undefined> {
  if (trust === undefined) return "whether to believe it takes a trust file (--trust)";
  const { timeAuthorities = [] } = trust;
  const state = timeAuthorities.length === 0 ? "not-trusted" : await certificateState(chain, timeAuthorities, at, FOR_TIME_STAMPS);
  return state === "trusted" ? undefined : DOUBTS[state];
}

const DOUBTS = {
  "not-trusted": "the trust file names no time-stamp authority that vouches for it",
  expired: "its certificate, or one on the way to the trust file, was not valid then",
  forged: "its certificate was not issued by the authority that it names",
  refused: "its certificate leads to the trust file in a way that RFC 5280 does not allow",
  revoked: "its certificate, or one on the way to the trust file, was revoked",
  undecided: "there are too many ways from its certificate to the trust file, or it holds what is not known here",
} as const;

function momentOf({ at, accuracy }: TimeStamp): string {
  return `${at.toISOString()}${accuracy === undefined ? "" : ` (within ${accuracy} ms)`}`;
}

function told(result: VerificationCheck["result"], text: string): CheckedTime {
  return { line: { name: "pdf time", result, text } };
}
