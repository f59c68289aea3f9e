/** What an index gets back from where it keeps it, recognised: data without a type, which may be half of what was written. For every adapter of the index. */
import type { DocumentSummary } from "../pipeline/document-forms.ts";
import type { DocumentLinks } from "./index-port.ts";
import { DECISION_COLUMNS, type DecisionFacts } from "./predicate.ts";

const SUMMARY_TEXTS: readonly (keyof DocumentSummary)[] = ["id", "title", "type", "status", "timestamp", "date", "receivedAt"];
const SUMMARY_LISTS: readonly (keyof DocumentSummary)[] = ["patientIdentifiers", "authors"];
const LINK_LISTS: readonly (keyof DocumentLinks)[] = ["ownKeys", "claims", "subjectKeys", "custodianKeys", "compositionKeys"];

export function isSummary(value: unknown): value is DocumentSummary {
  const fields = fieldsOf(value);
  return SUMMARY_TEXTS.every((name) => typeof fields.get(name) === "string") && hasLists(fields, SUMMARY_LISTS);
}

export function isLinks(value: unknown): value is DocumentLinks {
  return hasLists(fieldsOf(value), LINK_LISTS);
}

export function isFacts(value: unknown): value is DecisionFacts {
  return hasLists(fieldsOf(value), DECISION_COLUMNS);
}

/** An object's own properties; none of anything else. */
export function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function hasLists(fields: ReadonlyMap<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => Array.isArray(fields.get(name)));
}
