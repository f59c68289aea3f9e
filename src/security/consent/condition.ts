/**
 * What a condition of a provision holds for, as predicates over documents: for which it certainly does, and for which it may. They differ where something cannot be told; a permission then holds for the first alone, and a denial
 * for both.
 */
import { everyOf, permitsEverything, permitsNothing, PERMIT_ALL, PERMIT_NONE, someOf, type Predicate } from "../../search/predicate.ts";

export interface Condition {
  readonly certain: Predicate;
  readonly possible: Predicate;
  /** Elements that could not be evaluated. */
  readonly unevaluated: readonly string[];
}

export const ALWAYS: Condition = { certain: PERMIT_ALL, possible: PERMIT_ALL, unevaluated: [] };
export const NEVER: Condition = { certain: PERMIT_NONE, possible: PERMIT_NONE, unevaluated: [] };

export function exactly(documents: Predicate): Condition {
  return { certain: documents, possible: documents, unevaluated: [] };
}

/** Nobody can tell, of any document or of those that are `possible`. */
export function unknown(element: string, possible: Predicate = PERMIT_ALL): Condition {
  return { certain: PERMIT_NONE, possible, unevaluated: [element] };
}

export function all(conditions: readonly Condition[]): Condition {
  const possible = everyOf(...conditions.map((one) => one.possible));
  // What does not apply anyway is not made unclear by the rest of it.
  if (conditions.some((one) => permitsNothing(one.possible))) return NEVER;
  return { certain: everyOf(...conditions.map((one) => one.certain)), possible, unevaluated: conditions.flatMap((one) => one.unevaluated) };
}

/** One of several; of none, nothing is asked. */
export function anyOf(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return ALWAYS;
  const certain = someOf(conditions.map((one) => one.certain));
  const isSure = permitsEverything(certain);
  return {
    certain,
    possible: someOf(conditions.map((one) => one.possible)),
    unevaluated: isSure ? [] : conditions.flatMap((one) => one.unevaluated),
  };
}
