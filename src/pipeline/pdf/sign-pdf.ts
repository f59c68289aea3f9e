/** Puts the repository's signature into a finished PDF (PAdES baseline, ETSI EN 319 142-1). */
import { makeSignature, bytesNeededFor, type TimeStamper } from "../../core/cms/make-signature.ts";
import { subjectNameOf } from "../../core/crypto/certificate.ts";
import type { SealSigner } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { SignaturePlaceholder } from "./pdf-facts.ts";
import { signatureRanges, writeMoment } from "./signature-field.ts";

/** Who signs PDFs, and who says when. */
export interface PdfSigner {
  readonly seal: SealSigner;
  /** Undefined where no time-stamp authority is configured. */
  readonly stamp?: TimeStamper | undefined;
}

/** A PDF that was signed. */
export interface SignedPdf {
  readonly bytes: Uint8Array;
  /** B-T: with a time-stamp; B-B: the time is the signer's own word (ETSI EN 319 142-1). */
  readonly level: "B-T" | "B-B";
}

/** What a PDF must keep free for it. */
export function signaturePlaceholder({ seal, stamp }: PdfSigner): SignaturePlaceholder {
  const [certificate] = seal.chain;
  return { name: certificate ? subjectNameOf(certificate) : "unknown", length: bytesNeededFor(seal, stamp !== undefined) };
}

/**
 * Signs all of a file but the room of its signature. Without a time-stamp where none is to be had: a signature without one is true, and it says which it is.
 *
 * @param finished as finishPdf made it, with room; it is left as it is
 */
export async function signPdf(finished: Uint8Array, { seal, stamp }: PdfSigner, at: Date): Promise<SignedPdf> {
  const signed = Uint8Array.from(finished);
  const ranges = signatureRanges(signed);
  writeMoment(signed, ranges, at);
  const { encoded, isStamped } = await makeSignature([signed.subarray(0, ranges.from), signed.subarray(ranges.to)], seal, stamp);
  const digits = Buffer.from(encoded).toString("hex");
  if (digits.length > ranges.to - ranges.from - 2) throw new AppError("internal", "the PDF has no room for its signature");
  signed.set(Buffer.from(digits, "latin1"), ranges.from + 1);
  return { bytes: signed, level: isStamped ? "B-T" : "B-B" };
}
