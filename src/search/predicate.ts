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
  /** What somebody must be cleared for to see it: needed-clearance.ts. */
  readonly clearance: readonly string[];
  /** Composition.status. */
  readonly status: readonly string[];
}

export type DecisionColumn = keyof DecisionFacts;

export const DECISION_COLUMNS: readonly DecisionColumn[] = [
  "patient",
  "custodian",
  "organisation",
  "type",
  "confidentiality",
  "labels",
  "clearance",
  "status",
];

/** What a predicate is asked of: a document's facts, and which it is. */
export interface PredicateFacts extends DecisionFacts {
  readonly id: string;
}

/**
 * `any`: one of `values` stands in the column. `only`: nothing but `values` stands in it, or nothing at all. `document`: it is one of these. `every` and `some` of nothing are true and false, as in
 * logic.
 */
export type Predicate =
  | { readonly kind: "any" | "only"; readonly column: DecisionColumn; readonly values: readonly string[] }
  | { readonly kind: "document"; readonly ids: readonly string[] }
  | { readonly kind: "every" | "some"; readonly of: readonly Predicate[] }
  | { readonly kind: "not"; readonly of: Predicate };

export const PERMIT_ALL: Predicate = { kind: "every", of: [] };
export const PERMIT_NONE: Predicate = { kind: "some", of: [] };

export function everyOf(...of: readonly Predicate[]): Predicate {
  const narrowing = of.filter((one) => !permitsEverything(one));
  return narrowing.length === 1 && narrowing[0] ? narrowing[0] : { kind: "every", of: narrowing };
}

export function someOf(of: readonly Predicate[]): Predicate {
  if (of.some(permitsEverything)) return PERMIT_ALL;
  return of.length === 1 && of[0] ? of[0] : { kind: "some", of };
}

export function notOf(of: Predicate): Predicate {
  return { kind: "not", of };
}

/** Whether a predicate narrows nothing: such as PERMIT_ALL, also when it came from another thread. */
export function permitsEverything(predicate: Predicate): boolean {
  return predicate.kind === "every" && predicate.of.length === 0;
}

/** Whether a predicate holds for a document of these facts. */
export function permits(predicate: Predicate, facts: PredicateFacts): boolean {
  switch (predicate.kind) {
    case "any":
      return facts[predicate.column].some((value) => predicate.values.includes(value));
    case "only":
      return facts[predicate.column].every((value) => predicate.values.includes(value));
    case "document":
      return predicate.ids.includes(facts.id);
    case "every":
      return predicate.of.every((one) => permits(one, facts));
    case "some":
      return predicate.of.some((one) => permits(one, facts));
    case "not":
      return !permits(predicate.of, facts);
  }
}
