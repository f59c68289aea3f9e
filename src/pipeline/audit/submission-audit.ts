/** Submissions (IHE MHD) held against their leaves, and against the documents that came with them. */
import { utf8Text } from "../../core/crypto/bytes.ts";
import { AppError } from "../../core/errors.ts";
import { openKeptContent } from "../../core/formats/kept-document.ts";
import { parseSubmissionLeaf, type SubmissionLeaf, type SubmissionRecord } from "../../core/formats/submission.ts";
import { openSubmission, openSubmissionRecord, submissionOfClaim } from "../submissions.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

/** Which submissions tell of which documents, in the order of the log. */
export class SubmissionAudit {
  readonly #ofDocument = new Map<string, string[]>();
  readonly #ended = new Set<string>();

  /** The claims upon its documents that a submission must bear; none when its leaf can't be read. */
  take({ id, leaf }: LogEntry): string[] {
    return documentsIn(leaf).map((documentId) => {
      const all = this.#ofDocument.get(documentId) ?? [];
      this.#ofDocument.set(documentId, [...all, id]);
      return submissionOfClaim(documentId, all.length);
    });
  }

  /** The submissions that the erasure of a document is the first to end. */
  endedBy(documentId: string): string[] {
    const ends = (this.#ofDocument.get(documentId) ?? []).filter((id) => !this.#ended.has(id));
    for (const id of ends) this.#ended.add(id);
    return ends;
  }
}

function documentsIn(leaf: Uint8Array): readonly string[] {
  return leafIn(leaf)?.documents ?? [];
}

function leafIn(leaf: Uint8Array): SubmissionLeaf | undefined {
  try {
    return parseSubmissionLeaf(leaf);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}

/** By how many claims a submission is known again: a message by its own id, and by that of its Bundle. */
export function countedClaims({ leaf }: LogEntry): number {
  return leafIn(leaf)?.isMessage === true ? 2 : 1;
}

/** The same claims, of its record. */
export function ownClaims({ claim, bundleClaim }: SubmissionRecord): string[] {
  return [claim, ...(bundleClaim === undefined ? [] : [bundleClaim])];
}

/** Its record and what was sent, put together again. Gives the record if it can be opened. */
export async function auditSubmission(
  entry: LogEntry,
  {
    store,
    documentKeys,
    findings,
  }: { readonly store: Pick<RecordStore, "content" | "evidence">; readonly documentKeys: Pick<DocumentKeys, "read">; readonly findings: Findings },
): Promise<SubmissionRecord | undefined> {
  const { id, index } = entry;
  try {
    const key = await documentKeys.read(id);
    if (key === undefined) {
      const text = `the key of submission ${id} (entry ${index}) is not there, and the log does not say that a document of it was erased: nobody can read it`;
      findings.add({ kind: "removed", what: "key", id, index, text });
      return undefined;
    }
    const record = openSubmissionRecord(entry, await store.evidence(id), key);
    const documents = new Map<string, Uint8Array>();
    for (const { document } of record.pieces) {
      const [own, content] = await Promise.all([documentKeys.read(document), store.content(document)]);
      // A document that is not as it was is told of by itself.
      if (own === undefined || content === undefined) return record;
      documents.set(document, openKeptContent(document, content, own));
    }
    openSubmission(entry, { content: await store.content(id), record, key }, (document) => documents.get(document) ?? new Uint8Array());
    return record;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    findings.add({
      kind: "changed",
      what: "entry",
      id,
      index,
      text: `the submission ${id} (entry ${index}) is not what was committed: ${error.message}`,
    });
    return undefined;
  }
}

/** What a submission is known again by must say what it is. */
export function tellSameness(
  { id, index }: LogEntry,
  { canonicalDigest }: SubmissionRecord,
  value: Uint8Array | undefined,
  findings: Findings,
): void {
  if (value === undefined || utf8Text(value) === canonicalDigest) return;
  const text = `the claim of submission ${id} (entry ${index}) has another digest than the submission: a repeat of it would be taken for another`;
  findings.add({ kind: "changed", what: "claim", id, index, text });
}
