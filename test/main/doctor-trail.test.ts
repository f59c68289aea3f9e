/** Audit trails with something wrong in each: the doctor names it, and says what helps; what is well is told by the figures. */
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import type { Symptom } from "../../src/cli/command.ts";
import { loadConfig, type Config } from "../../src/config.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { formatEvents } from "../../src/core/formats/audit-trail.ts";
import { auditTrailHere } from "../../src/main/audit-trail.ts";
import { examine } from "../../src/main/doctor/examination.ts";
import { trailChecks } from "../../src/main/doctor/trail.ts";
import { openKeptTrail } from "../../src/main/kept-trail.ts";
import { openTrailToWrite, spoolOf, trailFile } from "../../src/main/trail.ts";

let folder: string;
let config: Config;
let keys: Keys;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-doctor-trail-"));
  config = loadConfig({ environment: { DATA_DIR: folder } });
  keys = await openKeyFolder(config.keysFolder);
  const { trail, close } = await openTrailToWrite(config, { keys, inThread: false, onFault: () => undefined });
  await trail.record([{ at: new Date().toISOString(), kind: "read", action: "R", outcome: 0, who: { kind: "unauthenticated" } }]);
  await close();
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const diagnosed = (): Promise<Symptom[]> => examine(config, trailChecks(() => Promise.resolve(keys)), () => undefined); // prettier-ignore
const spooled = async (): Promise<string> => {
  const id = randomUUID();
  await spoolOf(config).keep(id, keys.audit.closeSpooled(formatEvents([]), id));
  return join(folder, "audit-spool", `${id}.events`);
};
const removeTrail = (): void => ["", "-wal", "-shm"].forEach((end) => rmSync(`${trailFile(config)}${end}`, { force: true }));

test("nothing is wrong with a trail that nobody spoilt, nor where there is none yet", async () => {
  expect(await diagnosed()).toEqual([]);
  removeTrail();
  rmSync(join(config.keysFolder, "audit-watermark-service"));
  expect(await diagnosed()).toEqual([]);
});

test.each<readonly [string, () => unknown, RegExp]>([
  ["a trail that was removed", removeTrail, /lacks events: service: the newest 1 of its 1 batches/],
  ["a trail that is cut off", () => truncateSync(trailFile(config), 5_000), /malformed|damaged|no node/],
  ["a trail whose day has no key", async () => { const store = await openKeptTrail(config); await store?.endDays([new Date().toISOString().slice(0, 10)]); await store?.close(); }, /key of .* is missing/],
  ["a clock that was set back", () => jest.spyOn(Date, "now").mockReturnValue(Date.parse("2001-01-01")), /this machine's clock says .* and the newest event/],
  ["a spool that is open to others", async () => { await spooled(); chmodSync(join(folder, "audit-spool"), 0o755); }, /may be read or written by others \(mode 755\)/],
  ["a batch that waits for long", async () => utimesSync(await spooled(), 1, 1), /1 batches of events wait in .* since 1970-01-01T00:00:01.000Z, and nobody brings them/],
])("%s is wrong", async (_, spoil, words) => {
  await spoil();
  const found = await diagnosed();
  expect(found).toContainEqual(expect.objectContaining({ level: "wrong", text: expect.stringMatching(words) }));
  for (const { remedy } of found) expect(remedy).not.toBe("");
}); // prettier-ignore

test("what waits for moments, or is half, is a notice", async () => {
  await spooled();
  writeFileSync(join(folder, "audit-spool", `${randomUUID()}.events`), "half");
  const found = await diagnosed();
  expect(found.map(({ level }) => level)).toEqual(["notice", "notice"]);
  expect(found.map(({ text }) => text).join()).toMatch(/does not open.*1 batches of events wait/s);
});

test("a file in the spool's place is told with what helps", async () => {
  rmSync(join(folder, "audit-spool"), { recursive: true, force: true });
  writeFileSync(join(folder, "audit-spool"), "", { mode: 0o600 });
  expect(await diagnosed()).toContainEqual(expect.objectContaining({ level: "wrong", what: "audit spool" }));
});

test("to audit a trail where none is makes none", async () => {
  removeTrail();
  const { findings } = await auditTrailHere(config, keys, { onProgress: () => undefined });
  expect(findings).toEqual([expect.stringContaining("it has 0 batches and had 1")]);
  const empty = join(folder, "empty");
  mkdirSync(empty);
  await auditTrailHere(loadConfig({ environment: { DATA_DIR: empty, KEYS_DIR: join(folder, "none") } }), keys, { onProgress: () => undefined });
  expect([existsSync(trailFile(config)), existsSync(join(empty, "audit.db"))]).toEqual([false, false]);
});
