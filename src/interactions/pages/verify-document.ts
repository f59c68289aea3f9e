import type { Asked } from "../../core/asked.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { AppError } from "../../core/errors.ts";
import { parseDepositRecord } from "../../core/formats/deposit-record.ts";
import { uuidIn } from "../../core/formats/fields.ts";
import type { SignerTrust } from "../../core/signatures/signer-trust.ts";
import type { TlogPolicy } from "../../core/formats/tlog-policy.ts";
import { formatTrust, trustOf } from "../../core/formats/trust.ts";
import { damaged, reportOf, type VerificationCheck, type VerificationReport } from "../../pipeline/verify/report.ts";
import { isPdf } from "../../pipeline/verify/verify-pdf.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { Held, Reader } from "../../reader/reader.ts";

/** What a verification of a stored document works with. */
export interface VerifyNeeds extends Omit<SignerTrust, "source"> {
  readonly reader: Pick<Reader, "document">;
  readonly keys: Pick<Keys, "log" | "sealCertificates">;
  readonly witnesses?: TlogPolicy | undefined;
  readonly work: Work;
}

/**
 * Verifies what is stored, by the same means as an auditor does offline. A document that was altered in the store is a failed verification, not an error.
 *
 * @throws AppError `not-found`, `gone`.
 */
export async function verifyDocument(asked: Asked, id: string, using: VerifyNeeds): Promise<VerificationReport> {
  try {
    const held = await using.reader.document(id, asked);
    const [{ bytes }, receipt, fault] = await Promise.all([held.original(), held.receipt(), faultOf(held.laterSeal)]);
    const request = { bytes, receipt: utf8(receipt), trust: ownTrust(using), record: utf8(held.evidence.deposit), isOwnTrust: true };
    const report = await using.work.do("verify", request, { bytes: bytes.length });
    return fault === undefined ? report : reportOf([...report.checks, fault], report.signatures);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    return reportOf([{ name: "content", result: "fail", text: `What is stored is not what was deposited: ${error.message}` }]);
  }
}

/** An XML seal that is damaged is no part of the receipt, and says nothing of the document itself. */
async function faultOf(laterSeal: Held["laterSeal"]): Promise<VerificationCheck | undefined> {
  try {
    await laterSeal();
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    return damaged(
      "seal",
      `What is stored of the XML seal is not what was made: ${error.message.replace(/\.$/, "")}. The document is proved without it: by the seal of its deposit.`,
    );
  }
}

/** What somebody holds: a document or a PDF, and what they have beside it. */
export interface HeldFile {
  readonly bytes: Uint8Array;
  readonly receipt: Uint8Array | undefined;
  /** Undefined: whoever asks here trusts this repository, and its own trust file is taken. */
  readonly trust: Uint8Array | undefined;
  readonly record?: Uint8Array | undefined;
}

/** What verifies a file that somebody holds. */
export interface HeldVerifying {
  readonly work: Work;
  /** The trust file that counts where none comes along; undefined: there is none. */
  ownTrust(): Uint8Array | undefined;
}

/** By the trust file of this repository. */
export function byOwnTrust(using: Omit<VerifyNeeds, "reader">): HeldVerifying {
  return { work: using.work, ownTrust: () => ownTrust(using) };
}

/** Verifies a file that was sent, by the same means; nothing of it is kept, and nothing is looked up. */
export function verifyHeldFile(_asked: Asked, { bytes, receipt, trust, record }: HeldFile, using: HeldVerifying): Promise<VerificationReport> {
  const held = { bytes, receipt, record, trust: trust ?? using.ownTrust(), isOwnTrust: trust === undefined };
  // However small a PDF is, the document within it may be as large as any that is taken out; and a receipt may be as large as a document.
  const weight = Math.max(bytes.length, isPdf(bytes) ? HEAVIEST : 0) + [receipt, trust, record].reduce((sum, file) => sum + (file?.length ?? 0), 0);
  return using.work.do("verify", held, { bytes: weight, handOver: [bytes] });
}

/** Below the limit of a thread that stays (`work/worker-work.ts`). */
const HEAVIEST = 8_000_000;

function ownTrust({
  keys,
  signers,
  timeAuthorities,
  revocations,
  needsRevocation,
  parties,
  witnesses,
}: Omit<VerifyNeeds, "reader" | "work">): Uint8Array {
  return utf8(formatTrust(trustOf(keys, signers, timeAuthorities, { revocations, needsRevocation, parties, witnesses })));
}

/** `receipt`: as the file that an auditor keeps; `tlog-proof`: c2sp.org/tlog-proof. */
export type ProofForm = "receipt" | "tlog-proof";

/** What proves that the log has a document. AppError `not-found`, `gone`, `damaged`. */
export async function readProof(asked: Asked, id: string, form: ProofForm, { reader }: Pick<VerifyNeeds, "reader">): Promise<string> {
  const held = await reader.document(id, asked);
  return form === "receipt" ? held.receipt() : held.tlogProof();
}

/**
 * The deposit record of a document, as the text that the leaf has the digest of. One that came with others (IHE MHD) names them: who may not know of them is not given it, since it is whole or nothing.
 *
 * @throws AppError `not-found`, `gone`, `damaged`, `forbidden`.
 */
export async function readDepositRecord(
  asked: Asked,
  id: string,
  { reader }: { readonly reader: Pick<Reader, "document" | "mayName"> },
): Promise<string> {
  const { evidence } = await reader.document(id, asked);
  const { submitted } = parseDepositRecord(evidence.deposit);
  const places = submitted?.places.map(({ place }) => uuidIn(place)) ?? [];
  for (const other of new Set(places))
    if (other !== undefined && other !== id && !(await reader.mayName(asked, { id: other })))
      throw new AppError("forbidden", "Its deposit record tells of other documents that came with it, which you may not know of.");
  return evidence.deposit;
}
