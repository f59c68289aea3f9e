/**
 * The way in. A hospital system submits a document: it is received, validated to the last rule, its signature is checked (`admission.ts`: a large one in a
 * worker), it is sealed, and one commit keeps its bytes for ever and enters their digest in the log. Whatever is acknowledged is durable; whatever is refused has left no trace.
 */
import { digestOf } from "../core/crypto/digest.ts";
import { newDocumentKey } from "../core/envelope.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { sealHeader } from "../core/signatures/seal.ts";
import { canonicalJson } from "../core/fhir/canonical.ts";
import type { Issue } from "../core/fhir/issue.ts";
import { isBeyondLimits } from "../core/fhir/reading/limit-faults.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import { SourceExcerpt } from "../core/fhir/reading/source-excerpt.ts";
import type { Source } from "../core/fhir/reading/source-text.ts";
import type { AdmissionRequest } from "./admission.ts";
import { depositEntry, identityClaim, samenessOfClaim } from "./deposit-entry.ts";
import { proofOf } from "./fetch.ts";
import type { DepositGate } from "./gate.ts";
import type { Ledger } from "./log/ledger.ts";
import type { Description, Identity, Sameness, Submission } from "./record.ts";
import { sealDocument } from "./sign/seal.ts";
import { servedSignature } from "./sign/seal-resources.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { Claimed, LogEntry, RecordStore } from "./store/record-store.ts";
import type { Work } from "./work/work.ts";

/** What a deposit works with. */
export interface DepositContext {
  readonly limits: ReadLimits;
  /** Where what takes long is done. Of a sender's signature the results are recorded and shown: a repository keeps what it was given, and says what it is worth. */
  readonly work: Work;
  readonly keys: Keys;
  readonly ledger: Pick<Ledger, "append">;
  readonly gate: Pick<DepositGate, "admit">;
  readonly store: Pick<RecordStore, "claimed" | "entry" | "evidence" | "checkpoint">;
  readonly documentKeys: Pick<DocumentKeys, "wrap" | "read">;
  /** e.g. `chartulary/0.1.0`: goes into the deposit record. */
  readonly software: string;
  /** Absolute address of our FHIR endpoint, without a slash at the end. */
  readonly fhirBase: string;
  /** A fresh UUID. */
  newId(): string;
  /** Brings the index up to an entry that was just committed, so that whoever asks next finds its document. Never fails: the deposit is what it is without. */
  takeIn(entry: LogEntry, description: Description): Promise<void>;
}

type Known = Pick<DepositContext, "keys" | "store" | "documentKeys">;

/** What became of a submission. */
export type DepositResult =
  /** Durable, sealed, in the log. */
  | { readonly kind: "created"; readonly entry: LogEntry; readonly issues: readonly Issue[]; readonly source: Source }
  /** The same document was deposited before: here is the first deposit. */
  | { readonly kind: "repeated"; readonly entry: LogEntry }
  /** The bytes could not be read as a resource. */
  | { readonly kind: "unreadable"; readonly issues: readonly Issue[]; readonly source: Source }
  /** Readable, but it breaks rules: all of them. */
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly source: Source }
  /** Its identifier names another document for ever. */
  | { readonly kind: "conflict"; readonly conflict: Conflict };

/** The document that took an identifier first. */
export interface Twin {
  readonly id: string;
  readonly sameness: Sameness;
}

/** Why a document cannot have the identifier that it came with. */
export interface Conflict {
  readonly twin: Twin;
  /** In what the two differ; `erased`: in nothing, but the first one was erased since, and an identifier is never used again. */
  readonly differsIn: "content" | "signature" | "meta" | "erased";
  /** Digest of the canonical form of what came now. */
  readonly canonical: string;
}

/**
 * Deposits one document. Safe to repeat: the same submission gives the same deposit, however often and however concurrently it is sent. The submission's bytes are handed over: a worker
 * takes them rather than a copy, and then they are empty here.
 *
 * @throws AppError `unavailable` when nothing was stored and trying again may help.
 */
