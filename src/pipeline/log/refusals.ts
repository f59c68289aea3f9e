/** Units that cannot be entered, found out of a state of the log: they are answered, and let go. */
import type { RecordStore } from "../store/record-store.ts";
import type { Entered } from "./entered.ts";
import { claimsOf, type Waiting } from "./queue.ts";

type Waiters = readonly Waiting<Entered>[];

/** Answers those of whom a claim is taken; gives the others. Not asked about is what is known to be free: the commit looks for itself. */
export async function answerTaken(waiting: Waiters, store: Pick<RecordStore, "claimed" | "isFree" | "discard">): Promise<Waiters> {
  const isFree = ({ unit }: Waiters[number]): boolean => unit.every(({ id }) => store.isFree?.(id) === true);
  const keys = waiting.flatMap((one) => (isFree(one) ? [] : claimsOf(one.unit)));
  if (keys.length === 0) return waiting;
  const claimed = await store.claimed(keys);
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
