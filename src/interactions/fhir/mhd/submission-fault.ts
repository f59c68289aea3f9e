import type { Issue } from "../../../core/fhir/issue.ts";
import type { ReadSubmission } from "../../../pipeline/submission/submission-forms.ts";

/** Why a submission is refused as a whole. */
export class SubmissionFault extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super("the submission is refused");
    this.issues = issues;
  }
}

/** A fault of what the expression names. */
export function entryFault(expression: string, rule: string, text: string): Issue {
  return { severity: "error", code: "business-rule", rule: `mhd-${rule}`, text, expression };
}

/** The FHIRPath of the resource of an entry. */
export function rootOf({ transaction }: Pick<ReadSubmission, "transaction">, entry: number): string {
  return transaction === "simplified" ? "DocumentReference" : `Bundle.entry[${entry}].resource`;
}
