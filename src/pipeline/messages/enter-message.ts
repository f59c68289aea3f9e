/**
 * The way in of documents that come as a message: the documents and the message with its answer are one unit of the log, or nothing is. Reliable messaging (R4 messaging.html, "Absence of Reliable
 * Messaging"): a message that came before is known by the ids that its sender gave it, and gets the stored answer.
 */
import { isKnown, type Asked } from "../../core/asked.ts";
import { utf8Text } from "../../core/crypto/bytes.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { Content } from "../document-forms.ts";
import { depositUnit, type Accepted, type EntryBeside, type UnitResult } from "../deposit-unit.ts";
import type { DepositContext, ReadyDeposit } from "../deposit.ts";
import { erasureClaim, erasuresOf } from "../erasures.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { putBack } from "../submission/put-back.ts";
import { MESSAGE_CLAIMS, openSubmissionRecord, submissionEntry, submissionLeafOf } from "../submissions.ts";
import { idsAtAGlance } from "./ids-at-a-glance.ts";
import type { AnswerParts } from "./message-answer.ts";
import type { MessageFacts, ReadMessage } from "./message-forms.ts";

export interface MessageOrder {
  readonly message: ReadMessage;
  readonly asked: Asked;
  readonly receivedAt: Date;
  /** Makes the answer, FHIR's JSON form, once it is known which documents it is about. `at`: an instant. */
  answer(documents: readonly (ReadyDeposit | Accepted)[], at: string): string;
}

/** What is known of the ids of a message. */
type KnownMessage =
  /** It is here, with its documents. `isNew`: it was entered now. */
  | { readonly kind: "answered"; readonly answer: string; readonly isNew: boolean; readonly entry: string }
  /** Nothing was stored: the ids are those of another message, or of one of which a document was erased since. */
  | { readonly kind: "other-message" | "other-header" | "erased" };

type Answered = Extract<KnownMessage, { kind: "answered" }>;

export type MessageResult = KnownMessage | Extract<UnitResult, { kind: "refused" | "overlapping" }>;

/** How often a message is tried anew that came twice at the same moment. */
const ATTEMPTS = 10;
/** Bytes of a message that is looked at where others wait for it; a larger one is read in a thread. */
const LARGEST_GLANCE = 128_000;

/** Who sends: ids of one sender say nothing of another's, so that nobody can look for a stranger's messages, or take their ids. */
export function senderOf({ caller }: Asked): string {
  return isKnown(caller) ? JSON.stringify([caller.issuer, caller.subject]) : caller.kind;
}

interface MessageClaims {
  readonly message: string;
  readonly bundle: string;
}

async function claimsOf(
  { id, bundleId }: Pick<MessageFacts, "id" | "bundleId">,
  asked: Asked,
  keys: Pick<Keys, "identityKeyOf">,
): Promise<MessageClaims> {
  const sender = senderOf(asked);
  const [message, bundle] = await Promise.all([
    keys.identityKeyOf(`message ${sender}`, id),
    keys.identityKeyOf(`message-bundle ${sender}`, bundleId),
  ]);
  return { message: `submission:${message}`, bundle: `${MESSAGE_CLAIMS}${bundle}` };
}

/** The ids of the answer: the same whenever the message is answered, so that one who gets it twice knows it again. */
export async function answerIds(
  { id, bundleId }: Pick<MessageFacts, "id" | "bundleId">,
  asked: Asked,
  keys: Pick<Keys, "identityKeyOf">,
): Promise<AnswerParts["ids"]> {
  const idOf = async (part: string): Promise<string> =>
    uuidOf(await keys.identityKeyOf(`message-answer ${part} ${senderOf(asked)}`, JSON.stringify([bundleId, id])));
  const [bundle, header, outcome, result] = await Promise.all([idOf("bundle"), idOf("header"), idOf("outcome"), idOf("result")]);
  return { bundle, header, outcome, result };
}

/** A UUID of version 8 (RFC 9562) of a keyed hash. */
function uuidOf(hash: string): string {
  const variant = "89ab"[Number.parseInt(hash[16] ?? "0", 16) & 3] ?? "8";
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/**
 * Enters a message with its documents, or finds the answer that it was given before.
 * @throws AppError `unavailable` when nothing was stored and trying again may help; `forbidden`
 */
export async function enterMessage(order: MessageOrder, using: DepositContext): Promise<MessageResult> {
  const { message, asked } = order;
  await using.permit?.enter(asked);
  const claims = await claimsOf(message.facts, asked, using.keys);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await answeredBefore(claims, message, asked, using);
    if (before) return before;
    const done = await enter(order, claims, using);
    if (done) return done;
  }
  throw new AppError("unavailable", "The same message was sent at the same time, again and again; try again in a moment.", { retryAfter: 1 });
}

/**
 * The answer that a message was given when it was entered, for one that would not be taken any more: rules and policies change, and whoever sends it again gets the answer that was lost (R4 messaging.html, "Absence of Reliable
 * Messaging"). Undefined when this very message is not here. AppErrors `forbidden`, `damaged`.
 */
