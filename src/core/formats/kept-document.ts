import { closeEnvelope, openEnvelope } from "../envelope.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { AppError } from "../errors.ts";
import { parseDepositRecord, type DepositRecord } from "./deposit-record.ts";
import { formatEvidence, parseEvidence, type Evidence } from "./evidence.ts";

/** A document as the record keeps it: unreadable without its key. */
export interface KeptDocument {
  readonly encryptedContent: Uint8Array;
  readonly encryptedEvidence: Uint8Array;
}

/** Its evidence, opened. */
export interface OpenedEvidence {
  readonly evidence: Evidence;
  readonly deposit: DepositRecord;
}

/** The whole of it, opened. */
export interface OpenedDocument extends OpenedEvidence {
  /** The bytes as they were submitted. */
  readonly bytes: Uint8Array;
}

/** Encrypts a document's bytes under its own key. */
export function closeContent(id: string, bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return closeEnvelope(bytes, key, "content", id);
}

/** Encrypts its evidence under the same key. */
export function closeEvidence(id: string, evidence: Evidence, key: Uint8Array): Uint8Array {
  return closeEnvelope(new TextEncoder().encode(formatEvidence(evidence)), key, "evidence", id);
}

/** The submitted bytes. AppError `damaged` when anything of what is kept was altered. */
export function openKeptContent(id: string, encryptedContent: Uint8Array, key: Uint8Array): Uint8Array {
  return openEnvelope(encryptedContent, key, "content", id);
}

/** Opens content and evidence. AppError `damaged` when anything of it was altered. */
export function openKeptDocument(id: string, { encryptedContent, encryptedEvidence }: KeptDocument, key: Uint8Array): OpenedDocument {
  return { bytes: openKeptContent(id, encryptedContent, key), ...openKeptEvidence(id, encryptedEvidence, key) };
}

/** Opens the evidence alone. AppError `damaged` when anything of it was altered. */
export function openKeptEvidence(id: string, encryptedEvidence: Uint8Array, key: Uint8Array): OpenedEvidence {
  const text = utf8Text(openEnvelope(encryptedEvidence, key, "evidence", id));
  try {
    const evidence = parseEvidence(text);
    return { evidence, deposit: parseDepositRecord(evidence.deposit) };
  } catch (cause) {
    throw new AppError("damaged", `the evidence of document ${id} is in no form that we know`, { cause });
  }
}
