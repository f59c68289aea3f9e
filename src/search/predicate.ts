/**
 * What a question about documents is narrowed to, so that neither a list nor a count tells of what may not be seen. A predicate is data: an adapter makes it part of
 * its query, `permits` asks it of one document, and a test holds the two to the same answer.
 */
import { packRules, rulesIn, type PackedRules, type RuledPatients } from "./packed-rules.ts";

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
  /** Keys of whoever wrote it: of its authors, and of the organisations for which they act. */
  readonly authors: readonly string[];
  /** Keys of the encounters, episodes and care plans that it is about. */
  readonly related: readonly string[];
  /** `system|code` of what it is and of what its sections and resources are: `Composition.type`, `category`, `section.code`, and `code` of resources. */
  readonly codes: readonly string[];
  /** The first and the last moment of Composition.date (instant-range.ts). */
  readonly written: readonly string[];
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
  "authors",
  "related",
  "codes",
  "written",
];

/** Whether a key (match-keys.ts) is that of an identifier, and not an address. */
export function isIdentifierKey(key: string): boolean {
  return key.startsWith("identifier:");
}

/** What a predicate is asked of: a document's facts, and which it is. */
export interface PredicateFacts extends DecisionFacts {
  readonly id: string;
}

/**
 * `any`: one of `values` stands in the column. `only`: nothing but `values` stands in it, or nothing at all. `between`: a value stands in it that is neither before `from` nor after `to`, by the order of
 * texts. `document`: it is one of these. `ruled`: one of the rules about its patient holds (`ruledBy`). `every` and `some` of nothing are true and false, as in logic.
 */
export type Predicate =
  | { readonly kind: "any" | "only"; readonly column: DecisionColumn; readonly values: readonly string[] }
  | { readonly kind: "between"; readonly column: DecisionColumn; readonly from: string; readonly to: string }
  | { readonly kind: "document"; readonly ids: readonly string[] }
  | { readonly kind: "ruled"; readonly rules: PackedRules }
  | { readonly kind: "every" | "some"; readonly of: readonly Predicate[] }
  | { readonly kind: "not"; readonly of: Predicate };

export const PERMIT_ALL: Predicate = { kind: "every", of: [] };
export const PERMIT_NONE: Predicate = { kind: "some", of: [] };

export function everyOf(...of: readonly Predicate[]): Predicate {
  if (of.some(permitsNothing)) return PERMIT_NONE;
  const narrowing = of.filter((one) => !permitsEverything(one));
  return narrowing.length === 1 && narrowing[0] ? narrowing[0] : { kind: "every", of: narrowing };
}

export function someOf(of: readonly Predicate[]): Predicate {
  if (of.some(permitsEverything)) return PERMIT_ALL;
  const widening = of.filter((one) => !permitsNothing(one));
  return widening.length === 1 && widening[0] ? widening[0] : { kind: "some", of: widening };
}

export function notOf(of: Predicate): Predicate {
  if (permitsEverything(of)) return PERMIT_NONE;
  if (permitsNothing(of)) return PERMIT_ALL;
  return { kind: "not", of };
}

/** A predicate as a rule; undefined of one that leaves nothing. */
export function ruleOf(documents: Predicate): string | undefined {
  return permitsNothing(documents) ? undefined : JSON.stringify(documents);
}

/** Of many patients something else each: a document is one of theirs, and the rule holds for it. As `some` of `every` would say it, but that a question is not made longer by it. */
export function ruledBy(said: readonly { readonly patients: RuledPatients; readonly rule: string }[]): Predicate {
  return said.length === 0 ? PERMIT_NONE : { kind: "ruled", rules: packRules(said) };
}

/** What rules say of a document: one of those about its patient. */
function ruleFor(rules: PackedRules, { patient, id }: Pick<PredicateFacts, "patient" | "id">): Predicate {
  return someOf(rulesIn<Predicate>(rules).of(patient, id));
}

/** How many conditions and values stand in it, written out. @param known of parts that were counted before */
export function sizeOf(predicate: Predicate, known = new Map<Predicate, number>()): number {
  const counted = known.get(predicate);
  if (counted !== undefined) return counted;
  const size = 1 + sizeWithin(predicate, known);
  known.set(predicate, size);
  return size;
}

function sizeWithin(predicate: Predicate, known: Map<Predicate, number>): number {
  if (predicate.kind === "not") return sizeOf(predicate.of, known);
  if ("of" in predicate) return predicate.of.reduce((sum, one) => sum + sizeOf(one, known), 0);
  return "values" in predicate ? predicate.values.length : "ids" in predicate ? predicate.ids.length : 0;
}

/** Whether a predicate narrows nothing: such as PERMIT_ALL, also when it came from another thread. */
export function permitsEverything(predicate: Predicate): boolean {
  return predicate.kind === "every" && predicate.of.length === 0;
}

/** Whether a predicate leaves nothing: such as PERMIT_NONE, also when it came from another thread. */
export function permitsNothing(predicate: Predicate): boolean {
  return predicate.kind === "some" && predicate.of.length === 0;
}

/** Whether a predicate holds for a document of these facts. */
export function permits(predicate: Predicate, facts: PredicateFacts): boolean {
  switch (predicate.kind) {
    case "any":
      return facts[predicate.column].some((value) => predicate.values.includes(value));
    case "only":
      return facts[predicate.column].every((value) => predicate.values.includes(value));
    case "between":
      return facts[predicate.column].some((value) => value >= predicate.from && value <= predicate.to);
    case "document":
      return predicate.ids.includes(facts.id);
    case "ruled":
      return permits(ruleFor(predicate.rules, facts), facts);
    case "every":
      return predicate.of.every((one) => permits(one, facts));
    case "some":
      return predicate.of.some((one) => permits(one, facts));
    case "not":
      return !permits(predicate.of, facts);
  }
}
