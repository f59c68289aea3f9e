import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { spoolFolder } from "../../../src/adapters/trail-spool/spool-folder.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { AppError } from "../../../src/core/errors.ts";
import type { TrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { openEvents } from "../../../src/pipeline/trail/open-batch.ts";
import { TrailKeys } from "../../../src/pipeline/trail/trail-keys.ts";
import { Trail } from "../../../src/pipeline/trail/trail.ts";
import type { TrailSpool } from "../../../src/pipeline/trail/trail-spool.ts";
import { MemoryTrail } from "../../contracts/memory-trail.ts";

let folder: string;
let keys: Keys;
let store: MemoryTrail;
let spool: TrailSpool;
const faults: unknown[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-trail-"));
  keys = await openKeyFolder(join(folder, "keys"));
  store = new MemoryTrail();
  spool = spoolFolder(join(folder, "spool"));
  faults.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<Trail> => Trail.open({ store, spool, keys, log: "one", onFault: (error) => faults.push(error) });
const eventOf = (text: string): TrailEvent => ({
  ...{ id: randomUUID(), at: new Date().toISOString(), kind: "read", action: "R", outcome: 0, who: { kind: "unauthenticated" }, text },
});
/** The words of all events, in the order of the log. */
async function written(): Promise<string[]> {
  const dayKeys = new TrailKeys(keys, store);
  const batches = await store.batches("one", 0, 1_000);
  const events = await Promise.all(batches.map((batch) => openEvents(batch, dayKeys)));
  return events.flatMap((own) => (own ?? []).map(({ text }) => text ?? ""));
}

describe("the audit trail", () => {
  test("has an event when it was recorded; what comes at once is one batch", async () => {
    const trail = await open();
    await trail.record([eventOf("first")]);
    expect(await written()).toEqual(["first"]);
    await Promise.all(["a", "b", "c"].map((text) => trail.record([eventOf(text)])));
    expect(await written()).toEqual(["first", "a", "b", "c"]);
    expect((await store.checkpoint("one"))?.size).toBe(2);
    await trail.close();
  });

  test("keeps events encrypted, each day's under a key of its own", async () => {
    const trail = await open();
    await trail.record([eventOf("Brandt")]);
    await trail.close();
    const [batch] = await store.batches("one", 0, 1);
    expect(Buffer.from(batch?.sealed ?? []).includes("unauthenticated")).toBe(false);
    expect((await store.keys()).map(({ name }) => name)).toEqual([`${batch?.day ?? ""}/one`]);
  });

  test("what a day's key was destroyed of cannot be opened, and the log stays what it was", async () => {
    const trail = await open();
    await trail.record([eventOf("gone soon")]);
    await store.endDays([new Date().toISOString().slice(0, 10)]);
    expect(await written()).toEqual([]);
    await trail.record([eventOf("after")]);
    expect((await store.checkpoint("one"))?.size).toBe(2);
    await trail.close();
  });

  test("goes on where it was, also when another process appended meanwhile", async () => {
    const [one, other] = [await open(), await open()];
    for (const text of ["a", "b", "c", "d"]) await Promise.all([one.record([eventOf(`one ${text}`)]), other.record([eventOf(`other ${text}`)])]);
    expect((await written()).sort()).toEqual(["one a", "one b", "one c", "one d", "other a", "other b", "other c", "other d"]);
    await Promise.all([one.close(), other.close()]);
    await (await open()).close();
  });

  test("is not opened when its newest checkpoint is not that of its nodes", async () => {
    const trail = await open();
    await trail.record([eventOf("a")]);
    await trail.close();
    store.nodes = () => Promise.resolve([new Uint8Array(32)]);
    await expect(open()).rejects.toMatchObject({ code: "damaged" });
  });
});

describe("while the trail cannot be written", () => {
  const DOWN = new AppError("unavailable", "the store of a test is down");

  test("events wait in the spool, encrypted, and are in the trail when it is opened again, once each", async () => {
    const trail = await open();
    await trail.record([eventOf("before")]);
    store.fault = DOWN;
    await trail.record([eventOf("Brandt 1")]);
    await trail.record([eventOf("Brandt 2")]);
    expect([trail.spooled, faults]).toEqual([2, [DOWN]]);
    for (const name of readdirSync(join(folder, "spool"))) expect(readFileSync(join(folder, "spool", name)).includes("unauthenticated")).toBe(false);
    await trail.close();
    store.fault = undefined;
    await (await open()).close();
    await (await open()).close();
    expect(await written()).toEqual(["before", "Brandt 1", "Brandt 2"]);
    expect(await spool.waiting()).toEqual([]);
  });

  test("it starts, and spools", async () => {
    store.fault = DOWN;
    const trail = await open();
    await trail.record([eventOf("a")]);
    expect(await spool.waiting()).toHaveLength(1);
    await trail.close();
  });

  test("a batch that was written although nobody was told so is not written twice", async () => {
    const trail = await open();
    const { append } = store;
    store.append = async (batch) => {
      await append.call(store, batch);
      throw DOWN;
    };
    await trail.record([eventOf("a")]);
    expect(await spool.waiting()).toHaveLength(1);
    await trail.close();
    store.append = append;
    await (await open()).close();
    expect(await written()).toEqual(["a"]);
  });

  test("what two processes bring in at the same moment is written once", async () => {
    const trail = await open();
    store.fault = DOWN;
    const texts = Array.from({ length: 20 }, (_, n) => String(n));
    for (const text of texts) await trail.record([eventOf(text)]);
    await trail.close();
    store.fault = undefined;
    const opened = await Promise.all([open(), open(), open()]);
    for (const one of opened) await one.close();
    expect((await written()).sort()).toEqual(texts.sort());
    expect(opened.map(({ counts }) => counts.batches["brought-in"]).reduce((sum, count) => sum + count)).toBe(texts.length);
  });

  test("it is told when it is written again, and of the next fault anew", async () => {
    const broken: TrailSpool = { ...spool, keep: () => Promise.reject(DOWN) };
    const trail = await Trail.open({ store, spool: broken, keys, log: "one", onFault: (error) => faults.push(error) });
    const now = performance.now();
    const clock = jest.spyOn(performance, "now");
    try {
      for (const round of [1, 2]) {
        store.fault = DOWN;
        await expect(trail.record([eventOf("a")])).rejects.toMatchObject({ code: "unavailable" });
        store.fault = undefined;
        clock.mockReturnValue(now + round * 60_000);
        await trail.record([eventOf("b")]);
      }
      expect(faults).toEqual([DOWN, undefined, DOWN, undefined]);
      expect(trail.counts.batches).toEqual({ written: 2, spooled: 0, "brought-in": 0, failed: 2 });
      expect(trail.counts.events).toEqual({ read: 2 });
    } finally {
      clock.mockRestore();
      await trail.close();
    }
  });

  test("what a crash left half in the spool keeps nobody from the rest", async () => {
    store.fault = DOWN;
    const trail = await open();
    await trail.record([eventOf("whole")]);
    await trail.close();
    writeFileSync(join(folder, "spool", `${randomUUID()}.events`), "half");
    store.fault = undefined;
    await (await open()).close();
    expect(await written()).toEqual(["whole"]);
  });

  test("with neither trail nor spool it is refused, and told again when it can be", async () => {
    store.fault = DOWN;
    const broken: TrailSpool = { ...spool, keep: () => Promise.reject(DOWN) };
    const trail = await Trail.open({ store, spool: broken, keys, log: "one", onFault: () => undefined });
    await expect(trail.record([eventOf("a")])).rejects.toMatchObject({ code: "unavailable" });
    await trail.close();
    await expect(trail.record([eventOf("b")])).rejects.toMatchObject({ code: "unavailable" });
  });
});
