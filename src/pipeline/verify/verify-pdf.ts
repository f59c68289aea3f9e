/**
 * The offline verifier of PDFs: whether the repository signed all of the file, and whether the document that it carries is what was deposited. The trust file that it carries
 * is not looked at: whoever made the PDF chose it.
 */
import { checkSignature } from "../../core/cms/check-signature.ts";
import type { Certificate } from "../../core/crypto/certificate.ts";
import { indexOfBytes } from "../../core/crypto/bytes.ts";
import { AppError } from "../../core/errors.ts";
import { PDF_FILE_LIMITS, PDF_FILES } from "../../core/formats/pdf-files.ts";
import { parseReceipt, type ProvenEntry } from "../../core/formats/receipt.ts";
import { parseTrust, type Trust } from "../../core/formats/trust.ts";
import { fileIn } from "../../core/pdf/files-in-pdf.ts";
import { latin1, latin1Bytes } from "../../core/pdf/latin1.ts";
import { PdfFile } from "../../core/pdf/pdf-file.ts";
import { signatureIn, type SignatureInPdf } from "../../core/pdf/signature-in-pdf.ts";
import { endingText, sealCertificateState, upheldText } from "../../core/signatures/seal.ts";
import { leadTrust, type LedTrust } from "./led-trust.ts";
import { checkTime } from "./pdf-time.ts";
import { fail, notMade, reportOf, type VerificationCheck, type VerificationReport } from "./report.ts";
import { ledText, unnamed } from "./seal-lines.ts";
import { verifyFile, type VerificationRequest } from "./verify-file.ts";

/** Ends of a file within it that are tried, when it cannot be read as a whole: a PDF of ours has one. */
const MOST_ENDS = 16;
const END = latin1Bytes("%%EOF\n");

/** Whether bytes are to be verified as a PDF. */
export function isPdf(bytes: Uint8Array): boolean {
  return latin1(bytes, 0, 5) === "%PDF-";
}

/** Verifies whatever somebody holds: a PDF, or a document. */
export function verifyHeld(request: VerificationRequest): Promise<VerificationReport> {
  return isPdf(request.bytes) ? verifyPdf(request) : verifyFile(request);
}

/** Verifies a PDF. Never throws for what the files hold: every fault is a line of the report. A receipt that was given takes the place of the one within. */
export async function verifyPdf(request: VerificationRequest): Promise<VerificationReport> {
  const file = await open(request.bytes);
  if (!(file instanceof PdfFile)) return reportOf([file]);
  const taken = await takeOut(file);
  const trust = trustIn(request.trust);
  const checks = await checkSigned(file, trust && (await leadTrust(trust, keyEntriesIn(request.receipt ?? taken.receipt))));
  if (!(taken.document instanceof Uint8Array)) return reportOf([...checks, taken.document]);
  const report = await verifyFile({ ...request, bytes: taken.document, receipt: request.receipt ?? taken.receipt });
  return reportOf([...checks, ...report.checks], report.signatures);
}

