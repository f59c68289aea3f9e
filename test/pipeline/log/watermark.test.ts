/** The ledger and its mark: what a crash leaves is brought forward, what an older or another copy of the store shows stops it, and nothing is acknowledged unmarked. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import { parseNewOrigin } from "../../../src/core/formats/new-origin.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { beginNewOrigin, hasBegun } from "../../../src/pipeline/log/new-origin.ts";
import { audit } from "../../contracts/audit.ts";
import { Memory, MemoryRecord } from "../../contracts/memory-record.ts";
import { MemoryWatermark } from "../../contracts/memory-watermark.ts";
import { newSigner, sealed, sealedMany } from "../../contracts/sealed.ts";

const signer = newSigner();
let memory: Memory;
let store: MemoryRecord;
let watermark: MemoryWatermark;
beforeEach(async () => {
  memory = new Memory();
  store = new MemoryRecord(memory);
  watermark = new MemoryWatermark();
  await fill(5);
});

const open = (of = store): Promise<Ledger> => Ledger.open(of, signer, { watermark });
async function fill(count: number, into = store): Promise<void> {
  const ledger = await Ledger.open(into, signer, { watermark });
  for (const document of sealedMany(count)) expect(await ledger.append([document])).toMatchObject({ kind: "stored" });
}
/** The store as it is now, to be put back later. */
function copied(): MemoryRecord {
  return new MemoryRecord(memory.copy());
}
const expectHalted = async (ledger: Ledger, why: RegExp): Promise<void> => {
  expect(ledger.halt).toMatch(why);
  await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(why) });
};

