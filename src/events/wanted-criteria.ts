/** What somebody wants to be told of, as criteria. */
import { every, type Criterion } from "../search/query/criterion.ts";
import { parseQuery } from "../search/query/parse-query.ts";
import type { QueryContext } from "../search/query/query-context.ts";
import { routine } from "../search/query/routine.ts";
import type { HeldSubscription, Wanted } from "./subscription.ts";

/** Of what the topics' filters are criteria. */
export const FILTERED = "DocumentReference";

/** A criterion upon resources of a type. */
export interface TypedCriterion {
  readonly type: string;
  readonly criterion: Criterion;
}

/**
 * The resources that somebody wants to be told of, or whose document. Dates that are about a time (`ap`) are read as of when the subscription was entered, so that it means the same for ever.
 * @throws AppError `bad-query`, `unsupported` for what is not understood any more
 */
export function criterionOfWanted({ wanted, at }: Pick<HeldSubscription, "wanted" | "at">, context: Omit<QueryContext, "now">): TypedCriterion {
  const asOf = { ...context, now: new Date(at) };
  if (wanted.kind === "search") return searched(wanted, asOf);
  const filters = wanted.filters.map((query) => searched({ kind: "search", type: FILTERED, query }, asOf).criterion);
  // Without filters, too, one DocumentReference stands for a document: its source's own, where there is one.
  return {
    type: FILTERED,
    criterion: every(filters.length === 0 ? [searched({ kind: "search", type: FILTERED, query: "" }, asOf).criterion] : filters),
  };
}

function searched({ type, query }: Extract<Wanted, { kind: "search" }>, context: QueryContext): TypedCriterion {
  const { types } = routine(parseQuery(type, [...new URLSearchParams(query)], "strict", context));
  return { type, criterion: every(types.map(({ criterion }) => criterion)) };
}
