/** When periods of provisions begin and end: between two such moments a consent says the same. */
import { instantRangeOf } from "../../core/fhir/instant-range.ts";
import type { Provision } from "./terms.ts";

/** Instants in order: first moments of periods, and last ones. */
export interface PeriodTimes {
  readonly begins: readonly string[];
  readonly ends: readonly string[];
}

export function periodTimes(provisions: readonly Provision[]): PeriodTimes {
  const all = provisions.flatMap(({ body }) => body.object("period") ?? []);
  const of = (name: "start" | "end", edge: "first" | "last"): string[] =>
    [...new Set(all.flatMap((period) => instantRangeOf(period.string(name) ?? "")?.[edge] ?? []))].sort();
  return { begins: of("start", "first"), ends: of("end", "last") };
}

/** The same for two moments between which no period begins or ends (caller-conditions.ts, byPeriod). */
export function timeOf({ begins, ends }: PeriodTimes, now: string): readonly [number, number] {
  return [countWhile(begins, (begin) => begin <= now), countWhile(ends, (end) => end < now)];
}

/** How many of an ordered list come before the first that does not hold. */
function countWhile(ordered: readonly string[], holds: (one: string) => boolean): number {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(ordered[middle] ?? "")) from = middle + 1;
    else to = middle;
  }
  return from;
}
