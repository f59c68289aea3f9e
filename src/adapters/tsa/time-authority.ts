/**
 * A time-stamp authority (RFC 3161) over HTTP. Nothing of its answer is believed: the token must be about what was asked, now, by a certificate that leads to one that the operator trusts. So
 * the way there need not be secret, and plain http, which most authorities speak, is as good.
 */
import { randomBytes } from "node:crypto";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { checkTimeStamp, type TimeStamp } from "../../core/cms/check-time-stamp.ts";
import { LARGEST_TOKEN, type TimeStamper } from "../../core/cms/make-signature.ts";
import { timeStampQuery, tokenIn } from "../../core/cms/time-stamp-messages.ts";
import { certificateState } from "../../core/crypto/certificate-path.ts";
import { FOR_TIME_STAMPS } from "../../core/crypto/path-rules.ts";
import type { Certificate } from "../../core/crypto/certificate.ts";
import { equalBytes, hashOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";

export interface TimeAuthorityLimits {
  /** Milliseconds from question to answer. */
  readonly time: number;
  /** Milliseconds after a failure in which it is not asked again, so that not everybody waits for it. */
  readonly rest: number;
  /** By how many milliseconds its clock and ours may differ. */
  readonly skew: number;
}

export const TIME_AUTHORITY_LIMITS: TimeAuthorityLimits = { time: 5_000, rest: 30_000, skew: 300_000 };

export interface TimeAuthorityOptions {
  readonly url: string;
  /** Its certificate, or those of authorities that vouch for it. */
  readonly anchors: readonly Certificate[];
  /** An object identifier in dots; undefined: the authority's own choice. */
  readonly policy?: string | undefined;
  readonly limits?: Partial<TimeAuthorityLimits> | undefined;
  /** By what it is asked; SHA-256 where nothing is said. */
  readonly hash?: "sha256" | "sha512" | undefined;
  /** Told why there is no stamp; once for each question that was asked. */
  onFault(reason: string): void;
}

/** The bytes around a token: status, lengths, words. */
const AROUND = 1_000;

/** Asks the authority; what fails is told, and gives no stamp. */
export function openTimeAuthority({ url, anchors, policy, limits: given, hash = "sha256", onFault }: TimeAuthorityOptions): TimeStamper {
  const limits = { ...TIME_AUTHORITY_LIMITS, ...given };
  let restsUntil = -Infinity;
  return async (stamped) => {
    if (performance.now() < restsUntil) return undefined;
    const nonce = newNonce();
    try {
      const token = tokenIn(await ask(url, timeStampQuery(hashOf(hash, stamped), nonce, policy, hash), limits));
      if (typeof token === "string") throw new AppError("unavailable", token);
      if (token.length > LARGEST_TOKEN) throw new AppError("unavailable", "its token is larger than there is room for");
      const checked = await checkTimeStamp(token, stamped);
      if (checked.kind !== "valid") throw new AppError("unavailable", `its token cannot be used: ${checked.reason}`);
      await holdAgainst(checked.stamp, { anchors, nonce, policy, skew: limits.skew });
      return token;
    } catch (error) {
      restsUntil = performance.now() + limits.rest;
      onFault(error instanceof AppError ? error.message : "it could not be asked");
      return undefined;
    }
  };
}

/** Eight bytes, the first of them neither 0 nor above 127: nobody writes them otherwise than they are. */
function newNonce(): Uint8Array {
  const nonce = new Uint8Array(randomBytes(8));
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  return nonce;
}

/** What only whoever asked can say of a token. */
async function holdAgainst(
  stamp: TimeStamp,
  asked: { readonly anchors: readonly Certificate[]; readonly nonce: Uint8Array; readonly policy: string | undefined; readonly skew: number },
): Promise<void> {
  const complain = (reason: string): never => {
    throw new AppError("unavailable", `its token cannot be used: ${reason}`);
  };
  if (!stamp.nonce || !equalBytes(stamp.nonce, asked.nonce)) complain("it answers another question");
  if (asked.policy !== undefined && stamp.policy !== asked.policy) complain(`it was given under the policy ${stamp.policy}`);
  if (Math.abs(stamp.at.getTime() - Date.now()) > asked.skew) complain(`it is of ${stamp.at.toISOString()}, which is not now`);
  const state = await certificateState(stamp.chain, asked.anchors, stamp.at, FOR_TIME_STAMPS);
  if (state !== "trusted") complain(`its certificate is ${state === "expired" ? "not valid now" : "none that TSA_TRUST_FILE vouches for"}`);
}

async function ask(url: string, query: Uint8Array, { time }: TimeAuthorityLimits): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(time);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/timestamp-query", Accept: "application/timestamp-reply" },
      body: query as Uint8Array<ArrayBuffer>,
      redirect: "error",
      signal,
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new AppError("unavailable", `it answered ${answer.status}`);
    }
    const pieces = (answer.body ?? []) as AsyncIterable<Uint8Array>;
    return await boundedBytes(pieces, LARGEST_TOKEN + AROUND, "its answer is larger than a time-stamp may be");
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("unavailable", signal.aborted ? `it did not answer within ${time} ms` : "it could not be reached", { cause: error });
  }
}
