/**
 * The way in. A hospital system submits a document: it is received, validated to the last rule, its signature is checked, it is sealed, and one commit keeps its
 * bytes for ever and enters their digest in the log. Whatever is acknowledged is durable; whatever is refused has left no trace.
 */
import { isError, type Issue } from "../core/fhir/issue.ts";
import { isBeyondLimits } from "../core/fhir/reading/limit-faults.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import type { SourceText } from "../core/fhir/reading/source-text.ts";
import { canonicalJson } from "../core/fhir/canonical.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { identifierOf } from "../core/formats/identifier.ts";
import { outerDigests } from "../core/formats/outer.ts";
import type { Trust } from "../core/formats/trust.ts";
import type { SignatureAnswerer } from "../core/signatures/document-signature.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { depositEntry, identityClaim, samenessOfClaim } from "./deposit-entry.ts";
import { proofOf } from "./fetch.ts";
import type { DepositGate } from "./gate.ts";
import { receive } from "./intake/receive.ts";
import type { Ledger } from "./log/ledger.ts";
import type { Received, Sameness, Sealed, Submission, Validated } from "./record.ts";
import { samenessOf, sealDocument } from "./sign/seal.ts";
import { servedSignature } from "./sign/seal-resources.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { Claimed, LogEntry, RecordStore } from "./store/record-store.ts";
import { admit } from "./validate/admit.ts";
import type { Validator } from "./validate/validate.ts";

/** What a deposit works with. */
export interface DepositContext {
  readonly limits: ReadLimits;
  readonly validator: Validator;
  /** Whose signatures count; without it nothing is said about certificates. */
  readonly trust: Trust | undefined;
  /** Checks senders' signatures. Results are recorded and shown, they never refuse a deposit: a repository keeps what it was given, and says what it is worth. */
  readonly answerSignatures: SignatureAnswerer;
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
  takeIn(entry: LogEntry, document: DocumentBundle): Promise<void>;
}

type Known = Pick<DepositContext, "keys" | "store" | "documentKeys">;

/** What became of a submission. */
export type DepositResult =
  /** Durable, sealed, in the log. */
  | { readonly kind: "created"; readonly entry: LogEntry; readonly issues: readonly Issue[]; readonly source: SourceText }
  /** The same document was deposited before: here is the first deposit. */
  | { readonly kind: "repeated"; readonly entry: LogEntry }
  /** The bytes could not be read as a resource. */
  | { readonly kind: "unreadable"; readonly issues: readonly Issue[]; readonly source: SourceText }
  /** Readable, but it breaks rules: all of them. */
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly source: SourceText }
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
 * Deposits one document. Safe to repeat: the same submission gives the same deposit, however often and however concurrently it is sent.
 *
 * @throws AppError `unavailable` when nothing was stored and trying again may help.
 */
export async function deposit(submission: Submission, using: DepositContext): Promise<DepositResult> {
  const intake = receive(submission, using.limits, using.validator.definitions);
  // What is more than is accepted may be well-formed: it is refused, and says by which limit.
  if (intake.kind === "unreadable") return isBeyondLimits(intake.issues) ? { ...intake, kind: "refused" } : intake;
  const { received } = intake;

  const earlier = await depositedBefore(received, using);
  if (earlier) return earlier;

  const receivedAt = await using.gate.admit(submission.receivedAt);
  const admission = admit(received, using.validator);
  if (admission.kind === "refused") return { ...admission, source: received.source };
  const { validated } = admission;

  const entered = await using.ledger.append([depositEntry(await sign(validated, { ...submission, receivedAt }, using))]);
  if (entered.kind === "taken") return compare(received, entered.by, using);
  const [entry] = entered.entries;
  await using.takeIn(entry, validated.document);
  return { kind: "created", entry, issues: validated.issues, source: received.source };
}

/** What the repository answers because of what it holds: the same document, or another one of the same identifier; undefined when neither came before. */
export async function depositedBefore(received: Received, using: Known): Promise<DepositResult | undefined> {
  // Of a text with faults a reader chose one reading; only a sound one can be the same as what was deposited.
  const twin = received.readingIssues.some(isError) ? undefined : await findTwin(received, using);
  return twin && compare(received, twin, using);
}

/** Checks the signature that the document came with, and puts our seal over the whole. */
async function sign(validated: Validated, submission: Submission, using: DepositContext): Promise<Sealed> {
  const { resource, bytes, mediaType } = validated;
  const { receivedAt } = submission;
  const isXml = mediaType === "application/fhir+xml";
  const checks = await using.answerSignatures({ bundle: resource, bytes, isXml, trust: using.trust, receivedAt });
  const { keys, documentKeys, software } = using;
  const { policy } = using.validator;
  return sealDocument(validated, { submission, checks, id: using.newId(), keys, documentKeys, software, policy });
}

/** The document that took this one's identifier first. Asked before validation, so that a retry succeeds even after the rules have become stricter. */
async function findTwin(received: Received, using: Known): Promise<Claimed | undefined> {
  const identifier = identifierOf(received.resource);
  if (identifier === undefined) return undefined;
  const claim = identityClaim(await using.keys.identityKeyOf(identifier.system, identifier.value));
  return (await using.store.claimed([claim])).get(claim);
}

/** The same identifier came twice: the same deposit repeated, or a conflict (docs/design/identity.md). */
async function compare(received: Received, { entry, value }: Claimed, using: Known): Promise<DepositResult> {
  const ours = samenessOf(received.resource);
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
  if (!isSigned && !(await isAsServed(received.resource, twin, using))) return conflict("signature");
  return ours.meta === theirs.meta ? { kind: "repeated", entry } : conflict("meta");
}

/** Whether the document was read here and sent again: it came without a signature, and carries the seal that it is served with in that one's place. */
async function isAsServed(bundle: JsonObject, { id, sameness }: Twin, using: Known): Promise<boolean> {
  const carried = bundle.get("signature");
  if (carried === undefined || outerDigests(bundle, { isUnsigned: true }).signature !== sameness.signature) return false;
  const { evidence } = await proofOf(id, using);
  return canonicalJson(carried) === canonicalJson(servedSignature(evidence.seal));
}
