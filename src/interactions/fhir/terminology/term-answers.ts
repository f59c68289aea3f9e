import { AppError } from "../../../core/errors.ts";
import type { CodingIssue } from "../../../core/fhir/terminology/check-coding.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { OperationAnswer } from "../operation.ts";

const TX_ISSUE_TYPE = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type";
const DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/** A parameter of an answer; undefined values are left out. */
export function parameter(name: string, type: string, value: unknown): object[] {
  return value === undefined ? [] : [{ name, [`value${type}`]: value }];
}

export function parametersAnswer(parameters: readonly object[]): OperationAnswer {
  return { kind: "resource", resource: treeOf({ resourceType: "Parameters", parameter: parameters }) as JsonObject };
}

/** `result` says yes, no, or that its value is not known (R4 data-absent-reason): a client that looks for `true` finds none, and one that looks for `false` neither. */
export function resultParameter(result: boolean | undefined): object {
  if (result !== undefined) return { name: "result", valueBoolean: result };
  return { name: "result", _valueBoolean: { extension: [{ url: DATA_ABSENT, valueCode: "unknown" }] } };
}

/** @param expression of the coding that an issue is about */
export function issueResource(issues: readonly (CodingIssue & { readonly expression?: string | undefined })[]): JsonObject {
  return treeOf({
    resourceType: "OperationOutcome",
    issue: issues.map(({ severity, code, type, text, expression }) => ({
      severity,
      code,
      details: { coding: [{ system: TX_ISSUE_TYPE, code: type }], text },
      ...(expression !== undefined && { location: [expression], expression: [expression] }),
    })),
  }) as JsonObject;
}

/** It was not done, and why. */
export function refusal(status: number, code: string, type: string, text: string): OperationAnswer {
  const resource = treeOf({
    resourceType: "OperationOutcome",
    issue: [{ severity: "error", code, details: { coding: [{ system: TX_ISSUE_TYPE, code: type }], text } }],
  }) as JsonObject;
  return { kind: "refused", status, resource };
}

/** Nothing is said of what is not held: neither yes nor no. */
export function notHeld(what: string, canonical: string): OperationAnswer {
  return refusal(404, "not-found", "not-found", `A definition for the ${what} '${canonical}' could not be found`);
}

/** AppError `bad-query`: something is missing without which nothing can be answered. */
export function required<Value>(value: Value | undefined, text: string): Value {
  if (value === undefined) throw new AppError("bad-query", text);
  return value;
}
