/** Batches and transactions at the base (R4 http.html, "batch/transaction"): documents are deposited, whatever is here is read and searched, each entry as by itself. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { operationOutcome } from "../../../core/fhir/issue.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { FaultySubmission, ReadSubmission } from "../../../pipeline/submission/submission-forms.ts";
import { MOST_ENTRIES, type Unpacked, type UnpackedEntry } from "../../../pipeline/unpack-batch.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import { enterSubmission, submittedAnswer, type RefusedSubmission, type SubmissionNeeds, type Submitted } from "../mhd/provide-documents.ts";
import { writeEntryBundle, type BundleEntry } from "../entry-bundle.ts";
import { MOST_CHARACTERS, MOST_TIME, type BatchNeeds, type BatchRequest } from "./batch-request.ts";
import { answerEntry, failedAnswer, type EntryAnswer } from "./entry-answer.ts";
import { depositAnswer, documentOf } from "./entry-deposit.ts";
import { entryCall } from "./entry-call.ts";
import { performCall } from "./perform-call.ts";
import { runTransaction } from "./transaction.ts";

export type BatchResult =
  /** The Bundle, in UTF-8. */
  | { readonly kind: "answered"; readonly bytes: Uint8Array }
  /** Nothing was done: a transaction of which an entry cannot be, or a text that cannot be read. */
  | { readonly kind: "refused"; readonly status: number; readonly outcome: JsonObject };

export interface BatchInteraction {
  /** Takes a body apart: that much is done while its bytes are held. */
  unpack(content: Content): Promise<Unpacked>;
  /** AppErrors of what is no batch at all: `malformed`, `invalid`, `too-costly`. */
  run(asked: Asked, unpacked: Unpacked, request: BatchRequest): Promise<BatchResult>;
}

export function batchInteraction(using: BatchNeeds & SubmissionNeeds): BatchInteraction {
  const { definitions, fhirBase } = using;
  const { limits } = using.depositing;
  return {
    unpack: ({ bytes, mediaType }) => using.work.do("unpack", { bytes, mediaType, limits }, { bytes: bytes.length, handOver: [bytes] }),
    run: async (asked, unpacked, request) => {
      if (unpacked.kind === "unreadable")
        return { kind: "refused", status: 400, outcome: operationOutcome(unpacked.issues, new SourceExcerpt(unpacked.source)) };
      if (unpacked.kind === "too-many")
        throw new AppError(
          "too-large",
          `A ${unpacked.type} has at most ${MOST_ENTRIES} entries, and this one has ${unpacked.entries}: send it in parts. Nothing was done.`,
        );
      if (unpacked.kind === "submission" || unpacked.kind === "faulty-submission") return provided(await submitted(unpacked));
      const { type, entries } = batchOf(unpacked, fhirBase);
      if (type === "transaction") {
        const result = await runTransaction(asked, entries, { ...using, ...request });
        return result.kind === "refused" ? result : { kind: "answered", bytes: written("transaction-response", result.answers) };
      }
      return { kind: "answered", bytes: written("batch-response", await runBatch(asked, entries, request, using)) };

      function submitted(read: ReadSubmission | FaultySubmission): Promise<Submitted | RefusedSubmission> {
        const weight = read.kind === "submission" ? read.documents.reduce((sum, { content }) => sum + content.bytes.length, 0) : 0;
        return request.turns.take(weight, () => enterSubmission(asked, read, request.receivedAt, using));
      }

      function provided(result: Submitted | RefusedSubmission): BatchResult {
        if (result.kind === "refused") return { kind: "refused", status: result.status, outcome: operationOutcome(result.issues, result.source) };
        const answers = result.answers.map((answer) => submittedAnswer(answer, result.at, fhirBase));
        // The same submission gets the same answer, whenever it comes.
        return { kind: "answered", bytes: written("transaction-response", answers, result.at) };
      }

      function written(kind: "batch-response" | "transaction-response", answers: readonly EntryAnswer[], at = new Date().toISOString()): Uint8Array {
        const own: BundleEntry[] = answers.map(answerEntry);
        const bundle = { type: kind, lastUpdated: at, entries: own, fhirBase };
        return new TextEncoder().encode(writeEntryBundle(bundle, request.form, definitions));
      }
    },
  };
}

/** Refuses what is none, and says where it belongs. */
function batchOf(
  { resourceType, type, entries }: Extract<Unpacked, { kind: "resource" }>,
  fhirBase: string,
): { readonly type: "batch" | "transaction"; readonly entries: readonly UnpackedEntry[] } {
  if (resourceType !== "Bundle")
    throw new AppError(
      "malformed",
      `At this address a Bundle of type batch or transaction is processed, not a ${resourceType || "resource without a type"}.`,
    );
  if (type === "document") throw new AppError("malformed", `This is a document and no batch: deposit it with POST ${fhirBase}/Bundle.`);
  if (type !== "batch" && type !== "transaction")
    throw new AppError("malformed", `At this address a Bundle of type batch or transaction is processed, not one of type ${type ?? "(none)"}.`);
  return { type, entries };
}

/** Each entry by itself, in order; what one comes to is no matter of the others. */
async function runBatch(asked: Asked, entries: readonly UnpackedEntry[], request: BatchRequest, using: BatchNeeds): Promise<EntryAnswer[]> {
  const until = performance.now() + MOST_TIME;
  const answers: EntryAnswer[] = [];
  let characters = 0;
  for (const entry of entries) {
    const isFull = characters > MOST_CHARACTERS || performance.now() > until || !request.isWanted();
    const answer = isFull ? failedAnswer(NOT_DONE) : await entryAnswer(asked, entry, request, using).catch(failedAnswer);
    characters += answer.text?.length ?? 0;
    answers.push(answer);
  }
  return answers;
}

const NOT_DONE = new AppError(
  "unavailable",
  "The batch took too long, or its answer is too large: this entry was not looked at. Send it again, in a batch of its own.",
);

async function entryAnswer(asked: Asked, entry: UnpackedEntry, request: BatchRequest, using: BatchNeeds): Promise<EntryAnswer> {
  const call = entryCall(entry, using.fhirBase);
  if (call.kind !== "create") return performCall(asked, call, entry, { ...using, ...request });
  const content = documentOf(call.type, entry, using.fhirBase);
  return request.turns.take(content.bytes.length, async () => {
    const sent = { ...content, receivedAt: request.receivedAt, ifNoneExist: entry.ifNoneExist };
    return depositAnswer(asked, await using.deposit.handle(asked, sent), { ...using, ...request });
  });
}