/** A file that cannot be read as one that was written at once is one of ours with something behind it, or none of ours. */
async function open(bytes: Uint8Array): Promise<PdfFile | VerificationCheck> {
  try {
    return PdfFile.open(bytes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (await beginsWithSigned(bytes)) return fail("pdf signature", "The PDF was changed after it was signed: something was added behind it.");
    return notMade("pdf", `The PDF cannot be read as one that was made here: ${error.message}.`);
  }
}

async function beginsWithSigned(bytes: Uint8Array): Promise<boolean> {
  for (let at = indexOfBytes(bytes, END), tries = 0; at >= 0 && tries < MOST_ENDS; at = indexOfBytes(bytes, END, at + 1), tries += 1) {
    try {
      const signature = signatureIn(PdfFile.open(bytes.subarray(0, at + END.length)));
      if (signature && (await checkSignature(signature.contents, signature.covered)).kind === "valid") return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return false;
}

async function checkSigned(file: PdfFile, led: LedTrust | undefined): Promise<VerificationCheck[]> {
  let signature: SignatureInPdf | undefined;
  try {
    signature = signatureIn(file);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [fail("pdf signature", `The PDF's signature is not one that holds: ${error.message}.`)];
  }
  if (!signature) return [notMade("pdf signature", "The PDF is not signed: nothing says that what it shows is what the repository showed.")];
  const checked = await checkSignature(signature.contents, signature.covered);
  if (checked.kind !== "valid") {
    const say = checked.kind === "invalid" ? fail : notMade;
    return [say("pdf signature", `The PDF's signature ${checked.kind === "invalid" ? "does not fit it" : "was not checked"}: ${checked.reason}.`)];
  }
  const { claimedAt } = signature;
  const told = claimedAt === undefined ? "at a time that it does not tell" : `at ${claimedAt.toISOString()}, as it says itself`;
  const time = checked.timeStamp && (await checkTime(checked.timeStamp, checked.value, { claimedAt, trust: led?.trust }));
  return [
    { name: "pdf signature", result: "pass", text: `The whole PDF is as it was signed, ${told}.` },
    certificateLine(checked.certificate, { claimedAt, provenAt: time?.provenAt }, led),
    ...(time ? [time.line] : []),
  ];
}

/** A time that somebody trusted proves stands before one that the signer says. */
interface SigningTime {
  readonly claimedAt: Date | undefined;
  readonly provenAt: Date | undefined;
}

function certificateLine(certificate: Certificate, { claimedAt, provenAt }: SigningTime, led: LedTrust | undefined): VerificationCheck {
  const name = "pdf certificate";
  // Of a time that is not told, nothing was valid then: whose the certificate is, is a question of its own.
  const standing = sealCertificateState(certificate, provenAt ?? claimedAt ?? new Date(Number.NaN), led?.trust.seals, {
    stampedAt: provenAt,
  });
  if (standing === "trusted") {
    const by = led?.ledBy(certificate);
    const way = by === undefined ? "" : ` ${ledText(by)}`;
    return {
      name,
      result: "pass",
      text: `The PDF was signed by the repository, whose certificate was valid then${upheldText(standing, certificate, led?.trust.seals, { stampedAt: provenAt })}.${way}`,
    };
  }
  const texts = {
    unknown:
      "Whether the repository signed the PDF was not checked: that takes a trust file (--trust) that you had before; the one within is not believed.",
    expired:
      provenAt !== undefined
        ? "The PDF's certificate is the repository's, but was not valid when the signature was time-stamped."
        : claimedAt === undefined
          ? "The PDF's certificate is the repository's, but the PDF does not say when it was signed."
          : "The PDF's certificate is the repository's, but was not valid when it says that it was signed.",
    followed: "The PDF's certificate is the repository's, but another key signed by then.",
    ended: `The PDF's certificate is the repository's, but nothing proves that it was signed before somebody else may have had the key${endingText("ended", certificate, led?.trust.seals)}.`,
    "not-trusted": unnamed("The PDF's certificate", certificate, led),
  };
  return { name, result: "not-confirmed", text: texts[standing] };
}

/** The document and its receipt as they lie within; a line instead of a document that cannot be taken out. */
async function takeOut(file: PdfFile): Promise<{ readonly document: Uint8Array | VerificationCheck; readonly receipt?: Uint8Array | undefined }> {
  try {
    const { json, xml, message } = PDF_FILES;
    const kinds: Awaited<ReturnType<typeof fileIn>>[] = [];
    for (const name of [json, xml, message]) kinds.push(await fileIn(file, name, PDF_FILE_LIMITS.document));
    const [document, second] = kinds.filter((bytes) => bytes !== undefined);
    if (second) return { document: fail("document", "The PDF holds two documents.") };
    if (!document) return { document: notMade("document", "The PDF holds no document: verify the one that it was made of, with its receipt.") };
    return { document, receipt: await fileIn(file, PDF_FILES.receipt, PDF_FILE_LIMITS.receipt) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { document: fail("document", `The document cannot be taken out of the PDF: ${error.message}.`) };
  }
}

/** A receipt that cannot be read is told by the verification of the document. */
function keyEntriesIn(bytes: Uint8Array | undefined): readonly ProvenEntry[] | undefined {
  try {
    return bytes && parseReceipt(new TextDecoder("utf-8", { fatal: true }).decode(bytes)).keyEntries;
  } catch {
    return undefined;
  }
}

/** A trust file that cannot be used is told by the verification of the document. */
function trustIn(bytes: Uint8Array | undefined): Trust | undefined {
  try {
    return bytes && parseTrust(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
