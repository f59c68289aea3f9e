/**
 * What a search asks of a resource: plain data that is made of a request by `parse-query.ts` and answered by `evaluate.ts`. It says by which rows of the index (values/index-row.ts) a resource is
 * found; no engine knows what a token or a date is.
 */

import type { Predicate } from "../predicate.ts";

/** What one row must be like. */
export type RowTest = WordTest | SpanTest;

export interface WordTest {
  readonly kind: "word";
  readonly name: string;
  /** `start`: the row's text begins with the value. `anywhere`: it contains it. */
  readonly match: "whole" | "start" | "anywhere";
  /** Absent: any text, of the system that is named. */
  readonly value?: string;
  /** Absent: any system or none. `null`: none. */
  readonly system?: string | null;
}

export interface SpanTest {
  readonly kind: "span";
  readonly name: string;
  readonly scale: string;
  /** All of them hold. */
  readonly conditions: readonly SpanCondition[];
}

export interface SpanCondition {
  readonly column: "low" | "high";
  readonly operator: "<" | "<=" | ">" | ">=";
  readonly bound: number | string;
}

/** A criterion upon resources of one type. */
export type Criterion =
  /** It has a row like one of these. */
  | { readonly kind: "row"; readonly anyOf: readonly RowTest[] }
  /** A word of its texts, of one of these names, begins with the value. */
  | { readonly kind: "text"; readonly names: readonly string[]; readonly value: string }
  /** It has a row of this name. */
  | { readonly kind: "present"; readonly name: string }
  /** For one of its values of a composite parameter there is a row like one of these for each component. */
  | { readonly kind: "together"; readonly components: readonly (readonly RowTest[])[] }
  /** It refers by the parameter `name` to a resource of one of these types that satisfies what stands with the type. */
  | { readonly kind: "refers"; readonly name: string; readonly to: readonly { readonly type: string; readonly criterion: Criterion }[] }
  /** It refers by the parameter `name` to the resource of this id, which is of one of these types; without types, of any. */
  | { readonly kind: "refers-to"; readonly name: string; readonly types: readonly string[]; readonly id: string }
  /** A resource of `type` that satisfies the criterion refers to it by that type's parameter `name`. */
  | { readonly kind: "referred"; readonly type: string; readonly name: string; readonly criterion: Criterion }
  | { readonly kind: "id"; readonly ids: readonly string[] }
  /** When its document was received, in milliseconds. */
  | { readonly kind: "received"; readonly conditions: readonly SpanCondition[] }
  /** Its document is one of those that a scope leaves. */
  | { readonly kind: "permitted"; readonly by: Predicate }
  /** It stands in one of these documents, by their ids. */
  | { readonly kind: "within"; readonly documents: readonly string[] }
  /** It is a document, as a whole. */
  | { readonly kind: "document" }
  /** Its document was superseded by another. */
  | { readonly kind: "superseded" }
  | { readonly kind: "not"; readonly of: Criterion }
  /** Of nothing: true, and false. */
  | { readonly kind: "every" | "some"; readonly of: readonly Criterion[] };

export const ANYTHING: Criterion = { kind: "every", of: [] };

/** Criteria that all hold, without brackets that say nothing. */
export function every(criteria: readonly Criterion[]): Criterion {
  const [only] = criteria;
  return criteria.length === 1 && only ? only : { kind: "every", of: criteria };
}

export function some(criteria: readonly Criterion[]): Criterion {
  const [only] = criteria;
  return criteria.length === 1 && only ? only : { kind: "some", of: criteria };
}
