import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { SCHEMA_VERSION } from "../../../src/adapters/sqlite/schema.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

describe("the database file", () => {
  test("is made with its folder, and nobody else may read it", async () => {
    const { store } = await openSqlite(place.file);
    expect(statSync(place.file).mode & 0o077).toBe(0);
    expect(statSync(dirname(place.file)).mode & 0o077).toBe(0);
    await store.close();
  });

  test("is made once when two processes open it at the same time", async () => {
    const rooms = await Promise.all(Array.from({ length: 4 }, () => openSqlite(place.file)));
    for (const { store } of rooms) await store.check();
    for (const { store } of rooms) await store.close();
  });

  test("of a newer version is refused, named, and left as it is", async () => {
    const { store } = await openSqlite(place.file);
    await store.close();
    place.tamper(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    await expect(openSqlite(place.file)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("newer version") });
  });

  test("of another program is refused and left as it is", async () => {
    mkdirSync(dirname(place.file));
    const stranger = new DatabaseSync(place.file);
    stranger.exec("CREATE TABLE recipes (name TEXT)");
    stranger.close();
    const before = statSync(place.file);
    await expect(openSqlite(place.file)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("another program") });
    expect(statSync(place.file)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
  });

  test("that is no database is damaged", async () => {
    mkdirSync(dirname(place.file));
    writeFileSync(place.file, "a letter to the editor ".repeat(100));
    await expect(openSqlite(place.file)).rejects.toMatchObject({ code: "damaged" });
  });

  test("that cannot be made is unavailable", async () => {
    mkdirSync(dirname(place.file));
    writeFileSync(place.file, "");
    await expect(openSqlite(`${place.file}/below/a/file.db`)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("that was replaced while it was open makes the store unready", async () => {
    const { store } = await openSqlite(place.file);
    renameSync(place.file, `${place.file}.old`);
    await expect(store.check()).rejects.toMatchObject({ code: "unavailable" });
    writeFileSync(place.file, "");
    await expect(store.check()).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("replaced") });
    await store.close();
  });
});

describe("the record", () => {
  const tables = ["checkpoints", "entries", "claims", "tree_nodes"];

  test.each(
    tables.flatMap((table) => [
      `DELETE FROM ${table}`,
      `UPDATE OR REPLACE ${table} SET rowid = rowid`,
      `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`,
    ]),
  )("withstands %s", async (sql) => {
    const { store } = await openSqlite(place.file);
    const signer = newSigner();
    const ledger = await Ledger.open(store, signer);
    await ledger.append([sealed()]);
    const statement = sql
      .replace("tree_nodes SET rowid = rowid", "tree_nodes SET level = level")
      .replace("claims SET rowid = rowid", "claims SET key = key");
    expect(() => place.tamper(`PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = ON; ${statement}`)).toThrow(/is never changed/);
    await audit(store, signer);
    await store.close();
  });

  test("keeps keys unchanged, and knows an erased document by the absence of its key", async () => {
    const { store, wrappedKeys } = await openSqlite(place.file);
    const signer = newSigner();
    const ledger = await Ledger.open(store, signer);
    const documents = [sealed(), sealed(), sealed()];
    for (const document of documents) {
      await wrappedKeys.keep(document.id, new Uint8Array(65));
      await ledger.append([document]);
    }
    expect(() => place.tamper("UPDATE wrapped_keys SET wrapped_key = x'00'")).toThrow(/is never changed/);

    const [erased] = documents;
    if (!erased) throw new Error("unreachable");
    place.tamper("DELETE FROM wrapped_keys WHERE entry_index = 0");
    expect(await wrappedKeys.read(erased.id)).toBeUndefined();
    expect(await store.entry(erased.id)).toMatchObject({ index: 0 });
    const again = await ledger.append([sealed({ claims: erased.claims.map(({ key }) => key) })]);
    expect(again).toMatchObject({ kind: "taken", by: { entry: { id: erased.id } } });
    await audit(store, signer);
    await store.close();
  });
});
