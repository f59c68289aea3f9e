import type { Severity } from "./issue.ts";

/**
 * One rule, as a row of the catalogue: what `docs/rules.md` tells of it, and what its issues say. A rule of several severities or issue types takes one of them in each finding. `severity` is
 * its own: a policy may change it.
 */
export interface RuleRow {
  readonly severity: Severity | readonly Severity[];
  /** http://hl7.org/fhir/issue-type, e.g. `structure`, `required`, `value`, `invariant`, `invalid`, `not-found`. */
  readonly code: string | readonly string[];
  /** The clause that demands it: of FHIR R4 unless something else is named. Markdown, as the two below. */
  readonly source: string;
  /** What is the case when it is broken. */
  readonly meaning: string;
  /** What the sender is to do. */
  readonly change: string;
}

/** Rules by their ids, which are stable: they stand in outcomes and policies. */
export type RuleRows = Readonly<Record<string, RuleRow>>;

/** The ids of the rules that may have a severity. */
export type RulesOf<Rows extends RuleRows, S extends Severity> = {
  [Id in keyof Rows]: S extends Each<Rows[Id]["severity"]> ? Id : never;
}[keyof Rows] &
  string;

/** The one value, or those of a list. */
export type Each<T> = T extends readonly (infer Item)[] ? Item : T;

/** One row for several rules that are told of together. */
export function each<const Id extends string, const Row extends RuleRow>(ids: readonly Id[], row: Row): Readonly<Record<Id, Row>> {
  return Object.fromEntries(ids.map((id) => [id, row])) as Record<Id, Row>;
}
