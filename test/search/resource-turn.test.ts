/** Of several processes that could take in the same, one does; when it dies, another one goes on, and whoever asks does not wait for that. */
import { expect, test } from "@jest/globals";
import { Turn } from "../../src/followers/turn.ts";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import { ResourceIndexer, type WorkTurn } from "../../src/search/resource-indexer.ts";
import type { WritableResources } from "../../src/search/resource-index.ts";
import { MemoryPositions } from "../contracts/memory-positions.ts";

const SIZE = 40;
const HOUR = 3_600_000;

/** The index that all share, by compare-and-swap. */
class SharedResources implements WritableResources {
  #depth = 0;

  depth(): Promise<number> {
    return Promise.resolve(this.#depth);
  }

  async deepen({ from, to }: { readonly from: number; readonly to: number }): Promise<"advanced" | "behind"> {
    await new Promise((resolve) => setImmediate(resolve));
    if (from !== this.#depth) return "behind";
    this.#depth = to;
    return "advanced";
  }
}

/** A process; `described` counts how often each entry was described by anybody. */
function processOn(index: WritableResources, described: number[], turn: WorkTurn | undefined): ResourceIndexer {
  return new ResourceIndexer(index, {
    source: {
      size: () => Promise.resolve(SIZE),
      entries: (from, count) =>
        Promise.resolve(Array.from({ length: count }, (_, at) => ({ index: from + at, kind: "deposit", contentBytes: 20_000 }) as LogEntry)),
      describe: ({ index: place }) => {
        described[place] = (described[place] ?? 0) + 1;
        return new Promise((resolve) => setImmediate(() => resolve([])));
      },
    },
    onFault: (error) => {
      throw error;
    },
    turn,
  });
}

test("what one takes in is described by no other", async () => {
  const [index, described, positions] = [new SharedResources(), [] as number[], new MemoryPositions()];
  const all = [1, 2, 3].map(() => processOn(index, described, new Turn(positions, "resources")));
  for (const one of all) one.wake();
  expect(await Promise.all(all.map((one) => one.reach(SIZE, HOUR)))).toEqual([0, 0, 0]);
  expect(described).toEqual(Array.from({ length: SIZE }, () => 1));
  await Promise.all(all.map((one) => one.close()));
  // It was given back: whoever comes next need not wait for its end.
  expect(await new Turn(positions, "resources").take()).toBe(true);
});

test("without turns they describe the same in vain: what the test above holds", async () => {
  const [index, described] = [new SharedResources(), [] as number[]];
  const all = [1, 2, 3].map(() => processOn(index, described, undefined));
  await Promise.all(all.map((one) => one.reach(SIZE, HOUR)));
  expect(described.reduce((sum, times) => sum + times, 0)).toBeGreaterThan(SIZE);
  await Promise.all(all.map((one) => one.close()));
});

test("whoever asks waits for no one who has the turn and does nothing with it", async () => {
  const [index, described, positions] = [new SharedResources(), [] as number[], new MemoryPositions()];
  // Its process died, or is asleep.
  expect(await new Turn(positions, "resources").take()).toBe(true);
  const one = processOn(index, described, new Turn(positions, "resources"));
  expect(await one.reach(2, 10_000)).toBe(0);
  await one.close();
});
