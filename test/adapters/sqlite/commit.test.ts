/** Faults in the middle of a commit: whichever table fails, nothing of it is to be seen, and the next one works. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { SqliteRecordStore } from "../../../src/adapters/sqlite/record-store.ts";
import { Staging } from "../../../src/adapters/sqlite/staging.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { LEDGER_LIMITS } from "../../../src/pipeline/log/queue.ts";
import type { RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed, sealedMany } from "../../contracts/sealed.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

const signer = newSigner();
let place: SqlitePlace;
let store: RecordStore;
let ledger: Ledger;
beforeEach(async () => {
  place = sqlitePlace();
  store = (await openSqlite(place.file, { patience: 150 })).store;
  ledger = await Ledger.open(store, signer);
  await Promise.all(sealedMany(3).map((document) => ledger.append([document])));
});
afterEach(async () => {
  await store.close();
  await place.remove();
});

const expectWhole = async (count: number): Promise<void> => {
  expect(await audit(store, signer)).toHaveLength(count);
  expect(await place.orphans()).toEqual([]);
};

describe.each(["checkpoints", "entries", "claims", "tree_nodes"])("a fault in %s", (table) => {
  test.each([1, 3])("at row %i undoes the whole commit", async (row) => {
    place.tamper(`CREATE TABLE countdown (rows INTEGER); INSERT INTO countdown VALUES (${table === "checkpoints" ? 1 : row});
      CREATE TRIGGER fault AFTER INSERT ON ${table} BEGIN
        UPDATE countdown SET rows = rows - 1;
        SELECT RAISE(ABORT, 'injected') FROM countdown WHERE rows = 0;
      END`);
    const documents = sealedMany(4);
    const entered = await Promise.allSettled(documents.map((document) => ledger.append([document])));
    expect(entered.map((one) => one.status)).toEqual(Array(4).fill("rejected"));
    for (const { id } of documents) expect(await store.entry(id)).toBeUndefined();
    place.tamper("DROP TRIGGER fault; DROP TABLE countdown");
    await expectWhole(3);
    const again = await Promise.all(documents.map((document) => ledger.append([document])));
    expect(again.map((one) => one.kind)).toEqual(Array(4).fill("stored"));
    await expectWhole(7);
  });
});

describe("another process that holds the write lock", () => {
  let other: DatabaseSync;
  beforeEach(() => {
    other = new DatabaseSync(place.file);
    other.exec("BEGIN IMMEDIATE");
  });
  afterEach(() => other.close());

  test("makes a deposit wait, and readers not", async () => {
    // Patient enough for any machine: what is tested is that it goes on once the lock is given back.
    const patient = (await openSqlite(place.file, { patience: 120_000 })).store;
    const limits = { ...LEDGER_LIMITS, patience: 120_000 };
    const pending = (await Ledger.open(patient, signer, { limits })).append([sealed()]);
    expect(await store.entries(0, 10)).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    other.exec("ROLLBACK");
    expect(await pending).toMatchObject({ kind: "stored" });
    await patient.close();
    await expectWhole(4);
  });

  test("for too long makes it unavailable, with nothing stored", async () => {
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
    await expect(store.check()).rejects.toMatchObject({ code: "unavailable" });
    other.exec("ROLLBACK");
    await expectWhole(3);
    expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored" });
    await expectWhole(4);
  });
});

test("a full disk makes a deposit unavailable, and what was stored before stays whole", async () => {
  const database = new Database(place.file, { synchronous: "FULL", patience: 150 });
  // SQLite answers with the same code (SQLITE_FULL) when the file may not grow.
  const limit = (pages: number): void => database.execute(`PRAGMA max_page_count = ${pages}`);
  limit(1);
  const cramped = new SqliteRecordStore(database, { file: place.file, staging: new Staging(), onClose: () => database.close() });
  const crampedLedger = await Ledger.open(cramped, signer);
  await expect(crampedLedger.append([sealed({ size: 200_000 })])).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("full"),
  });
  await expectWhole(3);
  limit(100_000);
  expect(await crampedLedger.append([sealed({ size: 200_000 })])).toMatchObject({ kind: "stored" });
  await expectWhole(4);
  await cramped.close();
});
