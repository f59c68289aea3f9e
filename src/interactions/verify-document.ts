import { AppError } from "../core/errors.ts";
import { formatTrust, trustOf } from "../core/formats/trust.ts";
import { fetchDocument, receiptOf } from "../pipeline/present.ts";
import { reportOf, type VerificationReport } from "../pipeline/verify/report.ts";
import { verifyFile } from "../pipeline/verify/verify-file.ts";
import type { InteractionContext } from "./context.ts";

/**
 * Verifies what is stored, by the same means as an auditor does offline. A document that was altered in the store is a failed verification, not an error.
 *
 * @throws AppError `not-found`, `gone`.
 */
export async function verifyDocument(id: string, context: InteractionContext): Promise<VerificationReport> {
  try {
    const fetched = await fetchDocument(id, context);
    const encoder = new TextEncoder();
    const trust = encoder.encode(formatTrust(trustOf(context.keys, context.signers)));
    return await verifyFile({ bytes: fetched.bytes, receipt: encoder.encode(receiptOf(fetched)), trust });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    return reportOf([{ name: "content", result: "fail", text: `What is stored is not what was deposited: ${error.message}` }]);
  }
}

/** The receipt of a document, as the file that an auditor keeps. AppError `not-found`, `gone`, `damaged`. */
export async function readReceipt(id: string, context: InteractionContext): Promise<string> {
  return receiptOf(await fetchDocument(id, context));
}
