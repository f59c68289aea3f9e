/**
 * The way in. A hospital system submits a document: it is received, validated to the last rule, its signature is checked (`admission.ts`: a large one in a
 * worker), it is sealed, and one commit keeps its bytes for ever and enters their digest in the log. Whatever is acknowledged is durable; whatever is refused has left no trace.
 */
import type { Asked } from "../core/asked.ts";
import { newDocumentKey } from "../core/envelope.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { sealHeader } from "../core/signatures/seal.ts";
import { AppError } from "../core/errors.ts";
import type { Issue } from "../core/fhir/issue.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import { SourceExcerpt } from "../core/fhir/reading/source-excerpt.ts";
import type { Watch } from "../core/watch.ts";
import type { Source } from "../core/fhir/reading/source-text.ts";
import type { AdmissionRequest, CameAgain } from "./admission.ts";
import { depositEntry } from "./deposit-entry.ts";
import { compare, depositedBefore, type CameBefore, type Earlier } from "./earlier-deposit.ts";
import type { DepositGate } from "./gate.ts";
import type { Ledger } from "./log/ledger.ts";
import type { UnitCondition } from "./log/queue.ts";
import type { Description, Identity, Submission } from "./document-forms.ts";
import { sealDocument, type SealNotes } from "./sign/seal.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, NewEntry } from "./store/record-store.ts";
import type { Work } from "./work/work.ts";

/** What a deposit works with. */
export interface DepositContext extends Earlier {
  readonly limits: ReadLimits;
  /** Where what takes long is done. Of a sender's signature the results are recorded and shown: a repository keeps what it was given, and says what it is worth. */
  readonly work: Work;
  readonly keys: Keys;
  readonly ledger: Pick<Ledger, "append">;
  readonly gate: Pick<DepositGate, "admit">;
  readonly documentKeys: Pick<DocumentKeys, "wrap" | "read">;
  /** Told by which key each document was sealed. */
  readonly seals?: SealNotes | undefined;
  /** e.g. `chartulary/0.1.0`: goes into the deposit record. */
  readonly software: string;
  /** Absolute address of our FHIR endpoint, without a slash at the end. */
  readonly fhirBase: string;
  /** Who looks on. */
  readonly watch?: Watch;
  /** Who may deposit what; undefined: whoever asks. */
  readonly permit?: DepositPermit | undefined;
  /** A fresh UUID. */
  newId(): string;
  /** Brings the index up to an entry that was just committed, so that whoever asks next finds its document. Never fails: the deposit is what it is without. */
  takeIn(entry: LogEntry, description: Description): Promise<void>;
}

/** Asked twice, so that what is not permitted costs nothing, and what is permitted is so for this very document. AppError `forbidden`. */
export interface DepositPermit {
  /** Before anything is looked at. */
  enter(asked: Asked): Promise<void>;
  /** Before the document is sealed. */
  document(asked: Asked, description: Description): Promise<void>;
  /** Before somebody is told that the same document is here already. */
  repeated(asked: Asked, documentId: string): Promise<void>;
  /** Whether somebody may know of a document: who may not is never told that it took an identifier, but of what he may not deposit anyway. */
  mayKnow(asked: Asked, documentId: string): Promise<boolean>;
}

/** What became of a submission. */
export type DepositResult =
  /** Durable, sealed, in the log. */
  | { readonly kind: "created"; readonly entry: LogEntry; readonly issues: readonly Issue[]; readonly source: Source }
  /** The same document was deposited before, or its identifier names another one for ever. */
  | CameBefore
  /** The bytes could not be read as a resource. */
  | { readonly kind: "unreadable"; readonly issues: readonly Issue[]; readonly source: Source }
  /** Readable, but it breaks rules: all of them. */
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly source: Source };

/** The same of a unit with a condition, which did not hold any more when it was to be entered. */
export type ConditionalResult = DepositResult | { readonly kind: "outrun" };

/** A document that is sealed and waits for its commit. */
export interface ReadyDeposit {
  readonly kind: "ready";
  readonly entry: NewEntry;
  readonly identity: Identity;
  readonly description: Description;
  readonly issues: readonly Issue[];
  readonly source: Source;
}

/**
 * Deposits one document. Safe to repeat: the same submission gives the same deposit, however often and however concurrently it is sent. The submission's bytes are handed over: a worker
 * takes them rather than a copy, and then they are empty here.
 *
 * @throws AppError `unavailable` when nothing was stored and trying again may help.
 */
export async function deposit(submission: Submission, using: DepositContext): Promise<DepositResult> {
  const result = await depositIf(submission, undefined, using);
  if (result.kind === "outrun") throw new AppError("internal", "a deposit without a condition was refused by one");
  return result;
}

