/**
 * A document on its way out: found, decrypted and held against its leaf, so that nothing altered is ever shown as what was deposited. It takes the record and the
 * document's key, and no index.
 */
import { digestOf } from "../core/crypto/digest.ts";
import { AppError } from "../core/errors.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import type { DepositRecord } from "../core/formats/deposit-record.ts";
import { openKeptEvidence, type OpenedEvidence } from "../core/formats/kept-document.ts";
import { parseLeaf, type Leaf } from "../core/formats/leaf.ts";
import { erasedError, erasureOf } from "./erasures.ts";
import { openKept, readKept, type OpeningRequest } from "./opening.ts";
import type { FhirMediaType, LogPosition } from "./record.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, RecordStore } from "./store/record-store.ts";

/** What a proof is fetched with. */
export interface ProofContext {
  readonly store: Pick<RecordStore, "entry" | "evidence" | "checkpoint" | "claimed">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
}

/** What the submitted bytes are fetched with. */
export interface OriginalContext extends ProofContext {
  readonly store: Pick<RecordStore, "entry" | "evidence" | "checkpoint" | "claimed" | "content">;
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
  readonly mediaType: FhirMediaType;
  /** About how many bytes the content has. */
  readonly contentBytes: number;
}

/** The submitted bytes of a stored document, decrypted and found to be what its leaf says. */
export interface Original extends Proven {
  /** The bytes as they were submitted. */
  readonly bytes: Uint8Array;
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
  const { key, beside: content, ...proven } = await open(id, using, () => using.store.content(id));
  if (content === undefined) throw altered(id, "content");
  const opening = { id, encryptedContent: content, documentKey: key, digest: proven.leaf.submittedDigest };
  const { bytes } = await (using.openContent ?? openKept)(opening);
  return { ...proven, bytes };
}

/** That a document is here, when it came and what proves it; its content, which may be large, is not loaded. AppErrors as above. */
export async function proofOf(id: string, using: ProofContext): Promise<Proven> {
  const { key: _, beside: __, ...proven } = await open(id, using, () => Promise.resolve());
  return proven;
}

/**
 * What proves a document, and the key to its content. An engine is waited for at every question: what does not depend on one another's answer is asked together.
 *
 * @param beside what more is to be read of a document that is here and has its key
 */
async function open<Beside>(
  id: string,
  { store, documentKeys }: ProofContext,
  beside: () => Promise<Beside>,
): Promise<Proven & { readonly key: Uint8Array; readonly beside: Beside }> {
  const entry = await store.entry(id);
  if (entry?.kind !== "deposit") throw new AppError("not-found", `There is no document ${id} here.`);
  const key = await documentKeys.read(id);
  if (key === undefined) throw await keyless(id, store);
  const [encrypted, checkpoint, more] = await Promise.all([store.evidence(id), store.checkpoint(entry.treeSize), beside()]);
  if (encrypted === undefined) throw altered(id, "evidence");
  if (checkpoint === undefined)
    throw new AppError("damaged", `The log has no checkpoint of ${entry.treeSize} entries, which document ${id} was entered with.`);
  const { evidence, deposit } = openKeptEvidence(id, encrypted, key);
  const leaf = parseLeaf(entry.leaf);
  if (leaf.id !== id || digestOf(evidence.deposit) !== leaf.depositDigest) throw altered(id, "evidence");
  const position = { index: entry.index, treeSize: entry.treeSize, checkpoint: checkpoint.note };
  return {
    beside: more,
    entry,
    position,
    leaf,
    key,
    evidence,
    deposit,
    mediaType: mediaTypeOf(deposit),
    contentBytes: entry.contentBytes * DEFLATED,
  };
}

/** Without its key a document was erased, if the log says so; else the key was lost. */
async function keyless(id: string, store: Pick<RecordStore, "claimed">): Promise<AppError> {
  const erasure = await erasureOf(id, store);
  if (erasure !== undefined) return erasedError(id, erasure);
  return new AppError("damaged", `The key of document ${id} is lost: it is not there, and the log does not say that the document was erased.`);
}

function mediaTypeOf({ mediaType }: DepositRecord): FhirMediaType {
  return mediaType === "application/fhir+xml" ? "application/fhir+xml" : "application/fhir+json";
}

function altered(id: string, part: "content" | "evidence"): AppError {
  const what = part === "content" ? `Document ${id} is not what was deposited` : `The evidence of document ${id} is not what was committed`;
  return new AppError("damaged", `${what}: its digest differs from the one in the log.`);
}
