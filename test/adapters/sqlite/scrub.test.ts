/** Nothing of a destroyed key is left in the files, however many processes have them open. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

let place: SqlitePlace;
beforeEach(() => void (place = sqlitePlace()));
afterEach(() => place.remove());

const countIn = (key: Uint8Array): number =>
  ["", "-wal"]
    .map((suffix) => readFileSync(place.file + suffix))
    .reduce((count, file) => count + file.toString("latin1").split(Buffer.from(key).toString("latin1")).length - 1, 0);

test("a destroyed key stands neither in the database nor in its write-ahead log, while others have both open", async () => {
  const room = await openSqlite(place.file);
  const signer = newSigner();
  const ledger = await Ledger.open(room.store, signer);
  const documents = Array.from({ length: 30 }, () => ({ document: sealed({ size: 5_000 }), key: new Uint8Array(randomBytes(65)) }));
  for (const { document, key } of documents) {
    await room.wrappedKeys.keep(document.id, key);
    await ledger.append([document]);
  }
  const [first, ...others] = documents;
  if (!first) throw new Error("unreachable");
  expect(countIn(first.key)).toBeGreaterThan(0);

  // Another process, which goes on afterwards.
  const other = await openSqlite(place.file, { mayBeOpen: true });
  await other.wrappedKeys.destroy(first.document.id);
  expect(countIn(first.key)).toBe(0);
  expect(room.store.fault()).toBeUndefined();
  await ledger.append([sealed()]);
  await other.wrappedKeys.destroy(first.document.id);
  for (const { document, key } of others) expect(await room.wrappedKeys.read(document.id)).toEqual(key);
  expect(await room.positions.read("")).toBeUndefined();
  await audit(room.store, signer);
  await other.store.close();
  await room.store.close();
});

test("while somebody reads what stands in the log, it is not called destroyed", async () => {
  const room = await openSqlite(place.file);
  const ledger = await Ledger.open(room.store, newSigner());
  const document = sealed();
  await room.wrappedKeys.keep(document.id, new Uint8Array(65));
  await ledger.append([document]);
  const reader = new DatabaseSync(place.file);
  reader.exec("BEGIN; SELECT * FROM wrapped_keys;");
  await expect(room.wrappedKeys.destroy(document.id)).rejects.toMatchObject({ code: "unavailable" });
  reader.close();
  await room.wrappedKeys.destroy(document.id);
  await room.store.close();
});
