/** What every EventRows must do, whatever engine keeps them. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Delivery, EventName, EventRows, Outgoing, SubscriptionEvent } from "../../src/events/event-rows.ts";
import { Random } from "./random.ts";

/** An event of a subscription; its focus tells who appended it. */
export function eventOf(subscription: string, number: number, position: number, by = "a"): SubscriptionEvent {
  return { subscription, number, position, kind: "deposited", at: "2026-11-30T00:00:00Z", focus: [`DocumentReference/${position}`, `By/${by}`] };
}

/** @param place opens the same rows again, as another process would */
export function describeEventRows(name: string, place: () => Promise<{ open(): Promise<EventRows>; remove(): Promise<void> }>): void {
  describe(`${name} as EventRows`, () => {
    let open: () => Promise<EventRows>;
    let remove: () => Promise<void>;
    let rows: EventRows;
    let other: EventRows;
    beforeEach(async () => {
      ({ open, remove } = await place());
      [rows, other] = [await open(), await open()];
    });
    afterEach(async () => {
      for (const one of [rows, other]) await one.close();
      await remove();
    });
    const all = (subscription: string): Promise<SubscriptionEvent[]> => rows.events(subscription, { from: 1, to: 1_000_000 });

    test("what was appended is there as it was, in its order, for whoever asks", async () => {
      const events = [
        { ...eventOf("a", 1, 5), kind: "superseded" as const, at: "2026-11-30T01:02:03.456Z", focus: ["DocumentReference/é", "Bundle/x"] },
        ...[eventOf("b", 1, 5), eventOf("a", 2, 7), eventOf("a", 3, 7), eventOf("a", 4, 9)],
      ];
      expect(await rows.append(events)).toEqual(new Set());
      expect(await all("a")).toEqual(events.filter(({ subscription }) => subscription === "a"));
      expect(await other.events("a", { from: 3, to: 3 })).toEqual([eventOf("a", 3, 7)]);
      expect((await other.events("a", { from: 3, to: 9 })).map(({ number }) => number)).toEqual([3, 4]);
      expect(await other.events("nobody", { from: 1, to: 9 })).toEqual([]);
      expect(await rows.events("a", { from: 5, to: 9 })).toEqual([]);
      expect(await other.counts(["a", "b", "c"])).toEqual(
        new Map([
          ["a", { count: 4, position: 9 }],
          ["b", { count: 1, position: 5 }],
          ["c", { count: 0, position: -1 }],
        ]),
      );
      expect(await rows.append([])).toEqual(new Set());
    });

    test("what is not the next one is refused, and only of its own subscription", async () => {
      await rows.append([eventOf("a", 1, 1), eventOf("a", 2, 1)]);
      expect(await other.append([eventOf("a", 2, 2, "b"), eventOf("b", 1, 2, "b")])).toEqual(new Set(["a"]));
      expect(await other.append([eventOf("a", 4, 2, "b")])).toEqual(new Set(["a"]));
      expect(await other.append([eventOf("c", 2, 2, "b")])).toEqual(new Set(["c"]));
      expect(await all("a")).toEqual([eventOf("a", 1, 1), eventOf("a", 2, 1)]);
      expect(await all("b")).toHaveLength(1);
      expect(await all("c")).toEqual([]);
      await expect((async () => rows.append([eventOf("a", 3, 3), eventOf("a", 5, 3)]))()).rejects.toMatchObject({ code: "internal" });
    });

    test("of an entry that gives a subscription many events all are there or none, whoever appends at once", async () => {
      const many = (by: string): SubscriptionEvent[] => [1, 2, 3, 4, 5, 6, 7].map((number) => eventOf("a", number, number < 6 ? 5 : 6, by));
      const answers = await Promise.all([rows, other, rows].map((one, at) => one.append(many(`${at}`))));
      expect(answers.filter((late) => late.size === 0)).toHaveLength(1);
      const found = await all("a");
      expect([found.map(({ number }) => number), new Set(found.map(({ focus }) => focus[1])).size]).toEqual([[1, 2, 3, 4, 5, 6, 7], 1]);
      expect((await other.events("a", { from: 4, to: 6 })).map(({ number }) => number)).toEqual([4, 5, 6]);
      expect(await other.counts(["a"])).toEqual(new Map([["a", { count: 7, position: 6 }]]));
    });

    test("two that append at once leave no gap, and no place of the log twice", async () => {
      const random = new Random(17);
      const names = ["a", "b", "c", "d"];
      // What every one of them finds at each place: for some subscriptions up to three events.
      const found = Array.from({ length: 40 }, () => names.map(() => Math.max(0, random.below(6) - 2)));
      const follow = async (mine: EventRows, by: string): Promise<void> => {
        for (const [position, counts] of found.entries()) {
          for (let isDone = false; !isDone;) {
            const known = await mine.counts(names);
            const events = names.flatMap((subscription, at) => {
              const { count, position: last } = known.get(subscription) ?? { count: 0, position: -1 };
              return last >= position
                ? []
                : Array.from({ length: counts[at] ?? 0 }, (_, one) => eventOf(subscription, count + one + 1, position, by));
            });
            isDone = (await mine.append(events)).size === 0;
          }
        }
      };
      await Promise.all([follow(rows, "a"), follow(other, "b"), follow(rows, "c")]);
      for (const [at, subscription] of names.entries()) {
        const events = await all(subscription);
        expect(events.map(({ number }) => number)).toEqual(events.map((_, place) => place + 1));
        expect(events.map(({ position }) => position)).toEqual(
          found.flatMap((counts, position) => new Array<number>(counts[at] ?? 0).fill(position)),
        );
        // Those of one place are all of one: none was appended in halves.
        expect(new Set(events.map(({ position, focus }) => `${position} ${focus[1] ?? ""}`)).size).toBe(
          new Set(events.map(({ position }) => position)).size,
        );
      }
    });

    test("all of them are read page by page, each once", async () => {
      const events = ["a", "b", "c", "d"].flatMap((subscription, at) =>
        Array.from({ length: 3 * at + 1 }, (_, one) => eventOf(subscription, one + 1, Math.floor(one / 3))),
      );
      await rows.append(events);
      const found: SubscriptionEvent[] = [];
      for (let after: EventName | undefined; ; after = found.at(-1)) {
        const page = await rows.page(after, 2);
        if (page.length === 0) break;
        found.push(...page);
      }
      expect(found).toEqual(events);
    });

    test("a delivery begins once and is replaced by revisions, with what it leaves out gone", async () => {
      const first: Omit<Delivery, "revision"> = { subscription: "a", delivered: 0, version: 1, failures: 0, notBefore: 0 };
      const failing = { ...first, delivered: 7, failures: 2, failingSince: 100, lastFailure: "500 from über", lastSuccess: 90, notBefore: 200 };
      expect(await rows.delivery("a")).toBeUndefined();
      expect([await rows.begin(first), await other.begin(failing)]).toEqual([true, false]);
      expect(await other.delivery("a")).toEqual({ ...first, revision: 1 });
      const answers = await Promise.all([rows, other, rows, other].map((one) => one.replace(failing, 1)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await rows.delivery("a")).toEqual({ ...failing, revision: 2 });
      expect(await rows.replace(first, 2)).toBe(true);
      expect(await other.delivery("a")).toEqual({ ...first, revision: 3 });
      expect(await rows.replace({ ...first, subscription: "b" }, 1)).toBe(false);
      await rows.begin({ ...first, subscription: "c" });
      const several = [
        { ...first, revision: 1 },
        { ...first, delivered: 9, subscription: "c", revision: 1 },
        { ...first, subscription: "nobody", revision: 1 },
      ];
      expect(await rows.replaceAll(several)).toEqual(new Set([first.subscription, "nobody"]));
      expect(await other.delivery("c")).toMatchObject({ delivered: 9, revision: 2 });
      await rows.begin({ ...failing, subscription: "b" });
      expect((await other.deliveries()).map(({ subscription }) => subscription)).toEqual(["a", "b", "c"]);
    });

    test("what is to be sent is found when it is due, or when it was given up, until it is removed", async () => {
      const one = (id: string, notBefore: number, over: Partial<Outgoing> = {}): Omit<Outgoing, "revision"> => ({
        ...{ id, notBefore, value: new Uint8Array([1, 2, 255]), failures: 0, isDead: false },
        ...over,
      });
      const due = async (dueBy: number, count = 10): Promise<string[]> => (await other.outgoing({ dueBy }, count)).map(({ id }) => id);
      for (const given of [one("a", 30), one("b", 10), one("c", 20), one("d", 5, { isDead: true, lastFailure: "gone" })])
        expect(await rows.post(given)).toBe(true);
      expect(await other.post(one("a", 1))).toBe(false);
      expect([await due(9), await due(20), await due(100), await due(100, 1)]).toEqual([[], ["b", "c"], ["b", "c", "a"], ["b"]]);
      expect(await rows.outgoing("dead", 10)).toEqual([{ ...one("d", 5), isDead: true, lastFailure: "gone", revision: 1 }]);
      expect((await rows.outgoing("all", 10)).map(({ id }) => id)).toEqual(["d", "b", "c", "a"]);
      expect(await Promise.all(["d", "b", "", "e"].map((prefix) => other.outgoingOf(prefix)))).toEqual([1, 1, 4, 0]);
      const answers = await Promise.all([rows, other].map((through) => through.put(one("b", 40, { failures: 1, lastFailure: "slow" }), 1)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect((await rows.outgoing("all", 10)).at(-1)).toEqual({ ...one("b", 40), failures: 1, lastFailure: "slow", revision: 2 });
      expect([await rows.remove("b"), await other.remove("b")]).toEqual([true, false]);
      expect(await due(100)).toEqual(["c", "a"]);
    });
  });
}
