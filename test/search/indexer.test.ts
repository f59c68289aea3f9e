import { describe, expect, test } from "@jest/globals";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import { indexStep, type StepSource } from "../../src/search/index-step.ts";
import type { Described, IndexedDocument, WritableIndex } from "../../src/search/index-port.ts";
import { holdAgainst, Indexer, type IndexSource } from "../../src/search/indexer.ts";
import { PERMIT_ALL } from "../../src/search/predicate.ts";
import { rebuildIndex } from "../../src/search/rebuild.ts";
import { isSuperseded, relationsOf } from "../../src/search/supersession.ts";
import { newDocument } from "../contracts/indexed.ts";
import { MemoryIndex } from "../contracts/memory-index.ts";

/** A document called `id` that replaces others; `|erased` behind an entry's kind erases it. */
function described(id: string, ...replaces: readonly string[]): Described {
  const { summary, links, terms, facts, header } = newDocument({
    from: 0,
    summary: { id },
    links: { ownKeys: [`url:${id}`], claims: replaces.map((target) => ({ relation: "replaces", key: `url:${target}` })) },
  });
  return { summary, links, terms, facts, header };
}

const DOCUMENTS = new Map([described("a"), described("b", "a"), described("c", "b", "a"), described("d", "z")].map((one) => [one.summary.id, one]));

/** The log of these: a document's id, or `-` and one for the entry that erases it. */
function logOf(...words: readonly string[]): LogEntry[] {
  return words.map((word, index) => {
    const isErasure = word.startsWith("-");
    return {
      index,
      treeSize: index + 1,
      id: isErasure ? `entry ${index}` : word,
      kind: isErasure ? "whatever-it-is-called" : "deposit",
      ...(isErasure && { documentId: word.slice(1) }),
      receivedAt: "",
      contentBytes: 0,
      leaf: Buffer.from(`leaf ${index} ${word}`),
    };
  });
}

/** As things are once this much of the log is there: an erased document cannot be opened any more. */
function sourceOf(log: readonly LogEntry[]): StepSource {
  const isReadable = (id: string): boolean => !log.some((entry) => entry.documentId === id);
  return {
    describe: ({ id }) => Promise.resolve(isReadable(id) ? DOCUMENTS.get(id) : undefined),
    isReadable: (id) => Promise.resolve(isReadable(id)),
  };
}

async function fill(index: WritableIndex, log: readonly LogEntry[], step: number, isLive: boolean): Promise<void> {
  for (let from = 0; from < log.length; from += step) {
    const taken = log.slice(from, from + step);
    expect(await index.advance(await indexStep(taken, index, sourceOf(isLive ? log.slice(0, from + step) : log)))).toBe("advanced");
  }
}

const rowsOf = async (index: MemoryIndex): Promise<IndexedDocument[]> => index.newest(100, PERMIT_ALL);

const ORDERS = [
  ["a", "b", "c", "d"],
  ["c", "b", "a", "d"],
  ["b", "d", "a", "c"],
  ["a", "c", "b", "-c"],
  ["a", "b", "-b", "d"],
  ["b", "-b", "a"],
  ["c", "a", "b", "-c", "-a"],
];

describe.each(ORDERS.map((words) => [words.join(" "), logOf(...words)] as const))("the log %s", (_, log) => {
  test("makes the same rows in steps of any size, while it grows and afterwards", async () => {
    const whole = new MemoryIndex();
    await fill(whole, log, 100, false);
    for (const step of [1, 2, 3])
      for (const isLive of [true, false]) {
        const index = new MemoryIndex();
        await fill(index, log, step, isLive);
        expect(await rowsOf(index)).toEqual(await rowsOf(whole));
      }
  });

  test("closes exactly the documents of which relations say that they are superseded, where both are in the log", async () => {
    const index = new MemoryIndex();
    await fill(index, log, 2, true);
    const rows = await rowsOf(index);
    for (const row of rows) {
      const related = await index.related([row.summary.id], PERMIT_ALL);
      expect([row.to !== undefined]).toEqual(related.map((one) => isSuperseded(relationsOf(one))));
      const claimants = rows.filter(({ links }) => links.claims.some(({ key }) => row.links.ownKeys.includes(key)));
      if (row.to !== undefined) expect(row.to).toBe(Math.min(...claimants.map(({ from }) => Math.max(from, row.from))));
    }
  });
});

