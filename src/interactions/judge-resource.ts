import { isError, operationOutcome, type Issue } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/json/tree.ts";
import type { ReadLimits } from "../core/fhir/read-limits.ts";
import type { SourceText } from "../core/fhir/source-text.ts";
import { receive } from "../pipeline/intake/receive.ts";
import type { FhirMediaType } from "../pipeline/record.ts";
import type { Policy } from "../pipeline/validate/policy.ts";
import { validate } from "../pipeline/validate/validate.ts";

/** What is to be thought of a resource. */
export interface Judgement {
  /** No issue is an error. */
  readonly isValid: boolean;
  readonly issues: readonly Issue[];
  readonly source: SourceText;
  /** The issues as an OperationOutcome, with lines and columns. */
  outcome(): JsonObject;
}

/** Validates any resource, a document or not, without storing anything. */
export function judgeResource(
  bytes: Uint8Array,
  mediaType: FhirMediaType,
  using: { readonly limits: ReadLimits; readonly policy: Policy },
): Judgement {
  const intake = receive({ bytes, mediaType }, using.limits);
  const source = intake.kind === "unreadable" ? intake.source : intake.received.source;
  const issues = intake.kind === "unreadable" ? intake.issues : validate(intake.received.resource, intake.received.readingIssues, using.policy);
  return { isValid: !issues.some(isError), issues, source, outcome: () => operationOutcome(issues, source) };
}
