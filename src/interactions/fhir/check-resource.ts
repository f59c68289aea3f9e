import { isError, operationOutcome, type Issue } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import type { SourceText } from "../../core/fhir/reading/source-text.ts";
import { receive } from "../../pipeline/intake/receive.ts";
import type { DocumentMediaType } from "../../pipeline/document-forms.ts";
import type { Validator } from "../../pipeline/validate/validate.ts";

/** What is to be thought of a resource. */
export interface ResourceCheck {
  /** No issue is an error. */
  readonly isValid: boolean;
  readonly issues: readonly Issue[];
  readonly source: SourceText;
  /** The issues as an OperationOutcome, with lines and columns. */
  outcome(): JsonObject;
}

/** Validates any resource, a document or not, without storing anything. */
export function checkResource(
  bytes: Uint8Array,
  mediaType: DocumentMediaType,
  using: { readonly limits: ReadLimits; readonly validator: Validator },
): ResourceCheck {
  const intake = receive({ bytes, mediaType }, using.limits, using.validator.definitions);
  const source = intake.kind === "unreadable" ? intake.source : intake.received.source;
  const issues = intake.kind === "unreadable" ? intake.issues : using.validator.validate(intake.received.resource, intake.received.readingIssues);
  return { isValid: !issues.some(isError), issues, source, outcome: () => operationOutcome(issues, source) };
}
