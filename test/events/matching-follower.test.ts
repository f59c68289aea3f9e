import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEventRows } from "../../src/adapters/sqlite/event-rows.ts";
import { MatchingFollower } from "../../src/events/matching-follower.ts";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import type { IndexedResource } from "../../src/search/resource-index.ts";
import { newDocument } from "../contracts/indexed.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { MemoryPositions } from "../contracts/memory-positions.ts";
import { describeMatching } from "../contracts/matching.ts";
import { AT, CONTEXT, search } from "./arrived.ts";

test("what one entry gives many is appended part by part, to each as a whole", async () => {
  const entry: LogEntry = {
    ...{ index: 0, treeSize: 1, id: "00000000-0000-4000-8000-000000000000", kind: "deposit", receivedAt: AT },
    ...{ leaf: new Uint8Array(), contentBytes: 1 },
  };
  const header = Array.from({ length: 3_000 }, (_, at): IndexedResource => ({ place: at + 1, type: "Encounter", path: String(at + 1), rows: [] }));
  const all = Array.from({ length: 5 }, () => search("Encounter"));
  const rows = new MemoryEvents();
  const appended: number[] = [];
  const follower = new MatchingFollower({
    rows: {
      counts: (ids) => rows.counts(ids),
      append: (events) => {
        appended.push(events.length);
        return rows.append(events);
      },
    },
    ...{ positions: new MemoryPositions(), context: CONTEXT },
    log: { size: () => Promise.resolve(1), entries: () => Promise.resolve([entry]) },
    subscriptions: { all: () => Promise.resolve(all), changes: () => Promise.resolve(1) },
    source: {
      described: ({ id }) => Promise.resolve({ summary: newDocument({ from: 0, summary: { id } }).summary, header }),
      rest: () => Promise.resolve([]),
      entry: () => Promise.resolve(entry),
      relations: () => Promise.resolve({ targets: [], isSuperseded: false }),
    },
    mayKnow: (_one, { foci }) => Promise.resolve(new Set(foci)),
    onEvents: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  await follower.match([entry]);
  expect(appended.filter((count) => count > 0)).toEqual([6_000, 6_000, 3_000]);
  await follower.match([entry]);
  for (const { id } of all)
    expect((await rows.events(id, { from: 1, to: 9_999 })).map(({ number }) => number)).toEqual(header.map(({ place }) => place));
});

describeMatching("rows in memory", () => {
  const [rows, positions] = [new MemoryEvents(), new MemoryPositions()];
  return Promise.resolve({ open: () => Promise.resolve({ rows, positions }), close: () => Promise.resolve() });
});

describeMatching("SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-matching-"));
  const positions = new MemoryPositions();
  const closing: (() => Promise<void>)[] = [];
  return Promise.resolve({
    open: async () => {
      const rows = await openEventRows(join(folder, "events.db"));
      closing.push(() => rows.close());
      return { rows, positions };
    },
    close: async () => {
      for (const close of closing) await close();
      rmSync(folder, { recursive: true });
    },
  });
});
