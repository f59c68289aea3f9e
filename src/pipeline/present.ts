/**
 * The way out. A document that was fetched (`fetch.ts`) is served as a resource, or presented with what the repository knows about it.
 */
import { digestOf } from "../core/crypto/digest.ts";
import { uncheckedWithin } from "../core/signatures/document-signature.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { inclusionProof } from "../core/crypto/merkle.ts";
import { checkSeal, readSeal, sealOfOther } from "../core/signatures/seal.ts";
import { canonicalDocument } from "../core/fhir/canonical.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import { ruleOf } from "../core/fhir/issue.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { saidLabels } from "../core/fhir/label-codes.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import { servedMeta } from "../core/fhir/served-meta.ts";
import { JsonObject } from "../core/fhir/tree/tree.ts";
import { submitterName, type DepositRecord } from "../core/formats/deposit-record.ts";
import type { LaterSeal } from "../core/formats/later-seal.ts";
import { formatReceipt, type ProvenEntry, type WitnessedReceipt } from "../core/formats/receipt.ts";
import { formatTlogProof } from "../core/formats/tlog-proof.ts";
import { AppError } from "../core/errors.ts";
import type { EvidenceBook } from "./evidence/evidence-book.ts";
import { evidenceFor } from "./evidence/evidence-for.ts";
import { renewalsFor } from "./evidence/renewals-for.ts";
import type { Fetched, Proven } from "./fetch.ts";
import { countingCheckpoint } from "./log/counting-checkpoint.ts";
import type { EntriesInLog } from "./log/entries-in-log.ts";
import { faultOf, type OwnLogs } from "./log/in-log.ts";
import { logKeyEntries } from "./log/log-keys.ts";
import { sealKeyEntries } from "./seal-keys/seal-key-log.ts";
import type { SignatureCheck } from "./document-forms.ts";
import type { AcceptedUnder, PresentedDocument, Relation, Remark } from "./render/pages/presented.ts";
import type { LogEntry, RecordStore, StoredCheckpoint } from "./store/record-store.ts";
import type { Witnessed } from "./witness/witnessed.ts";

/**
 * The Bundle as `GET /fhir/Bundle/{id}` gives it: as submitted, with the server's id, versionId and lastUpdated (R4 http.html, create), and `signature` added when
 * it came without one. The canonical form, and so every digest and signature, is the same as that of what was submitted.
 */
export function servedResource(fetched: Pick<Fetched, "resource" | "leaf">, sealSignature: JsonObject): JsonObject {
  const { resource, leaf } = fetched;
  const served = new JsonObject();
  served
    .add("resourceType", "Bundle")
    .add("id", leaf.id)
    .add("meta", servedMeta(resource.object("meta"), leaf));
  const kept = resource.without("resourceType", "id", "_id", "meta");
  kept.names.forEach((name, at) => served.add(name, kept.values[at] ?? null));
  if (!resource.has("signature")) served.add("signature", sealSignature);
  return served;
}

/** The relations of a document, as far as they are known. */
export interface KnownRelations {
  readonly relations: readonly Relation[];
  /** False when the index has not taken in all of the log, or not this document: then there may be others. */
  readonly isComplete: boolean;
  /** How many entries the log had when they were looked up, at least. */
  readonly logSize?: number | undefined;
}

/** What a presentation works with, besides the document. */
export interface PresentContext {
  /** What other documents say of this one, and it of others, as far as the reader may know of them. */
  readonly known: KnownRelations;
  readonly keys: Pick<Keys, "sealCertificates">;
  /** Absolute address of the service, without a slash at the end. */
  readonly baseUrl: string;
}

/** What is presented. */
export type Presentable = Pick<Fetched, "position" | "leaf" | "mediaType" | "deposit" | "evidence" | "resource">;

/** Everything that the document view shows. The seal is checked now; the sender's signature was checked when it came in, and its results are part of the deposit record. */
export async function present(fetched: Presentable, using: PresentContext): Promise<PresentedDocument> {
  const { position, leaf, deposit, evidence, resource } = fetched;
  const canonicalForm = new TextEncoder().encode(canonicalDocument(resource));
  const seal = await checkSeal(evidence.seal, canonicalForm, using.keys.sealCertificates, "own", { index: position.index });
  return {
    id: leaf.id,
    document: openDocument(resource, deposit.decisions),
    receivedAt: leaf.receivedAt,
    mediaType: fetched.mediaType,
    submitter: submitterName(deposit.submitter),
    submitterKind: deposit.submitter.kind,
    submitterTitle: deposit.submitter.name,
    submittedLabels: submittedLabels(deposit),
    bytesDigest: leaf.submittedDigest,
    canonicalDigest: leaf.canonicalDigest,
    position,
    signatures: signaturesOf(deposit, resource),
    sealCertificate: certificateDigest(evidence.seal),
    seal: digestOf(canonicalForm) === leaf.canonicalDigest ? seal : sealOfOther(seal),
    relations: using.known.relations,
    isIndexed: using.known.isComplete,
    logSize: using.known.logSize,
    warnings: warningsIn(deposit.outcome),
    accepted: acceptedUnder(deposit),
    profiles: deposit.profiles,
    url: `${using.baseUrl}/documents/${leaf.id}`,
  };
}

function certificateDigest(seal: string): string | undefined {
  const facts = readSeal(seal);
  return facts && digestOf(facts.certificate.raw);
}

