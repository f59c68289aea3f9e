/** IHE MHD: Provide Document Bundle (ITI-65) and Simplified Publish (ITI-105). All of a submission is entered, with one commit, or nothing of it. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { operationOutcome, type Issue } from "../../../core/fhir/issue.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import type { Source } from "../../../core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { SubmittedAnswer } from "../../../core/formats/submission.ts";
import { submit, type SubmissionCheck, type SubmitRequest, type SubmitResult } from "../../../pipeline/submit.ts";
import type { DepositContext } from "../../../pipeline/deposit.ts";
import type { FaultySubmission, ReadSubmission } from "../../../pipeline/submission/submission-forms.ts";
import type { Reader } from "../../../reader/reader.ts";
import { STATUS_OF } from "../../interaction.ts";
import { depositOutcome, watched } from "../deposit-document.ts";
import type { EntryAnswer } from "../batch/entry-answer.ts";
import { checkRelations, checkTargets } from "./submission-relations.ts";
import { checkSubjects, withOwnPatients, type PatientNeeds } from "./submission-subjects.ts";
import { entryFault, rootOf, SubmissionFault } from "./submission-fault.ts";

/** Documents that are deposited together: all of them are held in memory until they are entered. */
export const MOST_DOCUMENTS = 64;

export interface SubmissionNeeds extends PatientNeeds {
  readonly depositing: DepositContext;
  readonly reader: Pick<Reader, "document" | "mayName" | "find">;
}

/** What became of a submission. */
export type Submitted = Extract<SubmitResult, { kind: "submitted" }>;

/** A refusal that says of every fault where it lies. */
export interface RefusedSubmission {
  readonly kind: "refused";
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly source?: Source;
}

/** Enters it. AppErrors `unavailable`, `gone`. */
export async function enterSubmission(
  asked: Asked,
  read: ReadSubmission | FaultySubmission,
  receivedAt: Date,
  using: SubmissionNeeds,
): Promise<Submitted | RefusedSubmission> {
  asked.noted?.provided();
  if (read.kind === "faulty-submission") return { kind: "refused", status: 422, issues: read.issues, source: new SourceExcerpt(read.source) };
  if (read.documents.length > MOST_DOCUMENTS)
    throw new AppError(
      "too-large",
      `A submission has at most ${MOST_DOCUMENTS} documents, and this one has ${read.documents.length}: send it in parts. Nothing was done.`,
    );
  try {
    const targets = await checkRelations(asked, read, using);
    const submission = await withOwnPatients(asked, read, using);
    const check = (documents: Parameters<SubmitRequest["check"]>[0]): SubmissionCheck => {
      const about = checkSubjects(submission, documents);
      const related = checkTargets(submission, targets, documents);
      const faults = [...about.faults, ...related.faults];
      if (faults.length > 0) throw new SubmissionFault(faults);
      return { patient: about.patient, warnings: [...about.warnings, ...related.warnings] };
    };
    const result = await watched(using.depositing, () => submit(read, { receivedAt, asked, check }, using.depositing));
    return result.kind === "submitted" ? result : await refusal(asked, read, result, using);
  } catch (error) {
    if (!(error instanceof SubmissionFault)) throw error;
    return { kind: "refused", status: 422, issues: error.issues };
  }
}

async function refusal(
  asked: Asked,
  read: ReadSubmission,
  result: Exclude<SubmitResult, Submitted>,
  { reader }: SubmissionNeeds,
): Promise<RefusedSubmission> {
  const contentAt = (at: number): string => {
    const { entry = 0, contentEntry } = read.documents[at] ?? {};
    return rootOf(read, contentEntry ?? entry);
  };
  switch (result.kind) {
    case "taken": {
      const text = `Another submission is called so already${result.by === undefined ? "" : ` (${result.by})`}; a submission that differs has an identifier of its own (XDSDuplicateUniqueIdInRegistry).`;
      return { kind: "refused", status: 409, issues: [{ ...entryFault("Bundle.entry", "duplicate", text), code: "duplicate" }] };
    }
    case "overlapping": {
      const [one, other] = result.at;
      return {
        kind: "refused",
        status: 422,
        issues: [entryFault(contentAt(other), "duplicate", `This is a document with the identifier of ${contentAt(one)}.`)],
      };
    }
    case "refused": {
      const outcome = await depositOutcome(result.result, asked, reader);
      const at = contentAt(result.at);
      const told = entryFault(
        at,
        "document",
        "This document cannot be taken, so that nothing of the submission was; the other issues are about its own text.",
      );
      return {
        kind: "refused",
        status: STATUS_OF[outcome.kind],
        issues: [told, ...outcome.issues],
        ...(outcome.source && { source: outcome.source }),
      };
    }
  }
}

/** The answer of one entry: where what it brought is, and what its source should know. */
export function submittedAnswer({ place, isNew, warnings }: SubmittedAnswer, at: string, fhirBase: string): EntryAnswer {
  const outcome = warningsOf(warnings);
  return {
    status: isNew ? 201 : 200,
    ...(place !== undefined && { location: `${fhirBase}/${place}/_history/1`, etag: 'W/"1"', lastModified: new Date(at) }),
    ...(outcome && { outcome }),
  };
}

function warningsOf(warnings: readonly string[]): JsonObject | undefined {
  if (warnings.length === 0) return undefined;
  return operationOutcome(warnings.map((text) => ({ severity: "warning", code: "incomplete", rule: "mhd-warning", text })));
}

/** AppError `internal` for an answer without the reference that it must have. */
export function referenceIn({ answers }: Submitted): string {
  const [, id] = answers.map(({ place }) => /^DocumentReference\/(.+)$/.exec(place ?? "")).find((found) => found !== null) ?? [];
  if (id === undefined) throw new AppError("internal", "a submission was entered without a DocumentReference");
  return id;
}
