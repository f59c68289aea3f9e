/** A backup of the audit trail: what is written, how it goes on, what comes back, and that nothing altered, cut off or left out passes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import type { TrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { formatTrailKeys, parseTrailKeys } from "../../../src/pipeline/backup/kept-trail-keys.ts";
import { readTrailSegments } from "../../../src/pipeline/backup/read-trail-backup.ts";
import { TrailReplay } from "../../../src/pipeline/backup/replay-trail.ts";
import { writeTrail } from "../../../src/pipeline/backup/write-trail.ts";
import { TrailKeys } from "../../../src/pipeline/trail/trail-keys.ts";
import { Trail } from "../../../src/pipeline/trail/trail.ts";
import { patientWord } from "../../../src/pipeline/trail/trail-words.ts";
import { verifyTrail } from "../../../src/pipeline/trail/verify-trail.ts";
import { MemoryTrail } from "../../contracts/memory-trail.ts";
import { MemoryArchive } from "./memory-archive.ts";

let source: MemoryTrail;
let target: MemoryTrail;
let archive: MemoryArchive;
const folder = mkdtempSync(join(tmpdir(), "chartulary-backup-trail-"));
let keys: Keys;
const spool = { keep: () => Promise.reject(new Error("full")), waiting: () => Promise.resolve([]), read: () => Promise.resolve(undefined), drop: () => Promise.resolve() }; // prettier-ignore

async function write(store: MemoryTrail, log: string, batches: number): Promise<void> {
  const trail = await Trail.open({ store, spool, keys, log, onFault: () => undefined });
  for (let count = 0; count < batches; count++) {
    const event: TrailEvent = { id: randomUUID(), at: new Date().toISOString(), kind: "read", action: "R", outcome: 0, who: { kind: "anonymous" }, patient: `p${count}` }; // prettier-ignore
    await trail.record([event]);
  }
  await trail.close();
}
const back = () => writeTrail(source, archive, () => undefined);
async function restore(dayKeys?: ReadonlyMap<string, Uint8Array>): Promise<{ readonly added: number; readonly ended: number }> {
  const wrapped = dayKeys ?? parseTrailKeys(formatTrailKeys(await source.keys()));
  const replay = new TrailReplay({ store: target, keys, name: "here", dayKey: (name) => Promise.resolve(wrapped.get(name)) });
  for await (const { log, batches } of readTrailSegments(archive)) await replay.take(log, batches);
  return replay.made;
}
const verified = () =>
  verifyTrail({ ...{ store: target, keys: keys.audit, dayKeys: new TrailKeys(keys, target), marked: [] }, mark: () => Promise.resolve(undefined), onProgress: () => undefined }); // prettier-ignore

beforeAll(async () => {
  keys = await openKeyFolder(join(folder, "keys"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  [source, target, archive] = [new MemoryTrail(), new MemoryTrail(), new MemoryArchive()];
  await write(source, "one", 3);
  await write(source, "two", 2);
});

test("adds what came since, of each log, and comes back as it was", async () => {
  expect(await back()).toEqual({ batches: 5, added: 5 });
  expect(await back()).toEqual({ batches: 5, added: 0 });
  await write(source, "one", 2);
  await write(source, "three", 1);
  expect(await back()).toEqual({ batches: 8, added: 3 });
  expect(await restore()).toEqual({ added: 8, ended: 0 });
  for (const log of await source.logs()) expect(await target.batches(log, 0, 10)).toEqual(await source.batches(log, 0, 10));
  expect((await verified()).findings).toEqual([]);
  const token = keys.audit.tokenOf(patientWord("p1"));
  expect((await target.find({ tokens: [token] }, 10)).length).toBe((await source.find({ tokens: [token] }, 10)).length);
});

test("a backup that the power cut goes on behind what is whole", async () => {
  for (const room of [1, 2, 3]) {
    archive = new MemoryArchive();
    archive.room = room;
    await expect(back()).rejects.toThrow("the power went");
    archive.room = Infinity;
    expect((await back()).batches).toBe(5);
    target = new MemoryTrail();
    expect((await restore()).added).toBe(5);
  }
});

test("a restore that was interrupted goes on, and what is there and newer stays", async () => {
  await back();
  const segments = [];
  for await (const segment of readTrailSegments(archive)) segments.push(segment);
  const replay = new TrailReplay({ store: target, keys, name: "here", dayKey: (name) => source.key(name) });
  await replay.take("one", segments[0]?.batches.slice(0, 2) ?? []);
  expect((await restore()).added).toBe(3);
  await write(target, "one", 4);
  expect((await restore()).added).toBe(0);
  expect((await target.checkpoint("one"))?.size).toBe(7);
  expect((await verified()).findings).toEqual([]);
});

test("another trail is neither overwritten nor added to", async () => {
  await back();
  await write(target, "one", 1);
  await expect(restore()).rejects.toMatchObject({ code: "conflict" });
  source = new MemoryTrail();
  await expect(back()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("has 3 batches of the audit log one, and the audit trail has 0") }); // prettier-ignore
  await write(source, "one", 5);
  await write(source, "two", 5);
  await expect(back()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("are not those of the audit trail") }); // prettier-ignore
});

test("of a day that was ended no key comes back, and its batches are told", async () => {
  await back();
  expect(await restore(new Map())).toEqual({ added: 5, ended: 5 });
  expect([await target.keys(), (await verified()).findings]).toEqual([[], []]);
});

describe("what somebody altered", () => {
  test.each(["a manifest", "events", "a segment left out", "a key's archive"])("%s is no backup", async (what) => {
    await back();
    await write(source, "one", 1);
    await back();
    const [parts, manifest] = archive.members;
    if (!parts || !manifest) throw new Error("nothing was written");
    if (what === "a manifest") manifest.content[40] = (manifest.content[40] ?? 0) ^ 1;
    if (what === "events") parts.content[40] = (parts.content[40] ?? 0) ^ 1;
    if (what === "a segment left out") archive.members = archive.members.slice(2);
    const altered = Buffer.from(formatTrailKeys(await source.keys()));
    if (what === "a key's archive") altered[40] = (altered[40] ?? 0) ^ 1;
    await expect((async () => restore(parseTrailKeys(altered)))()).rejects.toMatchObject({ code: "damaged" });
  });
});