const refuse = (): never => {
  throw new Error("nothing is opened here");
};

describe("the indexer", () => {
  const sourceWith = (log: LogEntry[]): IndexSource => ({
    size: () => Promise.resolve(log.length),
    entries: (from, count) => Promise.resolve(log.slice(from, from + count)),
    open: () => Promise.resolve(undefined),
    isReadable: () => Promise.resolve(true),
  });
  const open = (log: LogEntry[], index = new MemoryIndex(), faults: unknown[] = []): Indexer =>
    new Indexer(index, { source: sourceWith(log), describe: refuse, describeFeed: refuse, onFault: (error) => faults.push(error) });

  test("comes as far as it is asked to, many asking at once, two instances on one index", async () => {
    const index = new MemoryIndex();
    const log = logOf(...Array.from({ length: 300 }, (_, number) => String(number)));
    const two = [open(log, index), open(log, index)];
    const missing = await Promise.all([10, 300, 1, 300, 77, 300].map((size, at) => (two[at % 2] ?? open(log)).reach(size, 60_000)));
    expect(missing).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await index.position()).toMatchObject({ size: 300 });
  });

  test("tells what is missing when it may not wait, and goes on", async () => {
    const index = new MemoryIndex();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const log = logOf("a", "b", "c");
    const source = { ...sourceWith(log), open: () => held.then(() => undefined) };
    const indexer = new Indexer(index, { source, describe: refuse, describeFeed: refuse, onFault: () => undefined });
    expect(await indexer.reach(undefined, 0)).toBe(3);
    goOn();
    expect(await indexer.reach(undefined, 60_000)).toBe(0);
  });

  test("a fault is told, does not fail whoever waits, and is made good by the next", async () => {
    const [index, faults] = [new MemoryIndex(), [] as unknown[]];
    const log = logOf("a");
    let isDown = true;
    const source = { ...sourceWith(log), open: () => (isDown ? Promise.reject(new Error("the key service is down")) : Promise.resolve(undefined)) };
    const indexer = new Indexer(index, { source, describe: refuse, describeFeed: refuse, onFault: (error) => faults.push(error) });
    expect(await indexer.reach(undefined, 60_000)).toBe(1);
    expect(faults).toHaveLength(1);
    isDown = false;
    expect(await indexer.reach(undefined, 60_000)).toBe(0);
  });

  test("empties an index of another record, or of more than there is", async () => {
    const index = new MemoryIndex();
    await open(logOf("a", "b"), index).reach(undefined, 60_000);
    await holdAgainst(sourceWith(logOf("a", "b", "c")), index);
    expect(await index.position()).toMatchObject({ size: 2 });
    for (const other of [logOf("a", "c"), logOf("a")]) {
      await holdAgainst(sourceWith(other), index);
      expect(await index.position()).toMatchObject({ size: 0 });
      await open(logOf("a", "b"), index).reach(undefined, 60_000);
    }
  });

  test("a rebuild takes in what comes meanwhile, and takes over", async () => {
    const index = new MemoryIndex();
    const log = logOf(...Array.from({ length: 100 }, (_, number) => String(number)));
    const indexer = open(log, index);
    await indexer.reach(undefined, 60_000);
    const options = { source: sourceWith(log), describe: refuse, describeFeed: refuse, onFault: () => undefined };
    const rebuilt = await rebuildIndex(index, options, (done) => {
      if (done !== 64) return;
      log.push(...logOf(...Array.from({ length: 110 }, (_, number) => String(number))).slice(100));
      void indexer.reach(undefined, 60_000);
    });
    expect(rebuilt).toEqual({ entries: 110, documents: 0 });
    expect(await index.position()).toMatchObject({ size: 110 });
  });
});
