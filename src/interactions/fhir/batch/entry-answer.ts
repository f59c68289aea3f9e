import { STATUS_CODES } from "node:http";
import { AppError, ERROR_KINDS } from "../../../core/errors.ts";
import { operationOutcome } from "../../../core/fhir/issue.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { STATUS_OF, type CreateOutcome } from "../../interaction.ts";
import type { BundleEntry } from "../entry-bundle.ts";

/** What one entry of a batch came to. */
export interface EntryAnswer {
  readonly status: number;
  /** Of the resource that is given. */
  readonly fullUrl?: string;
  /** The resource, written. */
  readonly text?: string;
  readonly location?: string;
  readonly etag?: string;
  readonly lastModified?: Date | undefined;
  readonly outcome?: JsonObject;
}

/** As an entry of the Bundle that answers (R4 bundle.html, response). */
export function answerEntry({ status, fullUrl, text, location, etag, lastModified, outcome }: EntryAnswer): BundleEntry {
  return {
    ...(fullUrl !== undefined && { fullUrl }),
    text,
    parts: [
      {
        name: "response",
        values: [
          ["status", `${status} ${STATUS_CODES[status] ?? ""}`.trim()],
          ["location", location],
          ["etag", etag],
          ["lastModified", lastModified?.toISOString()],
        ],
        outcome,
      },
    ],
  };
}

/** A failure as its entry tells of it. What is no failure of a caller is thrown on. */
export function failedAnswer(error: unknown): EntryAnswer {
  if (!(error instanceof AppError) || !ERROR_KINDS[error.code].isPublic) throw error;
  const { status, issueCode } = ERROR_KINDS[error.code];
  const severity = status >= 500 ? "fatal" : "error";
  return { status, outcome: operationOutcome([{ severity, code: issueCode, rule: error.code, text: error.message }]) };
}

/** What became of a document. `isTold`: with all that was noticed, also when it was taken. */
export function createdAnswer(outcome: CreateOutcome, { fhirBase, isTold }: { readonly fhirBase: string; readonly isTold: boolean }): EntryAnswer {
  const { kind, id, lastModified, issues, source } = outcome;
  const status = STATUS_OF[kind];
  return {
    status,
    ...(id !== undefined && { location: `${fhirBase}/Bundle/${id}/_history/1`, etag: 'W/"1"', lastModified }),
    ...((isTold || status >= 400 || kind === "exists") && { outcome: operationOutcome(issues, source) }),
  };
}
