/** What batches of the audit trail are found by waits where the file ends, and is laid down many batches at a time. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { openTrail } from "../../../src/adapters/sqlite/trail/open-trail.ts";
import type { TrailStore } from "../../../src/pipeline/trail/trail-store.ts";

const AT = "2026-11-29T10:00:00.000Z";
const DAY = AT.slice(0, 10);

let folder: string;
let file: string;
let store: TrailStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-tokens-"));
  file = join(folder, "audit.db");
  store = await openTrail(file);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A token that is told apart by a number. */
const token = (number: number): string => number.toString(16).padStart(16, "0");
const bytes = new Uint8Array(3);
const batchOf = (index: number, tokens: readonly string[]) => ({
  ...{ log: "one", index, from: AT, to: AT, day: DAY, events: 1, leaf: bytes, sealed: bytes, tokens, note: "note" },
  nodes: [{ level: 0, index, hash: new Uint8Array(32) }],
});
const foundBy = async (trail: TrailStore, number: number): Promise<number[]> =>
  (await trail.find({ tokens: [token(number)] }, 10_000)).map(({ index }) => index);
/** Rows of a table, as somebody else sees them. */
const rowsIn = (table: string): number => {
  const other = new Database(file, { synchronous: "NORMAL", patience: 1_000 });
  try {
    return Number(other.get(`SELECT count(*) AS rows FROM ${table}`)?.["rows"]);
  } finally {
    other.close();
  }
};

test("a batch is found at once, by whoever has the file open, though what it is found by still waits", async () => {
  await store.append(batchOf(0, [token(1), token(2)]));
  await store.append(batchOf(1, [token(2)]));
  await store.append(batchOf(2, []));
  expect([rowsIn("tokens"), rowsIn("token_queue")]).toEqual([0, 2]);
  const other = await openTrail(file);
  expect([await foundBy(other, 1), await foundBy(other, 2), await foundBy(store, 2), await foundBy(store, 3)]).toEqual([[0], [1, 0], [1, 0], []]);
  await other.close();
  expect([rowsIn("tokens"), rowsIn("token_queue")]).toEqual([3, 0]);
});

test("what waits when a process ends is found by the next", async () => {
  await store.append(batchOf(0, [token(1)]));
  await store.close();
  store = await openTrail(file);
  expect(await foundBy(store, 1)).toEqual([0]);
});

test("many are laid down without anybody asking", async () => {
  const many = 1_200;
  for (let index = 0; index < many; index++) await store.append(batchOf(index, [token(7), token(index + 100)]));
  await setImmediate();
  const [laid, waiting] = [rowsIn("tokens"), rowsIn("token_queue")];
  expect(laid + 2 * waiting).toBe(2 * many);
  expect(laid).toBeGreaterThanOrEqual(many);
  expect([(await foundBy(store, 7)).length, await foundBy(store, 100 + many - 1)]).toEqual([many, [many - 1]]);
});

test("what is still waiting goes with its day", async () => {
  await store.append(batchOf(0, [token(1)]));
  await store.endDays([DAY]);
  expect([rowsIn("token_queue"), await foundBy(store, 1)]).toEqual([0, []]);
});

test("a file that was made before tokens waited opens, with all that is in it", async () => {
  await store.append(batchOf(0, [token(1)]));
  expect(await foundBy(store, 1)).toEqual([0]);
  await store.close();
  const earlier = new Database(file, { synchronous: "NORMAL", patience: 1_000 });
  earlier.execute("DROP TABLE token_queue; PRAGMA user_version = 1;");
  earlier.close();
  store = await openTrail(file);
  await store.append(batchOf(1, [token(1)]));
  expect([await foundBy(store, 1), rowsIn("token_queue")]).toEqual([[1, 0], 0]);
});
