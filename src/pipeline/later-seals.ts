/** Seals that are made behind a deposit, as entries of the log: how they are found again, and made. */
import { randomUUID } from "node:crypto";
import { digestOf } from "../core/crypto/digest.ts";
import { utf8Text } from "../core/crypto/bytes.ts";
import { fromBase64 } from "../core/crypto/base64.ts";
import type { TimeStamper } from "../core/cms/make-signature.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { closeEnvelope, openEnvelope } from "../core/envelope.ts";
import { AppError, readStored } from "../core/errors.ts";
import {
  formatLaterSealLeaf,
  formatLaterSealRecord,
  LATER_SEAL_KIND,
  parseLaterSealLeaf,
  parseLaterSealRecord,
  type LaterSeal,
} from "../core/formats/later-seal.ts";
import { makeXmlSeal } from "../core/signatures/xml-seal.ts";
import { erasureOf } from "./erasures.ts";
import { fetchOriginal, type Original, type OriginalContext } from "./fetch.ts";
import type { DepositGate } from "./gate.ts";
import type { Ledger } from "./log/ledger.ts";
import type { SealNotes } from "./sign/seal.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, NewEntry, RecordStore } from "./store/record-store.ts";

/** The claim of a document's XML seal: it has one, or it is said once that it has none. */
export function laterSealClaim(documentId: string): string {
  return `xml-seal:${documentId}`;
}

export interface LaterSealSource {
  readonly store: Pick<RecordStore, "claimed" | "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
}

/** The XML seal of a document, or why it has none; undefined while it was not made, and of a document that was erased. AppError `damaged`, `unavailable`. */
export async function laterSealOf(documentId: string, { store, documentKeys }: LaterSealSource): Promise<LaterSeal | undefined> {
  const claim = laterSealClaim(documentId);
  const entry = (await store.claimed([claim])).get(claim)?.entry;
  if (entry === undefined) return undefined;
  const [key, evidence] = await Promise.all([documentKeys.read(documentId), store.evidence(entry.id)]);
  return key && openLaterSeal(entry, evidence, key);
}

/** Why a receipt has no XML seal, where what is kept of it cannot be used. */
const DAMAGED = "what the repository keeps of it is damaged";

/** The same for who has use of a document without it: one that is damaged is none, and why is said, for it says nothing against the document. AppError `unavailable`. */
export function soundLaterSealOf(documentId: string, source: LaterSealSource): Promise<LaterSeal | undefined> {
  return laterSealOf(documentId, source).catch((error: unknown): LaterSeal => {
    if (error instanceof AppError && error.code === "damaged") return { none: DAMAGED };
    throw error;
  });
}

/** The seal of an entry, of what is kept of it; undefined for one of a form that is not known here. AppError `damaged`. */
export function openLaterSeal(entry: Pick<LogEntry, "id" | "leaf">, evidence: Uint8Array | undefined, key: Uint8Array): LaterSeal | undefined {
  if (evidence === undefined) throw new AppError("damaged", `the record of entry ${entry.id} is missing`);
  const text = utf8Text(openEnvelope(evidence, key, "evidence", entry.id));
  const leaf = readStored(`the leaf of entry ${entry.id}`, () => parseLaterSealLeaf(entry.leaf));
  if (digestOf(text) !== leaf.recordDigest)
    throw new AppError("damaged", `the record of entry ${entry.id} is not what was committed: its digest differs from the one in the log`);
  const { document, seal } = readStored(`the record of entry ${entry.id}`, () => parseLaterSealRecord(text));
  if (document !== leaf.document) throw new AppError("damaged", `the record of entry ${entry.id} is of another document than its leaf says`);
  return seal;
}

/** What an XML seal is over: base64 of SHA-256; or why a document cannot be written so. */
export type XmlDigest = { readonly digest: string } | { readonly none: string };

export interface XmlSealing extends OriginalContext {
  readonly store: RecordStore;
  readonly documentKeys: DocumentKeys;
  readonly ledger: Pick<Ledger, "append">;
  readonly gate: Pick<DepositGate, "admit">;
  readonly keys: Pick<Keys, "sealKeys">;
  /** Told by which key each was made. */
  readonly seals?: SealNotes | undefined;
  /** Reads a document and digests its canonical XML form, wherever that is done. */
  readonly digestOf: (original: Original) => Promise<XmlDigest>;
  /** Undefined where no time-stamp authority is configured. */
  readonly stamp?: TimeStamper | undefined;
}

/**
 * Enters the XML seal of a document in the log, or that it has none. Nothing happens when it is there already, or the document was erased: it may be done again, by anybody.
 * AppError `damaged` for a document that is not what was deposited: what is not true is never sealed; `unavailable`.
 */
export async function sealInXml(documentId: string, using: XmlSealing): Promise<void> {
  const { store, documentKeys, ledger, gate, keys, stamp } = using;
  const claim = laterSealClaim(documentId);
  if ((await store.claimed([claim])).has(claim)) return;
  const original = await fetchOriginal(documentId, using).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "gone") return undefined;
    throw error;
  });
  const found = original && (await using.digestOf(original));
  const key = await documentKeys.read(documentId);
  if (found === undefined || key === undefined) return;
  const at = await gate.admit(new Date());
  const signer = keys.sealKeys.signerAt(at);
  const seal =
    "none" in found ? found : { xades: await makeXmlSeal({ documentId, digest: fromBase64(found.digest) ?? new Uint8Array() }, signer, at, stamp) };
  const entry = sealEntry(documentId, seal, { at: at.toISOString(), key });
  using.seals?.sealed(entry.id, signer);
  // An erased document gets none: whoever erases it meanwhile moves the log's size, at which this is asked.
  await ledger.append([entry], async () => (await erasureOf(documentId, store)) === undefined);
}

function sealEntry(documentId: string, seal: LaterSeal, { at, key }: { readonly at: string; readonly key: Uint8Array }): NewEntry {
  const id = randomUUID();
  const { record, digest } = formatLaterSealRecord({ id, document: documentId }, seal);
  return {
    id,
    kind: LATER_SEAL_KIND,
    documentId,
    receivedAt: at,
    leaf: formatLaterSealLeaf({ id, document: documentId, at, recordDigest: digest }),
    claims: [{ key: laterSealClaim(documentId), value: new Uint8Array() }],
    evidence: closeEnvelope(new TextEncoder().encode(record), key, "evidence", id),
  };
}
