/**
 * What an operator does with a document that is in the log: hold it (it must not be erased), release it, erase it. Each is an entry of the log. The entries about one document
 * stand in an order: each claims the next place in it, so that of two who act at once the second looks again.
 */
import { closeEnvelope, newDocumentKey, openEnvelope } from "../core/envelope.ts";
import { digestOf } from "../core/crypto/digest.ts";
import { AppError, readStored } from "../core/errors.ts";
import {
  CUSTODY_KINDS,
  formatCustodyLeaf,
  formatCustodyRecord,
  parseCustodyLeaf,
  parseCustodyRecord,
  type CustodyKind,
  type CustodyRecord,
  type ErasureReason,
} from "../core/formats/custody.ts";
import { erasureClaim, erasuresOf, finishErasure } from "./erasures.ts";
import type { DepositGate } from "./gate.ts";
import type { Ledger } from "./log/ledger.ts";
import { submissionsOf } from "./submissions.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, NewEntry, RecordStore } from "./store/record-store.ts";

/** A list of erasures that is kept apart from the record, so that an older copy of the record does not bring back what was erased. */
export interface ErasureList {
  /** Durable when it resolves; nothing happens when the document stands there already. `leaf`: that of the erasure's entry. */
  add(documentId: string, leaf: Uint8Array): Promise<void>;
  /** In the order in which they were added. */
  read(): Promise<readonly ListedErasure[]>;
}

export interface ListedErasure {
  readonly documentId: string;
  readonly leaf: Uint8Array;
}

export interface CustodyContext {
  readonly store: Pick<RecordStore, "entry" | "entriesAbout" | "evidence" | "claimed">;
  /** As they are kept, whatever the log says of erasures. */
  readonly documentKeys: DocumentKeys;
  readonly ledger: Pick<Ledger, "append">;
  readonly gate: Pick<DepositGate, "admit">;
  readonly erasures: ErasureList;
  newId(): string;
}

/** What is to be done, why and by whom. */
export interface CustodyOrder {
  readonly documentId: string;
  readonly by: string;
  readonly text: string;
}

/** The entry that says it, and whether it stood in the log before. */
export interface CustodyResult {
  readonly entry: LogEntry;
  readonly isNew: boolean;
}

/** One thing that was done with a document. */
export interface CustodyEvent {
  readonly entry: LogEntry;
  readonly kind: CustodyKind;
}

/** How a document stands: the hold it is under, the erasure that ended it, and how many things were done with it. */
export interface CustodyState {
  readonly hold: LogEntry | undefined;
  readonly erasure: LogEntry | undefined;
  readonly count: number;
}

const ATTEMPTS = 20;

/** The custody of a document. AppError `not-found` when there is none. */
export async function custodyOf(documentId: string, store: Pick<RecordStore, "entry" | "entriesAbout">): Promise<CustodyState> {
  if ((await store.entry(documentId))?.kind !== "deposit") throw new AppError("not-found", `There is no document ${documentId} here.`);
  const events = (await store.entriesAbout(documentId)).flatMap(eventOf);
  const last = events.findLast(({ kind }) => kind !== "erasure");
  return {
    hold: last?.kind === "hold" ? last.entry : undefined,
    erasure: events.find(({ kind }) => kind === "erasure")?.entry,
    count: events.length,
  };
}

/** Puts a document under a legal hold. AppError `gone` when it was erased. */
export function holdDocument(order: CustodyOrder, using: CustodyContext): Promise<CustodyResult> {
  return enter("hold", order, using, ({ hold, erasure }) => {
    refuseErased(order, erasure);
    return hold;
  });
}

/** Ends a legal hold. AppError `conflict` when there is none. */
export function releaseDocument(order: CustodyOrder, using: CustodyContext): Promise<CustodyResult> {
  return enter("release", order, using, ({ hold, erasure }) => {
    refuseErased(order, erasure);
    if (hold === undefined) throw new AppError("conflict", `document ${order.documentId} is under no legal hold`);
    return undefined;
  });
}

/**
 * Erases a document: enters it in the log, then in the list that is kept apart, then destroys the key. After a crash on the way it is run again, or finished by whoever
 * meets the key.
 *
 * @throws AppError `conflict` while it is under a legal hold.
 */
export async function eraseDocument(order: CustodyOrder & { readonly reason: ErasureReason }, using: CustodyContext): Promise<CustodyResult> {
  const { documentId } = order;
  const result = await enter("erasure", order, using, ({ hold, erasure }) => {
    if (erasure === undefined && hold !== undefined)
      throw new AppError("conflict", `document ${documentId} is under a legal hold since ${hold.receivedAt} (entry ${hold.index}): release it first`);
    return erasure;
  });
  await using.erasures.add(documentId, result.entry.leaf);
  // Also when the key is gone: an earlier run may have been interrupted before nothing of it was left.
  for (const id of [documentId, ...(await submissionsOf(documentId, using.store))]) await using.documentKeys.destroy(id);
  return result;
}

