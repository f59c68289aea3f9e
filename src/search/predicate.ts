/**
 * What a question about documents is narrowed to, so that neither a list nor a count tells of what may not be seen. A predicate is data: an adapter makes it part of
 * its query, `permits` asks it of one document, and a test holds the two to the same answer.
 */

/** What a decision about a document goes by, each a list of values (`confidentiality` and `status` of at most one). Columns of the index's rows. */
export interface DecisionFacts {
  /** By which the patient is known: same-person.ts. */
  readonly patient: readonly string[];
  /** Keys (match-keys.ts) of the custodian, and of the organisations of its authors. */
  readonly custodian: readonly string[];
  readonly organisation: readonly string[];
  /** Composition.type's codings, `system|code`. */
  readonly type: readonly string[];
  /** Composition.confidentiality. */
  readonly confidentiality: readonly string[];
  /** `system|code` of the security labels of Bundle and Composition. */
  readonly labels: readonly string[];
  /** Composition.status. */
  readonly status: readonly string[];
}

export type DecisionColumn = keyof DecisionFacts;

export const DECISION_COLUMNS: readonly DecisionColumn[] = ["patient", "custodian", "organisation", "type", "confidentiality", "labels", "status"];

/** `any`: one of `values` stands in the column. `every` and `some` of nothing are true and false, as in logic. */
export type Predicate =
  | { readonly kind: "any"; readonly column: DecisionColumn; readonly values: readonly string[] }
  | { readonly kind: "every" | "some"; readonly of: readonly Predicate[] }
  | { readonly kind: "not"; readonly of: Predicate };

export const PERMIT_ALL: Predicate = { kind: "every", of: [] };
export const PERMIT_NONE: Predicate = { kind: "some", of: [] };

/** Whether a predicate narrows nothing: such as PERMIT_ALL, also when it came from another thread. */
export function permitsEverything(predicate: Predicate): boolean {
  return predicate.kind === "every" && predicate.of.length === 0;
}

/** Whether a predicate holds for a document of these facts. */
export function permits(predicate: Predicate, facts: DecisionFacts): boolean {
  switch (predicate.kind) {
    case "any":
      return facts[predicate.column].some((value) => predicate.values.includes(value));
    case "every":
      return predicate.of.every((one) => permits(one, facts));
    case "some":
      return predicate.of.some((one) => permits(one, facts));
    case "not":
      return !permits(predicate.of, facts);
  }
}
