/**
 * A document on its way out: found, decrypted and held against its leaf, so that nothing altered is ever shown as what was deposited. It takes the record and the
 * document's key, and no index.
 */
import { AppError } from "../core/errors.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import { openKeptEvidence, type OpenedEvidence } from "../core/formats/kept-document.ts";
import type { Leaf } from "../core/formats/leaf.ts";
import { leafOf } from "./deposit-entry.ts";
import { erasedError, erasureOf } from "./erasures.ts";
import { alteredEvidence, evidenceOf, mediaTypeOf, openKept, readKept, type ClosedDocument, type OpeningRequest } from "./opening.ts";
import type { DocumentMediaType, LogPosition } from "./document-forms.ts";
import type { EntriesInLog } from "./log/entries-in-log.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, RecordStore, StoredProof } from "./store/record-store.ts";

/** What a proof is fetched with. */
export interface ProofContext {
  readonly store: Pick<RecordStore, "proof" | "claimed">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  /** Who holds its entry against the tree that the log signed. Whoever gives something away, or seals it, has one; without it a row is believed that fits the document's key. */
  readonly inLog?: Pick<EntriesInLog, "hold">;
}

/** What the submitted bytes are fetched with. */
export interface OriginalContext extends ProofContext {
  readonly store: Pick<RecordStore, "proof" | "claimed" | "content">;
  /** Who opens content; this thread itself when nobody else is named. */
  readonly openContent?: (request: OpeningRequest) => Promise<{ readonly bytes: Uint8Array }>;
}

/** What a document is fetched with. */
export interface FetchContext extends OriginalContext {
  readonly limits: ReadLimits;
  readonly definitions: Definitions;
}

/** What is told of a document without opening its content. */
export interface Proven extends OpenedEvidence {
  readonly entry: LogEntry;
  readonly position: LogPosition;
  /** What its leaf says. */
  readonly leaf: Leaf;
  readonly mediaType: DocumentMediaType;
  /** About how many bytes the content has. */
  readonly contentBytes: number;
}

/** The submitted bytes of a stored document, decrypted and found to be what its leaf says. */
export interface Original extends Proven {
  /** The bytes as they were submitted. */
  readonly bytes: Uint8Array;
}

/** A stored document of which the entry stands in the log, and all that is kept of it as it is kept: whoever opens it holds it against its leaf (`openClosed`). */
export interface Closed extends ClosedDocument {
  /** About how many bytes the content has. */
  readonly contentBytes: number;
}

/** The same whose content is not loaded yet. */
export interface Unloaded extends Pick<Closed, "leaf" | "contentBytes"> {
  /** AppErrors as of `closedOf`. */
  load(): Promise<Closed>;
}

/** The same, read. */
export interface Fetched extends Original {
  /** The Bundle as it was submitted. */
  readonly resource: JsonObject;
}

/** What deflating makes of documents, about. */
export const DEFLATED = 8;

/**
 * Fetches a document by its id.
 *
 * @throws AppError `not-found`, `gone` (erased), `damaged` (what is stored is not what was committed).
 */
export async function fetchDocument(id: string, using: FetchContext): Promise<Fetched> {
  const original = await fetchOriginal(id, using);
  return { ...original, resource: readKept(original, using.limits, using.definitions) };
}

/** Fetches the submitted bytes of a document, without reading them as a resource. AppErrors as above. */
export async function fetchOriginal(id: string, using: OriginalContext): Promise<Original> {
  return originalOf(await proofOf(id, using), using);
}

/** The submitted bytes of a document of which the proof was fetched. Its key is asked for again: it may have been erased since. AppErrors as above. */
export async function originalOf(proven: Proven, using: OriginalContext): Promise<Original> {
  const { id, submittedDigest: digest } = proven.leaf;
  const [documentKey, encryptedContent] = await Promise.all([using.documentKeys.read(id), using.store.content(id)]);
  if (documentKey === undefined) throw await keyless(id, using.store);
  if (encryptedContent === undefined) throw altered(id);
  const { bytes } = await (using.openContent ?? openKept)({ id, encryptedContent, documentKey, digest });
  return { ...proven, bytes };
}

/**
 * That a document is here, when it came and what proves it; its content, which may be large, is not loaded. An engine is waited for at every question: what does not
 * depend on one another's answer is asked together. AppErrors as above.
 */
