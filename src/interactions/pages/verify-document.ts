import type { Certificate } from "../../core/crypto/certificate.ts";
import type { Asked } from "../../core/asked.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { formatTrust, trustOf } from "../../core/formats/trust.ts";
import { reportOf, type VerificationReport } from "../../pipeline/verify/report.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { Reader } from "../../reader/reader.ts";

/** What a verification of a stored document works with. */
export interface VerifyNeeds {
  readonly reader: Pick<Reader, "original" | "receipt">;
  readonly keys: Pick<Keys, "log" | "sealCertificates">;
  /** Certificates of senders, or of authorities that vouch for them, that the operator trusts. */
  readonly signers: readonly Certificate[];
  readonly timeAuthorities?: readonly Certificate[] | undefined;
  readonly work: Work;
}

/**
 * Verifies what is stored, by the same means as an auditor does offline. A document that was altered in the store is a failed verification, not an error.
 *
 * @throws AppError `not-found`, `gone`.
 */
export async function verifyDocument(asked: Asked, id: string, using: VerifyNeeds): Promise<VerificationReport> {
  try {
    const [{ bytes }, receipt] = await Promise.all([using.reader.original(id, asked), using.reader.receipt(id, asked)]);
    const encoder = new TextEncoder();
    const trust = encoder.encode(formatTrust(trustOf(using.keys, using.signers, using.timeAuthorities)));
    return await using.work.do("verify", { bytes, receipt: encoder.encode(receipt), trust }, { bytes: bytes.length });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    return reportOf([{ name: "content", result: "fail", text: `What is stored is not what was deposited: ${error.message}` }]);
  }
}

/** The receipt of a document, as the file that an auditor keeps. AppError `not-found`, `gone`, `damaged`. */
export function readReceipt(asked: Asked, id: string, { reader }: Pick<VerifyNeeds, "reader">): Promise<string> {
  return reader.receipt(id, asked);
}
