/** Units that cannot be entered, found out of a state of the log: they are answered, and let go. */
import type { RecordStore } from "../store/record-store.ts";
import type { Entered } from "./entered.ts";
import { claimsOf, type Waiting } from "./queue.ts";

type Waiters = readonly Waiting<Entered>[];

/** Answers those of whom a claim is taken; gives the others. */
export async function answerTaken(waiting: Waiters, store: Pick<RecordStore, "claimed" | "discard">): Promise<Waiters> {
  const claimed = await store.claimed(waiting.flatMap(({ unit }) => claimsOf(unit)));
  return waiting.filter(({ unit, resolve }) => {
    const key = claimsOf(unit).find((one) => claimed.has(one)) ?? "";
    const by = claimed.get(key);
    if (by === undefined) return true;
    store.discard(unit.map(({ id }) => id));
    resolve({ kind: "taken", key, by });
    return false;
  });
}

/** Answers a unit whose condition does not hold in a log of this size, which is alone if it has one; gives the others. */
export async function answerRefused(waiting: Waiters, size: number, store: Pick<RecordStore, "discard">): Promise<Waiters> {
  const [one, ...others] = waiting;
  if (one?.condition === undefined || (await one.condition(size))) return waiting;
  store.discard(one.unit.map(({ id }) => id));
  one.resolve({ kind: "refused" });
  return others;
}
