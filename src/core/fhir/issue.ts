import { treeOf, type JsonObject } from "./tree/tree.ts";
import type { Source } from "./reading/source-text.ts";

export type Severity = "fatal" | "error" | "warning" | "information";

/** What is wrong with a resource and where: the program's own form of OperationOutcome.issue. */
export interface Issue {
  readonly severity: Severity;
  /** http://hl7.org/fhir/issue-type, e.g. `structure`, `required`, `value`, `invariant`, `invalid`, `not-found`. */
  readonly code: string;
  /** The id of the rule that was broken, e.g. `bdl-9`; stable, documented, and the key of the policy file. */
  readonly rule: string;
  /** Says what to change, in one or two sentences, to the person who wrote the sending system. */
  readonly text: string;
  /** FHIRPath with indexes (`Bundle.entry[0].resource.section[2].title`); absent when the place is not in a resource. */
  readonly expression?: string;
  /** Where it begins in the source text, in UTF-16 units; absent or negative when it has no place there. */
  readonly offset?: number;
}

export function isError(issue: Issue): boolean {
  return issue.severity === "error" || issue.severity === "fatal";
}

const MESSAGE_ID = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id";
const ISSUE_LINE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line";
const ISSUE_COLUMN = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col";
const ISSUE_SOURCE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-source";

/**
 * Issues as an OperationOutcome resource (R4 operationoutcome). With `source`, each has its line and column, as extensions and in `diagnostics`.
 * R4 demands at least one issue: without any, one of severity information says that all is well.
 */
export function operationOutcome(issues: readonly Issue[], source?: Source): JsonObject {
  const listed =
    issues.length > 0 ? issues : [{ severity: "information", code: "informational", rule: "all-ok", text: "No issues were found." } as const];
  return treeOf({ resourceType: "OperationOutcome", issue: listed.map((issue) => issueAsResource(issue, source)) }) as JsonObject;
}

function issueAsResource(issue: Issue, source: Source | undefined): object {
  const position = issue.offset === undefined ? undefined : source?.positionOf(issue.offset);
  const where = position && [
    { url: ISSUE_LINE, valueInteger: position.line },
    { url: ISSUE_COLUMN, valueInteger: position.column },
  ];
  return {
    extension: [...(where ?? []), { url: ISSUE_SOURCE, valueString: "chartulary" }, { url: MESSAGE_ID, valueString: issue.rule }],
    severity: issue.severity,
    code: issue.code,
    details: { text: issue.text },
    diagnostics: position ? `line ${position.line}, column ${position.column}` : undefined,
    expression: issue.expression === undefined ? undefined : [issue.expression],
  };
}

/** The rule of an issue of an OperationOutcome of ours. */
export function ruleOf(issue: JsonObject): string | undefined {
  return issue
    .objects("extension")
    .find((extension) => extension.string("url") === MESSAGE_ID)
    ?.string("valueString");
}