describe("the mark", () => {
  test("is the newest checkpoint, from the empty log on", async () => {
    const fresh = new MemoryWatermark();
    const empty = new MemoryRecord();
    const ledger = await Ledger.open(empty, signer, { watermark: fresh });
    expect(fresh.note?.split("\n")[1]).toBe("0");
    await Promise.all(sealedMany(3).map((document) => ledger.append([document])));
    expect(fresh.note).toBe((await empty.checkpoint())?.note);
  });

  test("that a crash left behind the store is brought forward", async () => {
    const behind = watermark.note;
    await fill(3);
    for (const note of [behind, undefined]) {
      watermark.note = note;
      const ledger = await open();
      expect(ledger.halt).toBeUndefined();
      expect(watermark.note).toBe((await store.checkpoint())?.note);
    }
  });

  test("that is ahead of the store stops it, and stays; the store can be read", async () => {
    const older = copied();
    await fill(3);
    const ahead = watermark.note;
    const ledger = await open(older);
    await expectHalted(ledger, /has 5 entries and had 8/);
    expect(watermark.note).toBe(ahead);
    expect(await audit(older, signer)).toHaveLength(5);
    expect((await ledger.checkpoint()).split("\n")[1]).toBe("5");
    // The right store, put back, goes on.
    expect((await open()).halt).toBeUndefined();
  });

  test("of another tree of the same or a smaller size stops it", async () => {
    const other = copied();
    await fill(2);
    watermark.note = (await other.checkpoint())?.note;
    await fill(2, other);
    await expectHalted(await open(), /another tree|not those that the mark was taken of/);
    await fill(1, other).catch(() => undefined);
  });

  test("of which another root is told at a size in between stops it", async () => {
    const other = copied();
    await fill(1);
    const marked = watermark.note;
    watermark.note = undefined;
    await fill(4, other);
    watermark.note = marked;
    await expectHalted(await open(other), /not those that the mark was taken of/);
  });

  test("that somebody else signed, or that is none, stops it", async () => {
    const stranger = newSigner();
    const elsewhere = new MemoryWatermark();
    await Ledger.open(new MemoryRecord(), stranger, { watermark: elsewhere });
    watermark.note = elsewhere.note;
    await expectHalted(await open(), /not a checkpoint that this repository's log signed/);
    watermark.note = "documents.example/log\n9\n";
    await expectHalted(await open(), /not a checkpoint/);
    watermark.read = () => Promise.reject(new AppError("damaged", "in no form that we know"));
    await expectHalted(await open(), /in no form/);
  });

  test("that can't be written: nothing is acknowledged; once it can, everything goes on", async () => {
    const ledger = await open();
    let isFull = true;
    watermark.beforeWrite = () => {
      if (isFull) throw new AppError("unavailable", "the disk is full");
    };
    const documents = sealedMany(3);
    for (const document of documents) await expect(ledger.append([document])).rejects.toMatchObject({ code: "unavailable" });
    expect(ledger.halt).toMatch(/WATERMARK_FILE/);
    isFull = false;
    await ledger.settleMark();
    expect(ledger.halt).toBeUndefined();
    // The first was stored and not acknowledged; a retry finds it.
    const again = await Promise.all(documents.map((document) => ledger.append([document])));
    expect(again.map(({ kind }) => kind)).toEqual(["taken", "stored", "stored"]);
    expect(watermark.note).toBe((await store.checkpoint())?.note);
    expect(await audit(store, signer)).toHaveLength(8);
  });

  test("is written before anybody is answered", async () => {
    const ledger = await open();
    let answered = 0;
    watermark.beforeWrite = () => expect(answered).toBe(0);
    await Promise.all(sealedMany(4).map((document) => ledger.append([document]).then(() => (answered += 1))));
    expect(answered).toBe(4);
  });
});

describe("a new origin", () => {
  const next = newSigner("documents.example/next");
  const begin = (of = store) => beginNewOrigin({ store: of, watermark, previous: signer, signer: next, reason: "restored", now: new Date() });

  test("goes on with the tree, names what it follows, and keeps what was proved", async () => {
    const older = copied();
    await fill(3);
    const lost = watermark.note;
    const entry = await begin(older);
    expect(entry).toMatchObject({
      index: 5,
      origin: next.origin,
      previous: { vkey: signer.vkey, kept: memory.commits.find("4")?.checkpoint.note, mark: lost },
    });
    const [first] = await older.entries(5, 1);
    expect(first).toMatchObject({ kind: "new-origin", receivedAt: entry.at });
    expect(parseNewOrigin(first?.leaf ?? new Uint8Array(), 5)).toMatchObject({ reason: "restored", previous: entry.previous });
    const ledger = await Ledger.open(older, next, { watermark, pastLogs: [signer] });
    expect(ledger.halt).toBeUndefined();
    await ledger.append([sealed()]);
    expect(await audit(older, next, { pastLogs: [signer] })).toHaveLength(7);
  });

  test("whose mark a crash kept from being written opens all the same", async () => {
    const older = copied();
    await fill(3);
    const mark = watermark.note;
    await begin(older);
    watermark.note = mark;
    const ledger = await Ledger.open(older, next, { watermark, pastLogs: [signer] });
    expect(ledger.halt).toBeUndefined();
    expect(watermark.note?.startsWith(next.origin)).toBe(true);
  });

  test("that was not begun to its end is not gone on with, and is known as such", async () => {
    await expect(Ledger.open(store, next, { watermark, pastLogs: [signer] })).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("once more"),
    });
    expect([await hasBegun(next, store, watermark), await hasBegun(signer, store, watermark)]).toEqual([false, true]);
    await begin();
    expect(await hasBegun(next, store, watermark)).toBe(true);
  });

  test("stops a service that still has the old key", async () => {
    const running = await open();
    await running.append([sealed()]);
    await begin();
    await expect(running.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
    expect(running.halt).toBeDefined();
    expect(await audit(store, next, { pastLogs: [signer] })).toHaveLength(7);
  });

  test("after a mark that it does not name is refused", async () => {
    const older = copied();
    await begin(older);
    watermark.note = undefined;
    await fill(3);
    const unnamed = await watermark.read();
    expect(unnamed?.startsWith(`${signer.origin}\n8\n`)).toBe(true);
    expect((await Ledger.open(older, next, { watermark, pastLogs: [signer] })).halt).toBeDefined();
  });
});
