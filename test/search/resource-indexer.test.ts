import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import { ResourceIndexer } from "../../src/search/resource-indexer.ts";
import type { ResourceStep } from "../../src/search/resource-index.ts";

/** Milliseconds that one step takes here. */
const STEP_TIME = 20;
const SIZE = 1_000;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
});

afterEach(() => {
  jest.useRealTimers();
});

/** A part of the index far behind a log; `during` is called in each step. */
function farBehind(during: (indexer: ResourceIndexer) => void): { readonly indexer: ResourceIndexer; steps(): number } {
  let depth = 0;
  let steps = 0;
  const indexer: ResourceIndexer = new ResourceIndexer(
    {
      depth: () => Promise.resolve(depth),
      deepen: ({ to }: ResourceStep) => {
        jest.advanceTimersByTime(STEP_TIME);
        during(indexer);
        depth = to;
        steps += 1;
        return Promise.resolve("advanced");
      },
    },
    {
      source: {
        size: () => Promise.resolve(SIZE),
        entries: (from, count) => Promise.resolve(Array.from({ length: count }, (_, at) => entry(from + at))),
        describe: () => Promise.resolve([]),
      },
      onFault: (error) => {
        throw error;
      },
    },
  );
  return { indexer, steps: () => steps };
}

function entry(index: number): LogEntry {
  return { index, kind: "deposit", id: `${index}` } as LogEntry;
}

/** Lets everything go on that waits for no time to pass. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("an index that is far behind rests three times as long as it works while deposits come", async () => {
  const { indexer, steps } = farBehind((one) => one.wake());
  indexer.wake();
  await settle();
  expect(steps()).toBe(1);
  jest.advanceTimersByTime(3 * STEP_TIME - 1);
  await settle();
  expect(steps()).toBe(1);
  jest.advanceTimersByTime(1);
  await settle();
  expect(steps()).toBe(2);
  await indexer.close();
});

test("it rests no more when somebody waits for what it takes in", async () => {
  const { indexer, steps } = farBehind((one) => one.wake());
  indexer.wake();
  await settle();
  expect(steps()).toBe(1);
  expect(await indexer.reach(SIZE, 3_600_000)).toBe(0);
  await indexer.close();
});

test("it does not rest when no deposit comes", async () => {
  const { indexer } = farBehind(() => undefined);
  indexer.wake();
  for (let round = 0; round < 20; round += 1) await settle();
  expect(await indexer.reach(SIZE, 0)).toBe(0);
  await indexer.close();
});

test("it does not rest because somebody looks how far it is", async () => {
  const { indexer } = farBehind((one) => one.goOn());
  indexer.goOn();
  for (let round = 0; round < 20; round += 1) await settle();
  expect(await indexer.reach(SIZE, 0)).toBe(0);
  await indexer.close();
});

test("it ends at once while it rests", async () => {
  const { indexer, steps } = farBehind((one) => one.wake());
  indexer.wake();
  await settle();
  await indexer.close();
  expect(steps()).toBe(1);
});
