/**
 * What a time-stamp token (RFC 3161) proves, wherever it stands: beside a signature in CMS (RFC 3161 appendix A, over the signature's value), in an XML signature (XAdES SignatureTimeStamp, over the canonical
 * SignatureValue), in a JWS (JAdES sigTst, over the signature as it is written in base64url), in a PDF. That something was there is proved only by an authority that is trusted.
 */
import { derOf } from "../crypto/ber-to-der.ts";
import { certificateState } from "../crypto/certificate-path.ts";
import { FOR_TIME_STAMPS } from "../crypto/path-rules.ts";
import { subjectNameOf, type Certificate } from "../crypto/certificate.ts";
import { AppError } from "../errors.ts";
import type { CheckedTimeStamp, TimeStamp } from "./check-time-stamp.ts";

/** A token, and what it is to be about: bytes that are digested as they are. */
export interface TimeClaim {
  readonly token: Uint8Array;
  readonly over: Uint8Array;
}

export type AssessedTime =
  | { readonly kind: "proven"; readonly stamp: TimeStamp; readonly name: string }
  /** The token is whole, and nobody vouches for its authority. */
  | { readonly kind: "claimed"; readonly stamp: TimeStamp; readonly name: string; readonly reason: string }
  | Exclude<CheckedTimeStamp, { kind: "valid" }>;

/** A token in DER; what cannot be read is left to whoever checks it. */
export function derOrAsItIs(token: Uint8Array): Uint8Array {
  try {
    return derOf(token);
  } catch (error) {
    if (error instanceof AppError) return token;
    throw error;
  }
}

/** Judges a token that was checked. */
export async function assessStamp(checked: CheckedTimeStamp, authorities: readonly Certificate[] | undefined): Promise<AssessedTime> {
  if (checked.kind !== "valid") return checked;
  const { stamp } = checked;
  const name = subjectNameOf(stamp.chain[0]);
  const reason = await doubtOf(stamp, authorities);
  if (reason !== undefined) return { kind: "claimed", stamp, name, reason };
  return { kind: "proven", stamp, name };
}

/** Why nobody vouches for an authority; undefined when somebody does. */
async function doubtOf({ chain, at }: TimeStamp, authorities: readonly Certificate[] | undefined): Promise<string | undefined> {
  if (authorities === undefined) return "whether to believe it takes a trust file (--trust)";
  const state = authorities.length === 0 ? "not-trusted" : await certificateState(chain, authorities, at, FOR_TIME_STAMPS);
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
