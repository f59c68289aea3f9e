/**
 * Fails calls to the engine where the driver gives up: after it tried once more by itself. `lost`: the call never came to the server. `unanswered`: it did, and only its
 * answer was lost. Everything that the adapter calls is a method of these two classes of the driver.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { AbstractCursor, Collection, MongoNetworkError } from "mongodb";

export type Fault = "lost" | "unanswered";

const CALLS = [
  [Collection.prototype, ["insertOne", "insertMany", "findOne", "updateOne", "deleteOne", "deleteMany", "bulkWrite", "countDocuments"]],
  [AbstractCursor.prototype, ["toArray"]],
] as const;

/** Does something right before one call of whoever works within `during`, and counts their calls: what others call meanwhile goes on. */
export async function beforeCall(number: number, work: () => Promise<unknown>, during: () => Promise<unknown>): Promise<number> {
  const whose = new AsyncLocalStorage<true>();
  const before: (() => void)[] = [];
  let count = 0;
  for (const [owner, names] of CALLS)
    for (const name of names) {
      const original = Reflect.get(owner, name) as Method;
      before.push(() => void Reflect.set(owner, name, original));
      const waiting: Method = async function (...values) {
        if (whose.getStore() === true && ++count === number) await whose.exit(work);
        return original.apply(this, values);
      };
      Reflect.set(owner, name, waiting);
    }
  try {
    await whose.run(true, during);
    return count;
  } finally {
    for (const restore of before) restore();
  }
}

type Method = (this: unknown, ...values: unknown[]) => Promise<unknown>;

/** Counts the calls from now on, and fails the one of this number (from 1). `end` puts everything back, and gives how many there were. */
export function failCall(number: number, fault: Fault): { end(): number } {
  let count = 0;
  const before: (() => void)[] = [];
  for (const [owner, names] of CALLS)
    for (const name of names) {
      const original = Reflect.get(owner, name) as Method;
      before.push(() => void Reflect.set(owner, name, original));
      const failing: Method = async function (...values) {
        if (++count !== number) return original.apply(this, values);
        if (fault === "unanswered") await original.apply(this, values).catch(() => undefined);
        throw new MongoNetworkError("injected");
      };
      Reflect.set(owner, name, failing);
    }
  return {
    end: () => {
      for (const restore of before) restore();
      return count;
    },
  };
}
