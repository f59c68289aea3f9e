/** Files that are moved, removed, replaced or written over while they are open: nothing more is committed, and nothing that was acknowledged is given up in silence. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { copyFileSync, readFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { openSqliteThread } from "../../../src/adapters/sqlite/thread/sqlite-thread.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed, sealedMany } from "../../contracts/sealed.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

describe.each([
  ["here", openSqlite],
  ["in a thread", openSqliteThread],
])("open %s:", (_where, open) => {
  const signer = newSigner();
  let place: SqlitePlace;
  let store: RecordStore;
  let ledger: Ledger;
  beforeEach(async () => {
    place = sqlitePlace();
    store = (await open(place.file)).store;
    ledger = await Ledger.open(store, signer);
    await append(3);
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  /** Enough for SQLite to bring its write-ahead log into the file several times. */
  async function append(count: number): Promise<void> {
    for (const document of sealedMany(count, { size: 100_000 })) expect(await ledger.append([document])).toMatchObject({ kind: "stored" });
  }

  const FAULTS: Readonly<Record<string, (file: string) => void>> = {
    "moved away": (file) => renameSync(file, `${file}.away`),
    removed: (file) => rmSync(file),
    "replaced by a backup": (file) => renameSync(`${file}.backup`, file),
    "written over with a backup": (file) => copyFileSync(`${file}.backup`, file),
    "cut off": (file) => truncateSync(file, 4096 * 5),
    "robbed of its write-ahead log": (file) => rmSync(`${file}-wal`),
    "robbed of the write-ahead log's index": (file) => rmSync(`${file}-shm`),
    "left with an empty write-ahead log": (file) => truncateSync(`${file}-wal`),
  };

  describe.each(Object.entries(FAULTS))("a database file that is %s", (_name, fault) => {
    test("takes no commit, and says so at once", async () => {
      copyFileSync(place.file, `${place.file}.backup`);
      await append(60);
      const size = (await store.checkpoint())?.size;
      fault(place.file);
      expect(store.fault()).toMatch(/while it was open/);
      await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.check()).rejects.toMatchObject({ code: "unavailable" });
      await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
      expect((await store.checkpoint())?.size).toBe(size);
    });
  });

  test("a key that is destroyed is no fault, here or in another process", async () => {
    const room = await open(place.file);
    const [document] = [sealed()];
    await room.wrappedKeys.keep(document.id, new Uint8Array(65));
    await (await Ledger.open(room.store, signer)).append([document]);
    await append(20);
    await room.wrappedKeys.destroy(document.id);
    expect([store.fault(), room.store.fault()]).toEqual([undefined, undefined]);
    await append(20);
    expect(await room.wrappedKeys.read(document.id)).toBeUndefined();
    await room.store.close();
  });

  test("a command beside a service leaves the file to it: killed in the middle of writing back, it would have written over the file", async () => {
    const beside = await open(place.file, { mayBeOpen: true });
    const theirs = await Ledger.open(beside.store, signer);
    const before = statSync(place.file);
    for (const document of sealedMany(60, { size: 100_000 })) expect(await theirs.append([document])).toMatchObject({ kind: "stored" });
    const { size, mtimeMs } = statSync(place.file);
    expect([size, mtimeMs]).toEqual([before.size, before.mtimeMs]);
    expect(store.fault()).toBeUndefined();
    await beside.store.close();
    await append(3);
    expect(statSync(place.file).size).toBeGreaterThan(size);
  });

  test("a file that comes back to its place is taken as what it is", async () => {
    renameSync(place.file, `${place.file}.away`);
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
    renameSync(`${place.file}.away`, place.file);
    expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored" });
    expect(await audit(store, signer)).toHaveLength(4);
  });

  test("a file that only another process of ours wrote to is no fault", async () => {
    const room = await open(place.file);
    const other = await Ledger.open(room.store, signer);
    for (let round = 0; round < 3; round++) {
      for (const document of sealedMany(30, { size: 100_000 })) await other.append([document]);
      await append(2);
    }
    utimesSync(place.file, new Date(), new Date());
    expect([store.fault(), room.store.fault()]).toEqual([undefined, undefined]);
    expect(await audit(store, signer)).toHaveLength(99);
    await room.store.close();
    await append(1);
  });

  test("after a stop that was not clean, a file that does not fit its write-ahead log is refused", async () => {
    copyFileSync(place.file, `${place.file}.backup`);
    await append(60);
    // What a kill leaves behind, beside a backup that was moved into place.
    copyFileSync(`${place.file}-wal`, `${place.file}.wal`);
    await store.close();
    renameSync(`${place.file}.backup`, place.file);
    renameSync(`${place.file}.wal`, `${place.file}-wal`);
    expect(statSync(`${place.file}-wal`).size).toBeGreaterThan(0);
    await expect(open(place.file)).rejects.toMatchObject({ code: "damaged" });
  });

  test("where keys exist no database is made, and an empty file is not taken for one", async () => {
    await store.close();
    rmSync(place.file);
    const refused = { code: "damaged", message: expect.stringContaining("Restore it from its backup") };
    await expect(open(place.file, { mayCreate: false })).rejects.toMatchObject(refused);
    writeFileSync(place.file, "");
    await expect(open(place.file, { mayCreate: false })).rejects.toMatchObject(refused);
  });
});

test("a file that another process is half-way through bringing up to date is looked at again", async () => {
  const place = sqlitePlace();
  const { store } = await openSqlite(place.file);
  const ledger = await Ledger.open(store, newSigner());
  for (const document of sealedMany(3, { size: 100_000 })) await ledger.append([document]);
  const whole = readFileSync(place.file);
  const half = Buffer.from(whole);
  half.fill(0, 0, 4096);
  writeFileSync(place.file, half, { flag: "r+" });
  // This thread stands still while it waits to look again: that is when the other one gets on.
  const wait = jest.spyOn(Atomics, "wait");
  for (const isDone of [false, true])
    wait.mockImplementationOnce(() => {
      if (isDone) writeFileSync(place.file, whole, { flag: "r+" });
      return "timed-out";
    });
  expect([store.fault(), wait.mock.calls.length]).toEqual([undefined, 2]);
  wait.mockRestore();
  expect(await ledger.append([sealed({ size: 100_000 })])).toMatchObject({ kind: "stored" });
  expect(store.fault()).toBeUndefined();
  await store.close();
  await place.remove();
});
