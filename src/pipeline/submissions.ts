/** Submissions of documents with their metadata (IHE MHD) as entries of the log: what they are known again by, what is kept of them, and which of them tell of a document. */
import { randomBytes } from "node:crypto";
import type { Asked } from "../core/asked.ts";
import { closeEnvelope, newDocumentKey, openEnvelope } from "../core/envelope.ts";
import { digestOf } from "../core/crypto/digest.ts";
import { utf8Text } from "../core/crypto/bytes.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError, readStored } from "../core/errors.ts";
import {
  formatSubmissionLeaf,
  formatSubmissionRecord,
  parseSubmissionLeaf,
  type SubmissionLeaf,
  parseSubmissionRecord,
  SUBMISSION_KIND,
  wholeSubmission,
  type SubmissionRecord,
  type SubmittedAnswer,
} from "../core/formats/submission.ts";
import { submitterOf } from "./sign/seal.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, NewEntry, RecordStore } from "./store/record-store.ts";
import type { ReadSubmission } from "./submission/submission-forms.ts";

/** How the claims begin by which a message is known by its Bundle: each has one. */
export const MESSAGE_CLAIMS = "message-bundle:";
const SALT_LENGTH = 32;
/** How many claims are asked for at once. */
const RUN = 8;

/** What a submission is known again by: what its SubmissionSet is called, else what it says. */
export async function submissionClaim(
  { identifiers: [identifier], canonical }: Pick<ReadSubmission, "identifiers" | "canonical">,
  keys: Pick<Keys, "identityKeyOf">,
): Promise<string> {
  return `submission:${identifier ? await keys.identityKeyOf(identifier.system, identifier.value) : await keys.identityKeyOf(undefined, canonical)}`;
}

/** The claims of a submission upon its documents: it is the n-th that tells of one. */
export function submissionOfClaim(documentId: string, place: number): string {
  return `submission-of:${documentId}:${place}`;
}

/** The ids of the submissions that tell of a document, in order of the log. */
export async function submissionsOf(documentId: string, store: Pick<RecordStore, "claimed">): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const keys = Array.from({ length: RUN }, (_, at) => submissionOfClaim(documentId, ids.length + at));
    const claimed = await store.claimed(keys);
    const found = keys.flatMap((key) => claimed.get(key)?.entry.id ?? []);
    ids.push(...found);
    if (found.length < RUN) return ids;
  }
}

/** What is entered of a request that brings documents, and of what it says. */
export type EnteredRequest = Pick<ReadSubmission, "mediaType" | "digest" | "canonical" | "kept" | "pieces"> & {
  readonly transaction: ReadSubmission["transaction"] | "message";
};

/** What goes into the entry beside what was read. */
export interface SubmissionFacts {
  readonly id: string;
  /** An instant. */
  readonly at: string;
  readonly asked: Asked;
  readonly claim: string;
  /** The ids of its documents, in their order. */
  readonly documents: readonly string[];
  readonly answers: readonly SubmittedAnswer[];
  /** Of a message: the claim upon the id of its Bundle, and what it is answered. */
  readonly message?: { readonly bundleClaim: string; readonly answer: string };
}

/** The entry, ready to be staged; its key is kept by then. */
export async function submissionEntry(
  { transaction, mediaType, digest, canonical, kept, pieces }: EnteredRequest,
  { id, at, asked, claim, documents, answers, message }: SubmissionFacts,
  { store, documentKeys }: { readonly store: Pick<RecordStore, "claimed">; readonly documentKeys: Pick<DocumentKeys, "wrap"> },
): Promise<NewEntry> {
  const record = formatSubmissionRecord(
    {
      ...{ id, mediaType, transaction, claim, canonicalDigest: canonical, ...message, answers },
      submitter: submitterOf(asked),
      came: { channel: asked.channel, requestId: asked.requestId },
      pieces: pieces.map(({ document, ...piece }) => ({ ...piece, document: documents[document] ?? "" })),
    },
    randomBytes(SALT_LENGTH),
  );
  const key = newDocumentKey();
  const [places] = await Promise.all([
    Promise.all(documents.map(async (one) => submissionOfClaim(one, (await submissionsOf(one, store)).length))),
    documentKeys.wrap(id, key),
  ]);
  const none = new Uint8Array();
  return {
    id,
    kind: SUBMISSION_KIND,
    receivedAt: at,
    leaf: formatSubmissionLeaf({
      ...{ id, at, documents, submittedDigest: digest, recordDigest: digestOf(record) },
      ...(message && { isMessage: true }),
    }),
    claims: [
      { key: claim, value: new TextEncoder().encode(canonical) },
      ...(message ? [{ key: message.bundleClaim, value: none }] : []),
      ...places.map((place) => ({ key: place, value: none })),
    ],
    content: closeEnvelope(kept, key, "content", id),
    evidence: closeEnvelope(new TextEncoder().encode(record), key, "evidence", id),
  };
}

/** The record of a submission, of what is kept of it. AppError `damaged`. */
export function openSubmissionRecord(entry: Pick<LogEntry, "id" | "leaf">, evidence: Uint8Array | undefined, key: Uint8Array): SubmissionRecord {
  if (evidence === undefined) throw new AppError("damaged", `the record of submission ${entry.id} is missing`);
  const text = utf8Text(openEnvelope(evidence, key, "evidence", entry.id));
  if (digestOf(text) !== submissionLeafOf(entry).recordDigest)
    throw new AppError("damaged", `the record of submission ${entry.id} is not what was committed: its digest differs from the one in the log`);
  return readStored(`the record of submission ${entry.id}`, () => parseSubmissionRecord(text));
}

/**
 * A submission as it was sent, to the byte.
 *
 * @param bytesOf the submitted bytes of a document
 * @throws AppError `damaged`
 */
export function openSubmission(
  entry: Pick<LogEntry, "id" | "leaf">,
  { content, record, key }: { readonly content: Uint8Array | undefined; readonly record: SubmissionRecord; readonly key: Uint8Array },
  bytesOf: (documentId: string) => Uint8Array,
): Uint8Array {
  if (content === undefined) throw new AppError("damaged", `what was sent as submission ${entry.id} is missing`);
  const whole = wholeSubmission(openEnvelope(content, key, "content", entry.id), record.pieces, bytesOf);
  if (digestOf(whole) !== submissionLeafOf(entry).submittedDigest)
    throw new AppError("damaged", `submission ${entry.id} is not what was sent: its digest differs from the one in the log`);
  return whole;
}

/** The leaf of a submission as it is stored. AppError `damaged`. */
export function submissionLeafOf({ id, leaf }: Pick<LogEntry, "id" | "leaf">): SubmissionLeaf {
  return readStored(`the leaf of submission ${id}`, () => parseSubmissionLeaf(leaf));
}
