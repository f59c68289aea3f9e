import { expect, test } from "@jest/globals";
import { newestReceived, positionSince } from "../../../../src/interactions/fhir/bulk/export-position.ts";
import type { LogEntry } from "../../../../src/pipeline/store/record-store.ts";

const START = Date.parse("2026-11-30T00:00:00.000Z");

/** A log whose entries were received so many milliseconds after its start. */
function log(received: readonly number[]) {
  const entries = received.map((after, index): LogEntry => ({
    ...{ index, treeSize: index + 1, id: String(index), kind: "deposit", leaf: new Uint8Array(), contentBytes: 0 },
    receivedAt: new Date(START + after).toISOString(),
  }));
  return { entries: (from: number, count: number) => Promise.resolve(entries.slice(from, from + count)) };
}
const at = (after: number): Date => new Date(START + after);

test("what comes behind an export begins behind the entry that its time is of, though others were received before and committed after", async () => {
  // The sixth was received before the fifth.
  const received = [0, 10, 20, 30, 50, 40, 60];
  const store = log(received);
  for (let size = 1; size <= received.length; size++) {
    const told = (await newestReceived(size, store)) ?? "";
    const from = await positionSince(new Date(told), received.length, store);
    // Nothing that came behind is left out.
    expect(from).toBeLessThanOrEqual(size);
  }
  expect(await newestReceived(5, store)).toBe(at(50).toISOString());
  expect(await positionSince(at(50), 7, store)).toBe(5);
});

test("any other time begins with the first that was received then or later", async () => {
  const store = log([0, 10, 20, 30]);
  expect(await positionSince(at(-5), 4, store)).toBe(0);
  expect(await positionSince(at(15), 4, store)).toBe(2);
  expect(await positionSince(at(35), 4, store)).toBe(4);
  expect(await positionSince(at(0), 0, log([]))).toBe(0);
  expect(await newestReceived(0, log([]))).toBeUndefined();
});

test("entries of the same moment are given again rather than left out", async () => {
  const store = log([0, 10, 10, 10, 20]);
  expect(await newestReceived(3, store)).toBe(at(10).toISOString());
  expect(await positionSince(at(10), 5, store)).toBe(2);
});

test("is found in a long log", async () => {
  const store = log(Array.from({ length: 50_000 }, (_, index) => index * 3));
  expect(await positionSince(at(3 * 40_000), 50_000, store)).toBe(40_001);
  expect(await positionSince(at(3 * 40_000 + 1), 50_000, store)).toBe(40_001);
});