/**
 * Erases anew what the list says was erased and the log does not know of: the record was put back from an older copy. What cannot be entered, because the log is halted, loses its
 * key all the same, before anybody reads it. Gives how many documents that were.
 */
export async function applyErasures(using: CustodyContext): Promise<number> {
  let count = 0;
  for (const { documentId, leaf } of await using.erasures.read()) {
    if ((await using.store.entry(documentId))?.kind !== "deposit") continue;
    const { erasure } = await custodyOf(documentId, using.store);
    for (const id of [documentId, ...(await submissionsOf(documentId, using.store))]) await finishErasure(id, using.documentKeys);
    if (erasure !== undefined) continue;
    count++;
    const { at, reason = "other" } = parseCustodyLeaf(leaf);
    const order = { documentId, reason, by: "the list of erasures", text: `erased on ${at}; an older copy of the record had brought it back` };
    // While nothing can be entered, the next start does it.
    await enter("erasure", order, using, (state) => state.erasure).catch(() => undefined);
  }
  return count;
}

/** Who did it, and why. AppError `damaged`; undefined when the entry's own key is gone. */
export async function custodyRecordOf(
  entry: LogEntry,
  { store, documentKeys }: Pick<CustodyContext, "store"> & { readonly documentKeys: Pick<DocumentKeys, "read"> },
): Promise<CustodyRecord | undefined> {
  const key = await documentKeys.read(entry.id);
  if (key === undefined) return undefined;
  return openCustodyRecord(entry, await store.evidence(entry.id), key);
}

/** The record of an entry, of what is kept of it. AppError `damaged`. */
export function openCustodyRecord(entry: Pick<LogEntry, "id" | "leaf">, evidence: Uint8Array | undefined, key: Uint8Array): CustodyRecord {
  if (evidence === undefined) throw new AppError("damaged", `the record of entry ${entry.id} is missing`);
  const text = new TextDecoder().decode(openEnvelope(evidence, key, "evidence", entry.id));
  const { recordDigest } = readStored(`the leaf of entry ${entry.id}`, () => parseCustodyLeaf(entry.leaf));
  if (digestOf(text) !== recordDigest)
    throw new AppError("damaged", `the record of entry ${entry.id} is not what was committed: its digest differs from the one in the log`);
  return readStored(`the record of entry ${entry.id}`, () => parseCustodyRecord(text));
}

/** Enters it, unless `before` names the entry that says it already. */
async function enter(
  kind: CustodyKind,
  order: CustodyOrder & { readonly reason?: string },
  using: CustodyContext,
  before: (state: CustodyState) => LogEntry | undefined,
): Promise<CustodyResult> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await custodyOf(order.documentId, using.store);
    const known = before(state);
    if (known) return { entry: known, isNew: false };
    const at = (await using.gate.admit(new Date())).toISOString();
    const ends = kind === "erasure" ? await unfinished(order.documentId, using.store) : [];
    const entered = await using.ledger.append([await custodyEntry(kind, order, { at, place: state.count, ends }, using)]);
    if (entered.kind === "stored") return { entry: entered.entries[0], isNew: true };
  }
  throw new AppError("unavailable", "others were quicker too often; try again");
}

/** Submissions of a document that no erasure has ended yet: what is kept of one tells of each of its documents. */
async function unfinished(documentId: string, store: Pick<RecordStore, "claimed">): Promise<string[]> {
  const all = await submissionsOf(documentId, store);
  const ended = await erasuresOf(all, store);
  return all.filter((id) => !ended.has(id));
}

async function custodyEntry(
  kind: CustodyKind,
  { documentId, by, text, reason }: CustodyOrder & { readonly reason?: string },
  { at, place, ends }: { readonly at: string; readonly place: number; readonly ends: readonly string[] },
  { documentKeys, newId }: CustodyContext,
): Promise<NewEntry> {
  const id = newId();
  const { record, digest } = formatCustodyRecord({ id, by, text });
  const key = newDocumentKey();
  await documentKeys.wrap(id, key);
  const none = new Uint8Array();
  return {
    id,
    kind,
    documentId,
    receivedAt: at,
    leaf: formatCustodyLeaf({ kind, id, document: documentId, at, recordDigest: digest, ...(reason !== undefined && { reason }) }),
    claims: [`custody:${documentId}:${place}`, ...(kind === "erasure" ? [documentId, ...ends].map(erasureClaim) : [])].map((key) => ({
      key,
      value: none,
    })),
    evidence: closeEnvelope(new TextEncoder().encode(record), key, "evidence", id),
  };
}

function refuseErased({ documentId }: CustodyOrder, erasure: LogEntry | undefined): void {
  if (erasure !== undefined) throw new AppError("gone", `document ${documentId} was erased (entry ${erasure.index})`);
}

function eventOf(entry: LogEntry): CustodyEvent[] {
  const kind = CUSTODY_KINDS.find((name) => name === entry.kind);
  return kind === undefined ? [] : [{ entry, kind }];
}
