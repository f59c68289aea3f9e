/** Statistics of a log that nobody reads as a whole: how many places are asked for says what it costs. */
import { expect, test } from "@jest/globals";
import { statisticsOf, type StatisticsSource } from "../../src/pipeline/statistics.ts";

function sourceOf(times: readonly string[]): { readonly source: StatisticsSource; readonly asked: Set<number> } {
  const asked = new Set<number>();
  const entry = (index: number) => ({ index, treeSize: times.length, id: String(index), kind: "deposit", receivedAt: times[index] ?? "", leaf: new Uint8Array(10), contentBytes: 100 }); // prettier-ignore
  const source: StatisticsSource = {
    store: {
      checkpoint: () => Promise.resolve(times.length === 0 ? undefined : { size: times.length, note: "" }),
      entries: (from) => {
        asked.add(from);
        return Promise.resolve(from < times.length ? [entry(from)] : []);
      },
      claimed: () => Promise.resolve(new Map()),
    },
    inventory: {
      // With one epoch nobody counts its keys.
      keys: () => {
        throw new Error("all keys are looked at");
      },
      bodies: (from) => Promise.resolve([{ index: from, content: undefined, evidence: new Uint8Array(7), wrappedKey: undefined }]),
      claimsBeginning: async function* (prefix) {
        yield await Promise.resolve(
          prefix === "submission:"
            ? ["submission:a", "submission:b", "submission:c"]
            : prefix === "message-bundle:"
              ? ["message-bundle:a", "message-bundle:b"]
              : [],
        );
      },
      custody: async function* () {
        yield await Promise.resolve([
          { index: 3, kind: "hold", documentId: "a" },
          { index: 4, kind: "release", documentId: "a" },
          { index: 5, kind: "hold", documentId: "b" },
          { index: 6, kind: "erasure", documentId: "c" },
          { index: 7, kind: "novelty", documentId: "c" },
        ]);
      },
    },
    pastLogs: 2,
    epochs: [{ epoch: 1, keyId: "00000000", isEnded: false }],
  };
  return { source, asked };
}

test("months are found where they begin, and few places of the log are looked at", async () => {
  const counts = { "2024-12": 40_000, "2025-01": 1, "2025-03": 59_999 };
  const times = Object.entries(counts).flatMap(([month, count]) => Array.from({ length: count }, () => `${month}-05T00:00:00.000Z`));
  const { source, asked } = sourceOf(times);
  const { months, size, kinds, erased, held, average } = await statisticsOf(source);
  expect(months).toEqual(Object.entries(counts).map(([month, entries]) => ({ month, entries })));
  expect({ size, kinds, erased, held, average }).toEqual({
    size: 100_000,
    kinds: { deposit: 99_990, submission: 1, message: 2, hold: 2, release: 1, erasure: 1, novelty: 1, "new-origin": 2 },
    erased: 1,
    held: 1,
    average: { sample: 200, content: 100, evidence: 7, leaf: 10 },
  });
  expect(asked.size).toBeLessThan(300);
});

test("an empty log has nothing, and says so", async () => {
  const { source } = sourceOf([]);
  const { inventory, ...others } = source;
  const none = async function* (): AsyncGenerator<never[], undefined> {
    await Promise.resolve();
    yield [];
  };
  expect(await statisticsOf({ ...others, inventory: { ...inventory, custody: none, claimsBeginning: none } })).toEqual({
    ...{ size: 0, kinds: { deposit: 0 }, erased: 0, held: 0, oldestAt: undefined, newestAt: undefined, months: [], average: undefined },
    epochs: [{ epoch: 1, begunAt: undefined, endedAt: undefined, keys: undefined }],
  });
});
