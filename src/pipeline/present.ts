/**
 * The way out. A document is fetched, decrypted and held against its leaf, so that nothing altered is ever shown as what was deposited; then served as a
 * resource, or presented with what the repository knows about it.
 */
import { digestOf } from "../core/crypto/digest.ts";
import { checksOfSignaturesWithin } from "../core/crypto/document-signature.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { checkSeal, sealOfOther } from "../core/crypto/seal.ts";
import { AppError } from "../core/errors.ts";
import { fromBase64 } from "../core/crypto/base64.ts";
import { canonicalDocument } from "../core/fhir/canonical.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import { JsonObject, treeOf } from "../core/fhir/json/tree.ts";
import { STORED_READ_LIMITS } from "../core/fhir/read-limits.ts";
import { readResource } from "../core/fhir/read-resource.ts";
import type { DepositRecord } from "../core/formats/deposit-record.ts";
import type { Evidence } from "../core/formats/evidence.ts";
import { openKeptDocument, openKeptEvidence } from "../core/formats/kept-document.ts";
import { parseLeaf, type Leaf } from "../core/formats/leaf.ts";
import { formatReceipt } from "../core/formats/receipt.ts";
import type { FhirMediaType, LogPosition, ReadBack, SignatureCheck, Stored } from "./record.ts";
import type { PresentedDocument, Relation } from "./render/presented.ts";
import type { DocumentStore } from "./store/document-store.ts";
import { summarise } from "./summary.ts";

/** What the way out works with. */
export interface FetchContext {
  readonly store: Pick<DocumentStore, "read">;
  readonly keys: Pick<Keys, "unwrap">;
  /** Absolute address of our FHIR endpoint: for the summary of a document whose index rows are lost. */
  readonly fhirBase: string;
}

/** The submitted bytes of a stored document, decrypted and found to be what its leaf says. */
export interface Original {
  readonly stored: ReadBack;
  /** The bytes as they were submitted, and their media type. */
  readonly bytes: Uint8Array;
  readonly mediaType: FhirMediaType;
  readonly leaf: Leaf;
  readonly deposit: DepositRecord;
  readonly evidence: Evidence;
}

/** The same, read. */
export interface Fetched extends Original {
  readonly stored: Stored;
  /** False when its index rows are lost: what other documents say of it is then not known. */
  readonly isIndexed: boolean;
  /** The Bundle as it was submitted. */
  readonly resource: JsonObject;
}

/**
 * Fetches a document by its id.
 *
 * @throws AppError `not-found`, `gone` (erased), `damaged` (what is stored is not what was committed).
 */
export async function fetchDocument(id: string, using: FetchContext): Promise<Fetched> {
  const original = await fetchOriginal(id, using);
  const { resource } = readResource(original.bytes, original.mediaType, STORED_READ_LIMITS);
  if (resource === undefined) throw new AppError("damaged", `Document ${id} can no longer be read as a resource.`);
  const { stored, leaf } = original;
  const summary = stored.summary ?? summarise(openDocument(resource), { id, receivedAt: new Date(leaf.receivedAt), fhirBase: using.fhirBase });
  return { ...original, stored: { ...stored, summary }, isIndexed: stored.summary !== undefined, resource };
}

/** Fetches the submitted bytes of a document, without reading them as a resource. AppErrors as above. */
export async function fetchOriginal(id: string, using: Omit<FetchContext, "fhirBase">): Promise<Original> {
  const stored = foundAs(id, await using.store.read(id));
  const { bytes, evidence, deposit } = await openKeptDocument(stored, using.keys);
  const leaf = parseLeaf(stored.leaf);
  const isWhole = leaf.id === id && digestOf(bytes) === leaf.submittedDigest && digestOf(evidence.deposit) === leaf.depositDigest;
  if (!isWhole) throw new AppError("damaged", `Document ${id} is not what was deposited: its digest differs from the one in the log.`);
  return { stored, bytes, mediaType: mediaTypeOf(deposit), leaf, deposit, evidence };
}

/** What is told of a document without opening its content. */
export interface Proven {
  readonly position: LogPosition;
  /** The leaf as the log has it, and what it says. */
  readonly leafBytes: Uint8Array;
  readonly leaf: Leaf;
  readonly mediaType: FhirMediaType;
  readonly evidence: Evidence;
  /** About how many bytes the content has. */
  readonly contentBytes: number;
}

/** That a document is here, when it came and what proves it. AppError `not-found`, `gone`, `damaged` (its evidence is not what was committed). */
export async function proofOf(
  id: string,
  using: { readonly store: Pick<DocumentStore, "readProof">; readonly keys: Pick<Keys, "unwrap"> },
): Promise<Proven> {
  const stored = foundAs(id, await using.store.readProof(id));
  const { evidence, deposit } = await openKeptEvidence(stored, using.keys);
  const leaf = parseLeaf(stored.leaf);
  if (leaf.id !== id || digestOf(evidence.deposit) !== leaf.depositDigest)
    throw new AppError("damaged", `The evidence of document ${id} is not what was committed: its digest differs from the one in the log.`);
  const { position, leaf: leafBytes } = stored;
  return { position, leafBytes, leaf, mediaType: mediaTypeOf(deposit), evidence, contentBytes: stored.contentBytes * DEFLATED };
}