export async function answerBefore(
  message: Pick<ReadMessage, "facts" | "canonical">,
  asked: Asked,
  using: DepositContext,
): Promise<Answered | undefined> {
  const before = await answeredBefore(await claimsOf(message.facts, asked, using.keys), message, asked, using);
  return before?.kind === "answered" ? before : undefined;
}

/**
 * The answer of a message that was sent as these very bytes before, by the same sender: what they say need not be read again, but for the ids by which they are found. Undefined when that is not so, or cannot be told so quickly:
 * then the message is to be read. AppErrors `forbidden`, `damaged`.
 */
export async function answerToBytes(sent: Content, asked: Asked, using: DepositContext): Promise<Answered | undefined> {
  const ids = sent.bytes.length > LARGEST_GLANCE ? undefined : idsAtAGlance(sent);
  if (!ids) return undefined;
  const { message: claim } = await claimsOf(ids, asked, using.keys);
  const own = (await using.store.claimed([claim])).get(claim);
  if (!own || submissionLeafOf(own.entry).submittedDigest !== digestOf(sent.bytes)) return undefined;
  const before = await storedAnswer(own.entry, asked, using);
  return before.kind === "answered" ? before : undefined;
}

/** What is known of the ids. AppErrors `forbidden`, `damaged`. */
async function answeredBefore(
  { message: claim, bundle }: MessageClaims,
  { canonical }: Pick<ReadMessage, "canonical">,
  asked: Asked,
  using: DepositContext,
): Promise<KnownMessage | undefined> {
  const claimed = await using.store.claimed([claim, bundle]);
  const own = claimed.get(claim);
  if (!own) return claimed.has(bundle) ? { kind: "other-header" } : undefined;
  if (utf8Text(own.value) !== canonical) return { kind: "other-message" };
  // The Bundle's id is another message's: that a message was resent in a new Bundle is no reason to give one an id that was used.
  const other = claimed.get(bundle);
  if (other && other.entry.id !== own.entry.id) return { kind: "other-header" };
  return storedAnswer(own.entry, asked, using);
}

/** The stored answer of a message, for whoever is to get it; undefined when a document of it was erased since. AppError `damaged`. */
export async function answerOfMessage(
  id: string,
  using: { readonly store: Pick<RecordStore, "entry" | "evidence">; readonly documentKeys: Pick<DocumentKeys, "read"> },
): Promise<string | undefined> {
  const entry = await using.store.entry(id);
  const key = await using.documentKeys.read(id);
  if (!entry || key === undefined) return undefined;
  return openSubmissionRecord(entry, await using.store.evidence(id), key).answer;
}

async function storedAnswer(entry: LogEntry, asked: Asked, using: DepositContext): Promise<KnownMessage> {
  const permitted = Promise.all(submissionLeafOf(entry).documents.map(async (id) => using.permit?.repeated(asked, id)));
  // Asked at once, and told in order: of what was erased nothing is left to be permitted.
  permitted.catch(() => undefined);
  const [key, evidence] = await Promise.all([using.documentKeys.read(entry.id), using.store.evidence(entry.id)]);
  if (key === undefined) {
    if ((await using.store.claimed([erasureClaim(entry.id)])).size > 0) return { kind: "erased" };
    throw new AppError("damaged", `the key of message ${entry.id} is lost`);
  }
  await permitted;
  const { answer } = openSubmissionRecord(entry, evidence, key);
  if (answer === undefined) throw new AppError("damaged", `the record of message ${entry.id} has no answer`);
  return { kind: "answered", answer, isNew: false, entry: entry.id };
}

/** Undefined when somebody else was quicker: it is to be looked at again. */
async function enter(
  { message, asked, receivedAt, answer }: MessageOrder,
  claims: MessageClaims,
  using: DepositContext,
): Promise<MessageResult | undefined> {
  const submissions = message.focus.flatMap((one) => (one.kind === "document" ? [{ ...one.content, receivedAt, asked }] : []));
  const before: string[] = [];
  let made = { id: "", answer: "" };
  const make: EntryBeside["make"] = async (documents) => {
    before.splice(0, before.length, ...documents.flatMap(({ kind, entry }) => (kind === "ready" ? [] : [entry.id])));
    const at = documents.find(({ kind }) => kind === "ready")?.entry.receivedAt ?? (await using.gate.admit(receivedAt)).toISOString();
    const id = using.newId();
    made = { id, answer: answer(documents, at) };
    return submissionEntry(
      { ...putBack(message, submissions, documents), transaction: "message" },
      {
        ...{ id, at, asked, claim: claims.message, documents: documents.map(({ entry }) => entry.id) },
        answers: documents.map(({ kind, entry }) => ({ place: `Bundle/${entry.id}`, isNew: kind === "ready", warnings: [] })),
        message: { bundleClaim: claims.bundle, answer: made.answer },
      },
      using,
    );
  };
  // What is kept of a message tells of all its documents: none of them may have been erased when it is entered.
  const condition = async (): Promise<boolean> => (await erasuresOf(before, using.store)).size === 0;
  const result = await depositUnit(submissions, condition, using, { make, isAlways: true });
  if (result.kind === "outrun") return undefined;
  return result.kind === "deposited" ? { kind: "answered", answer: made.answer, isNew: true, entry: made.id } : result;
}