export async function deposit(submission: Submission, using: DepositContext): Promise<DepositResult> {
  const receivedAt = await using.gate.admit(submission.receivedAt).catch((halted: unknown) => answerWhileHalted(submission, halted, using));
  if (!(receivedAt instanceof Date)) return receivedAt;

  const documentKey = newDocumentKey();
  const request = requestFor({ ...submission, receivedAt }, documentKey, using);
  const admission = await using.work.do("admit", request, { bytes: submission.bytes.length, handOver: [submission.bytes] });
  const { kind, issues } = admission;
  const source = new SourceExcerpt(admission.source);
  if (kind === "unreadable") return { kind, issues, source };

  const earlier = await depositedBefore(admission.identity, using);
  if (earlier) return earlier;
  if (kind === "refused") return { kind, issues, source };

  const { prepared, identity } = admission;
  const entered = await using.ledger.append([depositEntry(await sealDocument(prepared, documentKey, using))]);
  if (entered.kind === "taken") return compare(identity, entered.by, using);
  const [entry] = entered.entries;
  await using.takeIn(entry, prepared.description);
  return { kind: "created", entry, issues, source };
}

/** What the repository answers because of what it holds: the same document, or another one of the same identifier; undefined when neither came before. */
export async function depositedBefore(identity: Identity | undefined, using: Known): Promise<DepositResult | undefined> {
  const twin = identity && (await findTwin(identity, using));
  return twin && compare(identity, twin, using);
}

/** While no document is taken, what can't be read is told of still, and what was deposited before is recognised. */
async function answerWhileHalted({ bytes, mediaType }: Submission, halted: unknown, using: DepositContext): Promise<DepositResult> {
  const { limits } = using;
  const examined = await using.work.do("examine", { bytes, mediaType, limits }, { bytes: bytes.length, handOver: [bytes] });
  const { kind, issues } = examined;
  if (kind === "unreadable") return { kind: isBeyondLimits(issues) ? "refused" : kind, issues, source: new SourceExcerpt(examined.source) };
  const earlier = await depositedBefore(examined.identity, using);
  if (earlier) return earlier;
  throw halted;
}

/** Everything that the part of a deposit that takes long must be told: of our keys it gets none, only the header that names the one it will be sealed with. */
function requestFor(submission: Submission, documentKey: Uint8Array, using: DepositContext): AdmissionRequest {
  const { limits, keys, software } = using;
  const sealed = { id: using.newId(), documentKey, sealHeader: sealHeader(keys.seal, submission.receivedAt) };
  return { submission, limits, ...sealed, software };
}

/** The document that took this one's identifier first. Whatever the rules say of this one: a retry succeeds even after they have become stricter. */
async function findTwin({ identifier }: Identity, using: Known): Promise<Claimed | undefined> {
  const claim = identityClaim(await using.keys.identityKeyOf(identifier.system, identifier.value));
  return (await using.store.claimed([claim])).get(claim);
}

/** The same identifier came twice: the same deposit repeated, or a conflict (docs/design/identity.md). */
async function compare(identity: Identity, { entry, value }: Claimed, using: Known): Promise<DepositResult> {
  const ours = identity.sameness;
  const theirs = samenessOfClaim({ entry, value });
  const twin = { id: entry.id, sameness: theirs };
  const conflict = (differsIn: Conflict["differsIn"]): DepositResult => ({
    kind: "conflict",
    conflict: { twin, differsIn, canonical: ours.canonical },
  });
  if (ours.canonical !== theirs.canonical) return conflict("content");
  // Of two that differ in both, the signature is told.
  const isSigned = ours.signature === theirs.signature;
  if (isSigned && ours.meta !== theirs.meta) return conflict("meta");
  if ((await using.documentKeys.read(entry.id)) === undefined) return conflict(isSigned ? "erased" : "signature");
  if (!isSigned && !(await isAsServed(identity, twin, using))) return conflict("signature");
  return ours.meta === theirs.meta ? { kind: "repeated", entry } : conflict("meta");
}

/** Whether the document was read here and sent again: it came without a signature, and carries the seal that it is served with in that one's place. */
async function isAsServed({ carried }: Identity, { id, sameness }: Twin, using: Known): Promise<boolean> {
  if (carried === undefined || carried.unsigned !== sameness.signature) return false;
  const { evidence } = await proofOf(id, using);
  return carried.signature === digestOf(canonicalJson(servedSignature(evidence.seal)));
}
