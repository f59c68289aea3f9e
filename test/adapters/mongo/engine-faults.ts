/**
 * Fails calls to the engine where the driver gives up: after it tried once more by itself. `lost`: the call never came to the server. `unanswered`: it did, and only its
 * answer was lost. Everything that the adapter calls is a method of these two classes of the driver.
 */
import { AbstractCursor, Collection, MongoNetworkError } from "mongodb";

export type Fault = "lost" | "unanswered";

const CALLS = [
  [Collection.prototype, ["insertOne", "insertMany", "findOne", "updateOne", "deleteOne", "deleteMany", "bulkWrite", "countDocuments"]],
  [AbstractCursor.prototype, ["toArray"]],
] as const;

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