export async function proofOf(id: string, { store, documentKeys, inLog }: ProofContext): Promise<Proven> {
  const [stored, read] = await Promise.all([store.proof(id), documentKeys.read(id)]);
  const { entry, evidence: encrypted, key, note } = await heldBy(id, stored, { key: read, store });
  const opened = openKeptEvidence(id, encrypted, key);
  const leaf = await leafInLog(entry, note, inLog);
  const position = { index: entry.index, treeSize: entry.treeSize, checkpoint: note };
  return { ...evidenceOf(leaf, opened), entry, position, leaf, mediaType: mediaTypeOf(opened.deposit), contentBytes: entry.contentBytes * DEFLATED };
}

/** A document for whoever opens it elsewhere: an engine is waited for once. AppErrors as above, but for what is found when it is opened. */
export async function closedOf(id: string, { store, documentKeys, inLog }: OriginalContext): Promise<Closed> {
  const [stored, key, encryptedContent] = await Promise.all([store.proof(id), documentKeys.read(id), store.content(id)]);
  const { entry, ...held } = await heldBy(id, stored, { key, store });
  const leaf = await leafInLog(entry, held.note, inLog);
  if (encryptedContent === undefined) throw altered(id);
  return { leaf, contentBytes: entry.contentBytes * DEFLATED, encryptedContent, encryptedEvidence: held.evidence, documentKey: held.key };
}

/** The same in two steps, for whoever has to know how large it is before it is loaded. AppErrors as above. */
export async function unloadedOf(id: string, { store, documentKeys, inLog }: OriginalContext): Promise<Unloaded> {
  const [stored, key] = await Promise.all([store.proof(id), documentKeys.read(id)]);
  const { entry, ...held } = await heldBy(id, stored, { key, store });
  const leaf = await leafInLog(entry, held.note, inLog);
  const contentBytes = entry.contentBytes * DEFLATED;
  return {
    ...{ leaf, contentBytes },
    load: async () => {
      const encryptedContent = await store.content(id);
      if (encryptedContent === undefined) throw (await documentKeys.read(id)) === undefined ? await keyless(id, store) : altered(id);
      return { leaf, contentBytes, encryptedContent, encryptedEvidence: held.evidence, documentKey: held.key };
    },
  };
}

/** What must be there of a document that was neither erased nor damaged. */
interface Held {
  readonly entry: LogEntry;
  readonly evidence: Uint8Array;
  readonly key: Uint8Array;
  /** The checkpoint of its commit. */
  readonly note: string;
}

async function heldBy(
  id: string,
  stored: StoredProof | undefined,
  { key, store }: { readonly key: Uint8Array | undefined; readonly store: Pick<RecordStore, "claimed"> },
): Promise<Held> {
  if (stored?.entry.kind !== "deposit") throw new AppError("not-found", `There is no document ${id} here.`);
  if (key === undefined) throw await keyless(id, store);
  const { entry, evidence, checkpoint } = stored;
  if (evidence === undefined) throw alteredEvidence(id);
  if (checkpoint === undefined)
    throw new AppError("damaged", `The log has no checkpoint of ${entry.treeSize} entries, which document ${id} was entered with.`);
  return { entry, evidence, key, note: checkpoint.note };
}

/** What the leaf says of the document that it is about. It is held against the log first of all, so that whoever watches is told of one that cannot even be read. */
async function leafInLog(entry: LogEntry, note: string, inLog: ProofContext["inLog"]): Promise<Leaf> {
  await inLog?.hold(entry, note);
  const leaf = leafOf(entry);
  if (leaf.id !== entry.id) throw alteredEvidence(entry.id);
  return leaf;
}

/** Without its key a document was erased, if the log says so; else the key was lost. */
async function keyless(id: string, store: Pick<RecordStore, "claimed">): Promise<AppError> {
  const erasure = await erasureOf(id, store);
  if (erasure !== undefined) return erasedError(id, erasure);
  return new AppError("damaged", `The key of document ${id} is lost: it is not there, and the log does not say that the document was erased.`);
}

function altered(id: string): AppError {
  return new AppError("damaged", `Document ${id} is not what was deposited: its digest differs from the one in the log.`);
}