/** Deposits one document on a condition that is asked about the very state of the log that it is entered in. */
export async function depositIf(submission: Submission, condition: UnitCondition | undefined, using: DepositContext): Promise<ConditionalResult> {
  const ready = await readyDeposit(submission, using);
  if (ready.kind !== "ready") return ready;
  const entered = await using.ledger.append([ready.entry], condition);
  if (entered.kind === "refused") return { kind: "outrun" };
  // That it may be deposited was asked already.
  if (entered.kind === "taken") return compare(ready.identity, entered.by, using);
  return created(entered.entries[0], ready, using);
}

/** Everything before the commit: nothing exists yet. Gives what became of a submission that does not come so far. */
export async function readyDeposit(
  submission: Submission,
  using: DepositContext,
): Promise<ReadyDeposit | Exclude<DepositResult, { kind: "created" }>> {
  await using.permit?.enter(submission.asked);
  const receivedAt = await using.gate.admit(submission.receivedAt).catch((halted: unknown) => answerWhileHalted(submission, halted, using));
  if (!(receivedAt instanceof Date)) return receivedAt;

  const documentKey = newDocumentKey();
  const request = requestFor({ ...submission, receivedAt }, documentKey, using);
  const admission = await using.work.do("admit", request, { bytes: submission.bytes.length, handOver: [submission.bytes] });
  if (admission.kind === "recognised")
    return permitted(stillThere(await depositedBefore(admission.identity, using)), submission.asked, { ...using, otherwise: admission.otherwise });
  const { kind, issues } = admission;
  const source = new SourceExcerpt(admission.source);
  if (kind === "unreadable") return { kind, issues, source };
  // Another one may have come while this was looked at; of a sound document the commit finds that out.
  if (kind === "refused") {
    const before = await depositedBefore(admission.identity, using);
    return before ? permitted(before, submission.asked, { ...using, otherwise: admission }) : { kind, issues, source };
  }

  const { prepared, identity } = admission;
  await using.permit?.document(submission.asked, prepared.description);
  const entry = depositEntry(await sealDocument(prepared, documentKey, using));
  return { kind: "ready", entry, identity, description: prepared.description, issues, source };
}

/** A document that was entered, once it can be found. */
export async function created(
  entry: LogEntry,
  { description, issues, source }: ReadyDeposit,
  using: Pick<DepositContext, "takeIn">,
): Promise<Extract<DepositResult, { kind: "created" }>> {
  await using.takeIn(entry, description);
  return { kind: "created", entry, issues, source };
}

/** While no document is taken, what can't be read is told of still, and what was deposited before is recognised. */
async function answerWhileHalted(
  { bytes, mediaType, asked }: Submission,
  halted: unknown,
  using: DepositContext,
): Promise<Exclude<DepositResult, { kind: "created" }>> {
  const { limits } = using;
  const read = await using.work.do("recognise", { bytes, mediaType, limits }, { bytes: bytes.length, handOver: [bytes] });
  if (read.kind === "new") throw halted;
  if (read.kind === "recognised") {
    const before = stillThere(await depositedBefore(read.identity, using));
    if (before.kind === "repeated") await using.permit?.repeated(asked, before.entry.id);
    else if ((await using.permit?.mayKnow(asked, before.conflict.twin.id)) === false) throw halted;
    return before;
  }
  return { kind: read.kind, issues: read.issues, source: new SourceExcerpt(read.source) };
}

/** What came before, for somebody who may know that it did; for anybody else what there would be without it, but for a document that he may deposit: no two have one identifier. AppError `forbidden`. */
async function permitted(
  before: CameBefore,
  asked: Asked,
  { permit, otherwise }: Pick<DepositContext, "permit"> & { readonly otherwise: CameAgain["otherwise"] | undefined },
): Promise<CameBefore | Extract<DepositResult, { kind: "refused" }>> {
  if (!permit) return before;
  if (before.kind === "repeated") await permit.repeated(asked, before.entry.id);
  else if (!(await permit.mayKnow(asked, before.conflict.twin.id))) {
    if (otherwise === undefined) await permit.repeated(asked, before.conflict.twin.id);
    else if (otherwise.kind === "valid") await permit.document(asked, otherwise.description);
    else return { kind: "refused", issues: otherwise.issues, source: new SourceExcerpt(otherwise.source) };
  }
  return before;
}

/** What was found once is found again: a claim is for ever. */
function stillThere(earlier: CameBefore | undefined): CameBefore {
  if (earlier === undefined) throw new AppError("damaged", "an identifier that was taken is not any more");
  return earlier;
}

/** Everything that the part of a deposit that takes long must be told: of our keys it gets none, only the header that names the one it will be sealed with. */
function requestFor(submission: Submission, documentKey: Uint8Array, using: DepositContext): AdmissionRequest {
  const { limits, keys, software } = using;
  // What takes down what was decided stays here: a thread could not be sent it.
  const { noted: _, ...asked } = submission.asked;
  const sealed = {
    id: submission.id ?? using.newId(),
    documentKey,
    sealHeader: sealHeader(keys.sealKeys.signerAt(submission.receivedAt), submission.receivedAt),
  };
  return { submission: { ...submission, asked }, limits, ...sealed, software };
}
