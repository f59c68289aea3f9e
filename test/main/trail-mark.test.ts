/** An audit trail that was thinned out between two runs is never called intact, however long it has grown since. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { loadConfig, type Config } from "../../src/config.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import type { NewTrailEvent } from "../../src/core/formats/audit-trail.ts";
import { auditTrailHere } from "../../src/main/audit-trail.ts";
import { openTrailToWrite } from "../../src/main/trail.ts";

let folder: string;
let config: Config;
let keys: Keys;
let faults: unknown[];
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-trail-mark-"));
  config = loadConfig({ environment: { DATA_DIR: folder, KEYS_DIR: at("keys") } });
  keys = await openKeyFolder(at("keys"));
  faults = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One run of a service, in which so many batches are written. */
async function run(batches: number): Promise<void> {
  const { trail, close } = await openTrailToWrite(config, { keys, inThread: false, onFault: (error) => faults.push(error) });
  const event: NewTrailEvent = {
    ...{ at: new Date().toISOString(), kind: "read", action: "R", outcome: 0 },
    who: { kind: "unauthenticated" },
  };
  for (let count = 0; count < batches; count++) await trail.record([event]);
  await close();
}
const audited = (): ReturnType<typeof auditTrailHere> => auditTrailHere(config, keys, { onProgress: () => undefined });
const remove = (): void => ["", "-wal", "-shm"].forEach((end) => rmSync(at(`audit.db${end}`), { force: true }));

test("runs one after the other are intact, and marked", async () => {
  for (const batches of [3, 2]) await run(batches);
  const { findings, logs, spooled } = await audited();
  expect([findings, logs.map(({ size, isMarked }) => [size, isMarked]), spooled, faults]).toEqual([[], [[5, true]], 0, []]);
});

test("an older copy in its place is told, also when it has grown beyond the mark", async () => {
  await run(3);
  copyFileSync(at("audit.db"), at("older.db"));
  await run(3);
  remove();
  copyFileSync(at("older.db"), at("audit.db"));
  expect((await audited()).findings).toHaveLength(1);
  await run(9);
  expect(faults).toHaveLength(1);
  expect((await audited()).findings).toEqual([expect.stringContaining("are not those that the mark was taken of")]);
  await run(1);
  expect((await audited()).findings).toHaveLength(1);
});

test("one that is removed while it is open is noticed at the next write: events wait in the spool, and come in at the next start", async () => {
  await run(3);
  const { trail, close } = await openTrailToWrite(config, { keys, inThread: false, onFault: (error) => faults.push(error) });
  const event: TrailEvent = { id: randomUUID(), at: new Date().toISOString(), kind: "read", action: "R", outcome: 0, who: { kind: "anonymous" } };
  copyFileSync(at("audit.db"), at("older.db"));
  remove();
  copyFileSync(at("older.db"), at("audit.db"));
  await trail.record([event]);
  expect([faults, trail.spooled]).toEqual([[expect.objectContaining({ code: "unavailable" })], 1]);
  await close();
  await run(0);
  expect((await audited()).logs.map(({ events }) => events)).toEqual([4]);
});

test("so is another one in the place of one that was removed", async () => {
  await run(3);
  remove();
  await run(5);
  expect(faults).toHaveLength(1);
  expect((await audited()).findings).toEqual([expect.stringContaining("are not those that the mark was taken of")]);
});

test("without a mark it says that there is none", async () => {
  await run(3);
  rmSync(at("keys/audit-watermark-service"));
  const { findings, logs } = await audited();
  expect([findings, logs.map(({ isMarked }) => isMarked)]).toEqual([[], [false]]);
});