/** About how many bytes are opened to present a document: its content is deflated, some eight to one. AppError `not-found`, `gone`. */
export async function weightOf(id: string, { store }: { readonly store: Pick<DocumentStore, "readProof"> }): Promise<number> {
  return foundAs(id, await store.readProof(id)).contentBytes * DEFLATED;
}

/** What deflating makes of documents, about. */
const DEFLATED = 8;

function foundAs<Found extends object>(id: string, stored: Found | "gone" | undefined): Found {
  if (stored === undefined) throw new AppError("not-found", `There is no document ${id} here.`);
  if (stored === "gone") throw new AppError("gone", `Document ${id} was erased; its entry in the log remains.`);
  return stored;
}

function mediaTypeOf({ mediaType }: DepositRecord): FhirMediaType {
  return mediaType === "application/fhir+xml" ? "application/fhir+xml" : "application/fhir+json";
}

/**
 * The Bundle as `GET /fhir/Bundle/{id}` gives it: as submitted, with the server's id, versionId and lastUpdated (R4 http.html, create), and `signature` added when
 * it came without one. The canonical form, and so every digest and signature, is the same as that of what was submitted.
 */
export function servedResource(fetched: Fetched, sealSignature: JsonObject): JsonObject {
  const { resource, leaf } = fetched;
  const served = new JsonObject();
  served
    .add("resourceType", "Bundle")
    .add("id", leaf.id)
    .add("meta", servedMeta(resource.object("meta"), leaf.receivedAt));
  const kept = resource.without("resourceType", "id", "_id", "meta");
  kept.names.forEach((name, at) => served.add(name, kept.values[at] ?? null));
  if (!resource.has("signature")) served.add("signature", sealSignature);
  return served;
}

function servedMeta(submitted: JsonObject | undefined, receivedAt: string): JsonObject {
  const meta = treeOf({ versionId: "1", lastUpdated: receivedAt }) as JsonObject;
  const kept = submitted?.without("versionId", "_versionId", "lastUpdated", "_lastUpdated");
  kept?.names.forEach((name, at) => meta.add(name, kept.values[at] ?? null));
  return meta;
}

/** What a presentation works with, besides the document. */
export interface PresentContext {
  /** What other documents say of this one, and it of others, as far as the reader may know of them. */
  readonly relations: readonly Relation[];
  readonly keys: Pick<Keys, "sealCertificates">;
  /** Absolute address of the service, without a slash at the end. */
  readonly baseUrl: string;
}

/** Everything that the document view shows. The seal is checked now; the sender's signature was checked when it came in, and its results are part of the deposit record. */
export async function present(fetched: Fetched, using: PresentContext): Promise<PresentedDocument> {
  const { stored, leaf, deposit, evidence, resource } = fetched;
  const canonicalForm = new TextEncoder().encode(canonicalDocument(resource));
  const seal = await checkSeal(evidence.seal, canonicalForm, using.keys.sealCertificates);
  return {
    id: leaf.id,
    document: openDocument(resource),
    receivedAt: leaf.receivedAt,
    mediaType: fetched.mediaType,
    submitter: deposit.submitter,
    bytesDigest: leaf.submittedDigest,
    canonicalDigest: leaf.canonicalDigest,
    position: stored.position,
    signatures: signaturesOf(deposit, resource),
    seal: digestOf(canonicalForm) === leaf.canonicalDigest ? seal : sealOfOther(seal),
    relations: using.relations,
    isIndexed: fetched.isIndexed,
    warnings: warningsIn(deposit.outcome),
    url: `${using.baseUrl}/documents/${leaf.id}`,
  };
}

/** The recorded results, and the signatures within the document that a record of an earlier version of the program does not tell of. */
function signaturesOf({ signatures }: DepositRecord, resource: JsonObject): readonly SignatureCheck[] {
  const places = new Set(signatures.map(({ place }) => place));
  return [...signatures, ...checksOfSignaturesWithin(resource).filter(({ place }) => !places.has(place))];
}

function warningsIn(outcome: JsonObject): string[] {
  const warnings = outcome.objects("issue").filter((issue) => issue.string("severity") === "warning");
  return warnings.map((issue) => issue.object("details")?.string("text")).filter((text) => text !== undefined);
}

/** The receipt of a document's deposit (docs/formats.md, Receipt): the same text whenever it is asked for. */
export function receiptOf({ leaf, leafBytes, position, evidence }: Pick<Proven, "leaf" | "leafBytes" | "position" | "evidence">): string {
  const { index, treeSize, inclusionProof, checkpoint } = position;
  const hashes = inclusionProof.map((hash) => {
    const bytes = fromBase64(hash);
    if (bytes === undefined) throw new AppError("damaged", `The inclusion proof of document ${leaf.id} can not be read.`);
    return bytes;
  });
  return formatReceipt({ leaf: leafBytes, index, treeSize, inclusionProof: hashes, checkpoint, seal: evidence.seal, salt: evidence.salt });
}
