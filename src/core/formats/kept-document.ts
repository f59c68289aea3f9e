import type { Keys } from "../crypto/keys.ts";
import { closeEnvelope, newDocumentKey, openEnvelope } from "../crypto/envelope.ts";
import { AppError } from "../errors.ts";
import { parseDepositRecord, type DepositRecord } from "./deposit-record.ts";
import { formatEvidence, parseEvidence, type Evidence } from "./evidence.ts";

/** A document as the store keeps it: unreadable without its key, which is unreadable without the master key. */
export interface KeptDocument {
  readonly id: string;
  readonly encryptedContent: Uint8Array;
  readonly encryptedEvidence: Uint8Array;
  readonly wrappedKey: Uint8Array;
}

/** The same, opened. */
export interface OpenedDocument {
  /** The bytes as they were submitted. */
  readonly bytes: Uint8Array;
  readonly evidence: Evidence;
  readonly deposit: DepositRecord;
}

/** Encrypts a document's bytes and its evidence under a fresh key of its own. */
export async function keepDocument(id: string, bytes: Uint8Array, evidence: Evidence, keys: Pick<Keys, "wrap">): Promise<KeptDocument> {
  const key = newDocumentKey();
  return {
    id,
    encryptedContent: closeEnvelope(bytes, key, "content", id),
    encryptedEvidence: closeEnvelope(new TextEncoder().encode(formatEvidence(evidence)), key, "evidence", id),
    wrappedKey: await keys.wrap(key, id),
  };
}

/** Opens what `keepDocument` closed. AppError `damaged` when anything of it was altered. */
export async function openKeptDocument(kept: KeptDocument, keys: Pick<Keys, "unwrap">): Promise<OpenedDocument> {
  const key = await keys.unwrap(kept.wrappedKey, kept.id);
  return { bytes: openEnvelope(kept.encryptedContent, key, "content", kept.id), ...openEvidence(kept, key) };
}

/** Opens the evidence alone. AppError `damaged`. */
export async function openKeptEvidence(
  kept: Omit<KeptDocument, "encryptedContent">,
  keys: Pick<Keys, "unwrap">,
): Promise<Omit<OpenedDocument, "bytes">> {
  return openEvidence(kept, await keys.unwrap(kept.wrappedKey, kept.id));
}

function openEvidence(kept: Omit<KeptDocument, "encryptedContent">, key: Uint8Array): Omit<OpenedDocument, "bytes"> {
  const text = Buffer.from(openEnvelope(kept.encryptedEvidence, key, "evidence", kept.id)).toString("utf8");
  try {
    const evidence = parseEvidence(text);
    return { evidence, deposit: parseDepositRecord(evidence.deposit) };
  } catch (cause) {
    throw new AppError("damaged", `the evidence of document ${kept.id} is in no form that we know`, { cause });
  }
}
