/** In which order operators see subscriptions. */
import { expect, test } from "@jest/globals";
import { statesOf, troubledFirst } from "../../src/events/subscription-states.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { heldSubscription } from "./held.ts";

const at = (day: number): string => `2026-01-0${day}T00:00:00.000Z`;
const one = (n: number, status: "active" | "error" | "off", day: number): ReturnType<typeof heldSubscription> =>
  heldSubscription(n, {}, { status, at: at(day) });

test("the newest problems first, then the newest; what has ended is no problem", async () => {
  const rows = new MemoryEvents();
  const all = [one(1, "active", 1), one(2, "active", 2), one(3, "active", 3), one(4, "error", 4), one(5, "off", 5), one(6, "active", 6)];
  const begin = (n: number, failures: number, since?: number): Promise<boolean> =>
    rows.begin({
      ...{ subscription: all[n - 1]?.id ?? "", delivered: 0, version: 1, failures, notBefore: Date.parse(at(9)), lastFailure: "it answered 500" },
      ...(since !== undefined && { failingSince: Date.parse(at(since)) }),
    });
  await Promise.all([begin(1, 2, 7), begin(2, 3, 3), begin(5, 4, 8), begin(6, 0)]);
  const sorted = await troubledFirst(all, rows);
  expect(sorted.map(({ id }) => all.findIndex((held) => held.id === id) + 1)).toEqual([1, 4, 2, 6, 5, 3]);
  const states = await statesOf(sorted, rows);
  // Nobody is tried who has ended, or does not fail.
  expect(states.map(({ nextAttempt }) => nextAttempt)).toEqual([at(9), undefined, at(9), undefined, undefined, undefined]);
});
