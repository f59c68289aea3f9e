import type { LogEntry, RecordStore } from "./store/record-store.ts";

/** How many entries stand in an order, and the last of them. */
export interface Last {
  readonly count: number;
  readonly entry: LogEntry | undefined;
}

/** One look asks about places 0, 1, 3, 7 … behind the one that it begins at. */
const REACH = 21;
const STEPS: readonly number[] = Array.from({ length: REACH }, (_, at) => 2 ** at - 1);

/**
 * The end of an order in which each entry claims the next place, from 0: found by looking ever further ahead, a few times for the longest.
 * @param known at least so many are there
 */
export async function lastOf(claimOf: (place: number) => string, store: Pick<RecordStore, "claimed">, known = 0): Promise<Last> {
  let from = Math.max(0, known - 1);
  let last: LogEntry | undefined;
  for (;;) {
    const found = await store.claimed(STEPS.map((step) => claimOf(from + step)));
    const there = STEPS.findLast((step) => found.has(claimOf(from + step)));
    if (there === undefined) return { count: last === undefined ? 0 : from, entry: last };
    last = found.get(claimOf(from + there))?.entry;
    from += there + 1;
  }
}
