/** The signature of a PDF (ISO 32000-1 section 12.8): what it covers, and that this is the whole file but itself. */
import { toHex } from "../crypto/bytes.ts";
import { AppError } from "../errors.ts";
import { latin1 } from "./latin1.ts";
import type { PdfFile } from "./pdf-file.ts";
import { asArray, nameOf, PdfString, type PdfDictionary } from "./values.ts";

export interface SignatureInPdf {
  /** CMS, with zeros behind it. */
  readonly contents: Uint8Array;
  /** All bytes of the file in front of it and behind it. */
  readonly covered: readonly [Uint8Array, Uint8Array];
  /** When the signer says that it was made: the signature covers it. Undefined when it does not say so in UTC. */
  readonly claimedAt: Date | undefined;
}

/** The one signature of a file; undefined when there is none. AppError `malformed` when there are several, or it leaves something of the file uncovered. */
export function signatureIn(file: PdfFile): SignatureInPdf | undefined {
  const form = file.dictionary(file.catalog.get("/AcroForm"));
  const fields = asArray(file.resolve(form?.get("/Fields"))) ?? [];
  if (fields.length === 0) return undefined;
  const [field] = fields;
  const signature = file.dictionary(file.dictionary(field)?.get("/V"));
  if (fields.length > 1 || !signature) throw fault("it has other fields than one signature");
  if (nameOf(signature.get("/SubFilter")) !== "ETSI.CAdES.detached") throw fault("its signature is of another kind");
  const contents = signature.get("/Contents");
  const [start, before, behind, rest, ...more] = asArray(signature.get("/ByteRange")) ?? [];
  if (!(contents instanceof PdfString) || !isCount(before) || !isCount(behind) || !isCount(rest) || start !== 0 || more.length > 0)
    throw fault("its signature does not say what it covers");
  const { bytes } = file;
  // What is left out is the signature's own digits and nothing else, so that nothing can hide between two readings of the file.
  const gap = latin1(bytes, before, behind);
  const isWhole = before < behind && behind + rest === bytes.length;
  if (!isWhole || gap !== `<${toHex(contents.bytes)}>`) throw fault("its signature does not cover the whole file");
  return { contents: contents.bytes, covered: [bytes.subarray(0, before), bytes.subarray(behind)], claimedAt: momentOf(signature) };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function momentOf(signature: PdfDictionary): Date | undefined {
  const text = signature.get("/M");
  const [, ...digits] = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text instanceof PdfString ? latin1(text.bytes) : "") ?? [];
  const [year = 0, month = 0, ...others] = digits.map(Number);
  const moment = new Date(Date.UTC(year, month - 1, ...others));
  return digits.length === 0 || Number.isNaN(moment.getTime()) ? undefined : moment;
}

function fault(reason: string): AppError {
  return new AppError("malformed", reason);
}
