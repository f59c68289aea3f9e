/** The audit trail made again elsewhere while it grows: what comes over, how it goes on, and that nothing altered passes. */
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { TrailCopy } from "../../../src/pipeline/backup/copy-trail.ts";
import { Trail } from "../../../src/pipeline/trail/trail.ts";
import { patientWord } from "../../../src/pipeline/trail/trail-words.ts";
import type { MarkedBatch, TrailStore } from "../../../src/pipeline/trail/trail-store.ts";
import { MemoryTrail } from "../../contracts/memory-trail.ts";

const folder = mkdtempSync(join(tmpdir(), "chartulary-copy-trail-"));
const spool = { keep: () => Promise.reject(new Error("full")), waiting: () => Promise.resolve([]), read: () => Promise.resolve(undefined), drop: () => Promise.resolve() }; // prettier-ignore
const TODAY = new Date().toISOString().slice(0, 10);
let keys: Keys;
let source: MemoryTrail;
let target: MemoryTrail;

beforeAll(async () => void (keys = await openKeyFolder(join(folder, "keys"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  [source, target] = [new MemoryTrail(), new MemoryTrail()];
  await write(source, "service", 5);
  await write(source, "other", 2);
});

async function write(store: TrailStore, log: string, batches: number): Promise<void> {
  const trail = await Trail.open({ store, spool, keys, log, onFault: () => undefined });
  for (let count = 0; count < batches; count++)
    await trail.record([{ at: new Date().toISOString(), kind: "read", action: "R", outcome: 0, who: { kind: "anonymous" }, patient: "p1" }]);
  await trail.close();
}
const copyOf = (from: TrailStore, to: TrailStore): TrailCopy => new TrailCopy({ source: from, target: to, keys, name: "there", onProgress: () => undefined }); // prettier-ignore
const found = async (): Promise<number> => (await target.find({ tokens: [keys.audit.tokenOf(patientWord("p1"))] }, 100)).length;

test("brings all of it, and what came since each time; it is found there, and nothing comes twice", async () => {
  const copy = copyOf(source, target);
  expect(await copy.bring()).toEqual({ batches: 7, events: 7, added: 7, ended: 0 });
  await write(source, "service", 2);
  expect(await copy.bring()).toEqual({ batches: 9, events: 9, added: 9, ended: 0 });
  expect(await found()).toBe(9);
  expect(await target.checkpoint("service")).toEqual(await source.checkpoint("service"));
  // Another run, after the target has begun a log of its own, and another instance one in the source.
  await write(target, "here", 1);
  await write(source, "other", 1);
  expect(await copyOf(source, target).bring()).toMatchObject({ batches: 10, added: 1 });
  expect(await found()).toBe(11);
});

test("interrupted on the way it goes on", async () => {
  const { extend } = target;
  let calls = 0;
  target.extend = (batches) => (calls++ > 0 ? Promise.reject(new Error("killed")) : extend.call(target, batches));
  await expect(copyOf(source, target).bring()).rejects.toThrow("killed");
  target.extend = extend;
  expect(await copyOf(source, target).bring()).toMatchObject({ batches: 7 });
  expect(await found()).toBe(7);
});

test("a day that was ended in the source is ended in the copy, before it came or after, and its keys do not come back", async () => {
  await copyOf(source, target).bring();
  await source.endDays([TODAY]);
  expect(await copyOf(source, target).bring()).toMatchObject({ batches: 7, added: 0 });
  expect([await target.endedDays(), await target.keys(), await found()]).toEqual([[TODAY], [], 0]);
  const later = new MemoryTrail();
  expect(await copyOf(source, later).bring()).toMatchObject({ batches: 7, added: 7, ended: 7 });
  expect([await later.endedDays(), await later.keys()]).toEqual([[TODAY], []]);
  // Ended in the target alone: what an older source still has the key of is not opened there again.
  const ended = new MemoryTrail();
  await ended.endDays([TODAY]);
  const whole = new MemoryTrail();
  await write(whole, "service", 1);
  await copyOf(whole, ended).bring();
  expect(await ended.keys()).toEqual([]);
});

test.each<readonly [string, () => unknown, RegExp]>([
  ["another trail in its place", () => write(target, "service", 2), /another audit trail in there/],
  ["more than the source has", async () => { await copyOf(source, target).bring(); source = new MemoryTrail(); await write(source, "service", 3); }, /has 5 batches of the audit log service, and the source has 3/],
  ["an altered batch", () => alter((batch) => ({ ...batch, sealed: batch.sealed.with(30, (batch.sealed[30] ?? 0) ^ 1) })), /not those of its leaf/],
  ["a checkpoint that is another's", () => alter((batch, all) => ({ ...batch, note: all.find(({ index }) => index !== batch.index)?.note ?? "" })), /checkpoint of batch/],
])("%s is refused", async (_, spoil, words) => {
  await spoil();
  await expect(copyOf(source, target).bring()).rejects.toThrow(words);
}); // prettier-ignore

function alter(by: (batch: MarkedBatch, all: readonly MarkedBatch[]) => MarkedBatch): void {
  const { batches } = source;
  source.batches = async (...given) => {
    const all = await batches.apply(source, given);
    return all.map((batch) => (batch.index === 1 ? by(batch, all) : batch));
  };
}

test("what the target does not give back as it came is found by reading it there", async () => {
  const { batches } = target;
  target.batches = async (...given) => (await batches.apply(target, given)).map((batch) => ({ ...batch, events: batch.events + 1 }));
  await expect(copyOf(source, target).bring()).rejects.toMatchObject({ code: "damaged" });
});