/** What its source said of who may see it, and what they must do (IHE MHD). What cannot be read says nothing. */
function submittedLabels({ submitted }: DepositRecord): readonly JsonObject[] {
  if (submitted === undefined) return [];
  return saidLabels(readJson(new SourceText(submitted.reference), STORED_READ_LIMITS).resource);
}

/** The recorded results, and the signatures within the document that a record of an earlier version of the program does not tell of. */
function signaturesOf({ signatures }: DepositRecord, resource: JsonObject): readonly SignatureCheck[] {
  const places = new Set(signatures.map(({ place }) => place));
  return [...signatures, ...uncheckedWithin(resource, NOT_RECORDED).filter(({ place }) => !places.has(place))];
}

const NOT_RECORDED = "The signature of a part of the document was not checked when it was deposited.";

function acceptedUnder({ versions, relaxed = [], decisions }: DepositRecord): AcceptedUnder | undefined {
  return relaxed.length + decisions.length === 0 ? undefined : { policy: versions.policy, relaxed, decided: decisions };
}

function warningsIn(outcome: JsonObject): Remark[] {
  const warnings = outcome.objects("issue").filter((issue) => issue.string("severity") === "warning");
  return warnings
    .map((issue) => ({ rule: ruleOf(issue) ?? "", text: issue.object("details")?.string("text") ?? "" }))
    .filter(({ text }) => text !== "");
}

/** What proofs for people to keep are made with. */
export interface ProofSource {
  readonly store: Pick<RecordStore, "nodes" | "claimed" | "checkpoint">;
  /** By whose keys it is signed. Undefined: none was ever ended. */
  readonly logs?: OwnLogs | undefined;
  /** Who holds entries about keys against the tree. Undefined: they are believed. */
  readonly inLog?: Pick<EntriesInLog, "hold"> | undefined;
  /** Where the log has witnesses. */
  readonly witnessed?: Pick<Witnessed, "firstWith"> | undefined;
  /** The log's time-stamps. */
  readonly evidence?: EvidenceBook | undefined;
}

/** The receipt of a document's deposit (docs/formats.md, Receipt): the same text whenever it is asked for, but that the XML seal comes to it, a checkpoint of witnesses once there is one, and time-stamps. */
export async function receiptOf({ entry, position, evidence }: Proven, using: ProofSource, later?: LaterSeal): Promise<string> {
  const { index } = position;
  const { evidence: book, store } = using;
  const [own, witnessed, keyEntries, links] = await Promise.all([
    placeIn(index, await countingPosition(position, using), using),
    witnessedPlace(index, using),
    keyEntriesOf(using),
    book === undefined ? [] : evidenceFor(entry, { book, store }),
  ]);
  const renewals = book === undefined ? [] : await renewalsFor(entry, links, book.anew);
  return formatReceipt({
    leaf: entry.leaf,
    index,
    ...own,
    seals: [evidence.seal],
    later,
    witnessed,
    keyEntries,
    evidence: links,
    renewals,
    salt: evidence.salt,
  });
}

/** What the log says of the repository's keys, each under the checkpoint of its own commit: the same for ever. */
async function keyEntriesOf(using: ProofSource): Promise<ProvenEntry[]> {
  const { store } = using;
  const entries = (await Promise.all([logKeyEntries(store), sealKeyEntries(store)])).flat().map(({ entry }) => entry);
  const proven = await Promise.all(entries.sort((one, other) => one.index - other.index).map((entry) => keyEntryOf(entry, using)));
  return proven.filter((one) => one !== undefined);
}

/** One of them. What was not committed proves nothing of anybody's document, and takes no receipt away: whoever watches the keys tells of it. */
async function keyEntryOf(entry: LogEntry, using: ProofSource): Promise<ProvenEntry | undefined> {
  const { store, logs, inLog } = using;
  const { leaf, index, treeSize } = entry;
  const checkpoint = await store.checkpoint(treeSize);
  if (checkpoint === undefined) return undefined;
  if ((await faultOf(async () => inLog?.hold(entry, checkpoint.note))) !== undefined) return undefined;
  return { leaf, index, ...(await placeIn(index, await countingCheckpoint(checkpoint, logs, store), using)) };
}

/** The same for tools of transparency logs (c2sp.org/tlog-proof): under the checkpoint that witnesses cosigned, where there is one. */
export async function tlogProofOf({ entry: { leaf }, position }: Proven, using: ProofSource): Promise<string> {
  const { index } = position;
  const place = (await witnessedPlace(index, using)) ?? (await placeIn(index, await countingPosition(position, using), using));
  return formatTlogProof({ leaf, index, ...place });
}

/** The checkpoint of a document's deposit, or a later one, where its key was ended. */
function countingPosition({ treeSize, checkpoint }: Proven["position"], { logs, store }: ProofSource): Promise<StoredCheckpoint> {
  return countingCheckpoint({ size: treeSize, note: checkpoint }, logs, store);
}

async function witnessedPlace(index: number, using: ProofSource): Promise<WitnessedReceipt | undefined> {
  const witnessed = await using.witnessed?.firstWith(index);
  return witnessed && placeIn(index, witnessed, using);
}

async function placeIn(index: number, { size, note }: StoredCheckpoint, { store }: ProofSource): Promise<WitnessedReceipt> {
  if (index >= size) throw new AppError("damaged", `entry ${index} of the log is not in the tree of its commit`);
  return { treeSize: size, inclusionProof: await inclusionProof(index, size, (places) => store.nodes(places)), checkpoint: note };
}
