/** What became of a line, as a resource on a line: an OperationOutcome whose id names the line. */
import { ERROR_KINDS, type AppError } from "../../../core/errors.ts";
import { operationOutcome, type Issue } from "../../../core/fhir/issue.ts";
import type { Source } from "../../../core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import { STATUS_OF, type CreateOutcome } from "../../interaction.ts";

export interface LineOutcome {
  readonly kind: "deposited" | "repeated" | "refused";
  readonly text: string;
}

/** As the deposit of it was answered. */
export function outcomeOf(line: number, outcome: CreateOutcome): LineOutcome {
  const { kind, issues, source } = outcome;
  if (kind === "created") return { kind: "deposited", text: written(line, issues, source) };
  if (kind === "repeated" || kind === "exists") return { kind: "repeated", text: written(line, issues, source) };
  return refused(line, STATUS_OF[kind], issues, source);
}

/** Of a line that was not taken because of an error that says why; of any other, that it is not the sender's. */
export function outcomeOfError(line: number, error: AppError): LineOutcome {
  const { status, issueCode, isPublic } = ERROR_KINDS[error.code];
  const text = isPublic ? error.message : "Something went wrong here, which is not the document's fault: send it again by itself.";
  return refused(line, status, [{ severity: "error", code: issueCode, rule: error.code, text }]);
}

/** Of a whole file, which is read no further. */
export function outcomeOfFile(what: string, reason: string): LineOutcome {
  const issue: Issue = { severity: "error", code: "incomplete", rule: "import-file", text: `${what} was read no further: ${reason}.` };
  return { kind: "refused", text: withId("file", operationOutcome([issue])) };
}

function refused(line: number, status: number, issues: readonly Issue[], source?: Source): LineOutcome {
  const text = `Line ${line} was not taken: a deposit of it is answered ${status}. Places in the other issues are in the document, which is one line.`;
  return { kind: "refused", text: written(line, [{ severity: "information", code: "informational", rule: "import-line", text }, ...issues], source) };
}

function written(line: number, issues: readonly Issue[], source?: Source): string {
  return withId(`line-${line}`, operationOutcome(issues, source));
}

function withId(id: string, outcome: JsonObject): string {
  return `${writeJson(treeOf({ resourceType: "OperationOutcome", id, issue: outcome.get("issue") }))}\n`;
}
