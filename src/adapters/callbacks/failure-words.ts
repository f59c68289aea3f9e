/** Why a call failed, in words for whoever named the address. Nothing of it tells to which address a name leads, or what the system said. */
import { AppError } from "../../core/errors.ts";

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name has no address",
  EAI_AGAIN: "its name cannot be resolved at this moment",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it closed the connection without an answer",
  EPIPE: "it closed the connection without an answer",
  ETIMEDOUT: "no connection came about in time",
  EHOSTUNREACH: "it cannot be reached",
  ENETUNREACH: "it cannot be reached",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself, and by nobody who is trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate leads to nobody who is trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate leads to nobody who is trusted (an intermediate certificate may be missing)",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate leads to nobody who is trusted (an intermediate certificate may be missing)",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate leads to nobody who is trusted (an intermediate certificate may be missing)",
  HPE_HEADER_OVERFLOW: "the head of its answer is too long",
};

/** @param time milliseconds that it had */
export function failureWords(error: unknown, time: number): string {
  // Of a name that is refused the lookup's own words.
  if (error instanceof AppError) return error.message;
  const { name, code = "" } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError" || name === "AbortError") return `it did not answer within ${Math.ceil(time / 1_000)} s`;
  const known = WORDS[code];
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) return "what it answers is not HTTP";
  if (code.startsWith("ERR_SSL") || code === "EPROTO") return "no TLS connection came about";
  return "it could not be called";
}
