/** What every audit trail does, whatever it is kept in. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { GrowingTree } from "../../src/core/crypto/growing-tree.ts";
import { leafHash } from "../../src/core/crypto/merkle.ts";
import type { KeptBatch, NewBatch, TrailStore } from "../../src/pipeline/trail/trail-store.ts";

export interface OpenTrailStore {
  readonly store: TrailStore;
  /** The same trail, opened once more; undefined where there is nothing to open. */
  readonly again?: () => Promise<Pick<TrailStore, "checkpoint" | "find" | "close">>;
  close(): Promise<void>;
}

const token = (number: number): string => number.toString(16).padStart(16, "0");
const places = (batches: readonly KeptBatch[]): string[] => batches.map(({ log, index }) => `${log} ${index}`);

export function describeTrailStore(name: string, open: () => Promise<OpenTrailStore>): void {
  describe(name, () => {
    let place: OpenTrailStore;
    let store: TrailStore;
    const trees = new Map<string, GrowingTree>();
    const batchOf = (log: string, index: number, { at, day, tokens }: { at: string; day: string; tokens: readonly string[] }): NewBatch => {
      const leaf = Buffer.from(`leaf ${log} ${index}`);
      const tree = trees.get(log) ?? new GrowingTree();
      trees.set(log, tree);
      const nodes = index === tree.size ? tree.append(leafHash(leaf)) : [{ level: 0, index, hash: leafHash(leaf) }];
      const sealed = Buffer.from(`sealed ${log} ${index}`);
      return { ...{ log, index, from: at, to: at, day, events: index + 1, leaf, sealed, tokens, nodes }, note: `note ${log} ${index + 1}` };
    };
    const append = (log: string, index: number, minute: number, tokens: readonly string[]): Promise<string> => {
      const at = `2026-11-29T10:${String(minute).padStart(2, "0")}:00.000Z`;
      return store.append(batchOf(log, index, { at, day: "2026-11-29", tokens }));
    };

    beforeAll(async () => {
      place = await open();
      ({ store } = place);
    });
    afterAll(() => place.close());

    test("is empty at first", async () => {
      expect(await store.checkpoint("one")).toBeUndefined();
      expect([await store.logs(), await store.keys(), await store.find({ tokens: [] }, 10)]).toEqual([[], [], []]);
    });

    test("appends each batch at one place, whoever was quicker", async () => {
      expect(await append("one", 0, 1, [token(1)])).toBe("appended");
      expect(await append("one", 0, 2, [token(9)])).toBe("behind");
      expect(await append("one", 2, 2, [token(9)])).toBe("behind");
      expect(await append("one", 1, 3, [token(1), token(2)])).toBe("appended");
      expect(await append("two", 0, 2, [token(2)])).toBe("appended");
      expect(await append("one", 2, 5, [token(3)])).toBe("appended");
      expect(await store.checkpoint("one")).toEqual({ size: 3, note: "note one 3" });
      expect(await store.logs()).toEqual(["one", "two"]);
      expect(await store.find({ tokens: [token(9)] }, 10)).toEqual([]);
    });

    test("of two at once one is behind", async () => {
      const at = "2026-11-29T10:01:00.000Z";
      const one = batchOf("race", 0, { at, day: "2026-11-29", tokens: [] });
      const other = { ...one, leaf: Buffer.from("another leaf"), note: "another note" };
      const results = await Promise.all([store.append(one), store.append(other)]);
      expect(results.sort()).toEqual(["appended", "behind"]);
    });

    test("gives batches as they were appended, and their nodes", async () => {
      const batches = await store.batches("one", 1, 10);
      expect(
        batches.map(({ leaf, sealed, note, events }) => [`${Buffer.from(leaf).toString()}, ${Buffer.from(sealed).toString()}`, note, events]),
      ).toEqual([
        ["leaf one 1, sealed one 1", "note one 2", 2],
        ["leaf one 2, sealed one 2", "note one 3", 3],
      ]);
      expect(places(await store.batches("one", 0, 2))).toEqual(["one 0", "one 1"]);
      const [pair, leaf] = await store.nodes("one", [
        { level: 1, index: 0 },
        { level: 0, index: 2 },
      ]);
      expect([pair?.length, Buffer.from(leaf ?? []).equals(leafHash(Buffer.from("leaf one 2")))]).toEqual([32, true]);
      await expect(store.nodes("one", [{ level: 0, index: 3 }])).rejects.toMatchObject({ code: "damaged" });
    });

    test("finds them by all tokens, by time, page by page, the newest first", async () => {
      const mine = { since: "2026-11-29T10:01:30.000Z" };
      expect(places(await store.find({ tokens: [token(1)] }, 10))).toEqual(["one 1", "one 0"]);
      expect(places(await store.find({ tokens: [token(1), token(2)] }, 10))).toEqual(["one 1"]);
      expect(places(await store.find({ tokens: [token(2)] }, 10))).toEqual(["one 1", "two 0"]);
      const either = [[token(2), token(8)], [token(1), token(2)]]; // prettier-ignore
      expect(places(await store.find({ tokens: [], anyOf: either }, 10))).toEqual(["one 1", "two 0"]);
      expect(places(await store.find({ tokens: [token(1)], anyOf: [[token(2), token(3)]] }, 10))).toEqual(["one 1"]);
      expect(await store.find({ tokens: [], anyOf: [[token(1)], [token(3)]] }, 10)).toEqual([]);
      expect(places(await store.find({ tokens: [], ...mine }, 10))).toEqual(["one 2", "one 1", "two 0"]);
      expect(places(await store.find({ tokens: [], ...mine, until: "2026-11-29T10:03:00.000Z" }, 10))).toEqual(["one 1", "two 0"]);
      const [first] = await store.find({ tokens: [token(2)] }, 1);
      expect(first && places(await store.find({ tokens: [token(2)], after: first }, 10))).toEqual(["two 0"]);
    });

    test("keeps one key of a day, and another wrapping of it only in the place of the one that stands", async () => {
      const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
      expect(Buffer.from(await store.keepKey({ name: "2026-11-29/one", wrapped: one }))).toEqual(Buffer.from(one));
      expect(Buffer.from(await store.keepKey({ name: "2026-11-29/one", wrapped: other }))).toEqual(Buffer.from(one));
      expect(await store.replaceKey("2026-11-29/one", other, one)).toBe(false);
      expect(await store.replaceKey("2026-11-29/one", one, other)).toBe(true);
      expect(Buffer.from((await store.key("2026-11-29/one")) ?? [])).toEqual(Buffer.from(other));
      await store.keepKey({ name: "2026-11-30/one", wrapped: one });
      expect((await store.keys()).map(({ name }) => name)).toEqual(["2026-11-29/one", "2026-11-30/one"]);
    });

    test("ends a day: its keys are gone and nothing is found by what stood in it, but the log stays whole", async () => {
      await store.append(batchOf("one", 3, { at: "2026-11-30T08:00:00.000Z", day: "2026-11-30", tokens: [token(1)] }));
      expect(await store.endedDays()).toEqual([]);
      await store.endDays(["2026-11-29", "2026-11-28"]);
      expect(await store.endedDays()).toEqual(["2026-11-28", "2026-11-29"]);
      const late = { name: "2026-11-29/other", wrapped: Uint8Array.of(3) };
      await expect(store.keepKey(late)).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.keepKey({ ...late, name: "2026-11-28/one" })).rejects.toMatchObject({ code: "unavailable" });
      expect(await store.key("2026-11-29/one")).toBeUndefined();
      expect(places(await store.find({ tokens: [token(1)] }, 10))).toEqual(["one 3"]);
      expect((await store.batches("one", 0, 10)).length).toBe(4);
      expect((await store.keys()).map(({ name }) => name)).toEqual(["2026-11-30/one"]);
    });

    test("takes several that come from elsewhere, all of them upon what is there, and counts", async () => {
      const at = "2026-12-01T08:00:00.000Z";
      const given = { at, day: "2026-12-01", tokens: [token(7)] };
      const three = [0, 1, 2].map((index) => batchOf("many", index, given));
      expect(await store.extend([])).toBe("appended");
      expect(await store.extend(three)).toBe("appended");
      expect(await store.extend(three)).toBe("behind");
      expect(places(await store.batches("many", 0, 10))).toEqual(["many 0", "many 1", "many 2"]);
      expect((await store.nodes("many", [{ level: 1, index: 0 }])).length).toBe(1);
      expect(await store.tally()).toEqual({
        batches: 9,
        events: 1 + 2 + 3 + 4 + 1 + 1 + 6,
        days: 3,
        keys: 1,
        from: "2026-11-29T10:01:00.000Z",
        to: at,
      });
    });

    test("has all of it when it is opened again", async () => {
      if (!place.again) return;
      const other = await place.again();
      try {
        expect(await other.checkpoint("one")).toEqual({ size: 4, note: "note one 4" });
        expect(places(await other.find({ tokens: [token(1)] }, 10))).toEqual(["one 3"]);
      } finally {
        await other.close();
      }
    });
  });
}
