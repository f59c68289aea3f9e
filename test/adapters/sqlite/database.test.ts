import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

let place: SqlitePlace;
let database: Database;
beforeEach(async () => {
  place = sqlitePlace();
  await (await openSqlite(place.file)).store.close();
  database = new Database(place.file, { synchronous: "FULL", patience: 100 });
});
afterEach(async () => {
  database.close();
  await place.remove();
});

test("a connection waits for the disk, checks references, overwrites what it deletes, and keeps a write-ahead log", () => {
  const settings = ["synchronous", "foreign_keys", "secure_delete", "recursive_triggers", "journal_mode"];
  const values = settings.map((name) => database.get(`PRAGMA ${name}`)?.[name]);
  expect(values).toEqual([2, 1, 1, 1, "wal"]);
});

describe("a transaction", () => {
  const put = (digest: string): number => database.run("INSERT INTO followers (name, position) VALUES (?, 0)", digest);
  const count = (): unknown => database.get("SELECT count(*) AS n FROM followers")?.["n"];

  test("keeps all that was done in it, or nothing", () => {
    database.transaction(() => ["a", "b"].forEach(put));
    expect(() => database.transaction(() => ["c", "a"].forEach(put))).toThrow(/UNIQUE/);
    expect(count()).toBe(2);
    database.transaction(() => put("c"));
    expect(count()).toBe(3);
  });

  test("is tried again while another connection writes, up to its patience, and its work happens once", async () => {
    const other = new DatabaseSync(place.file);
    other.exec("BEGIN IMMEDIATE");
    let tries = 0;
    const work = (): void => {
      tries += 1;
      put(`try ${tries}`);
    };
    await expect(database.ask(() => database.transaction(work))).rejects.toMatchObject({ code: "unavailable" });
    other.exec("ROLLBACK");
    await database.ask(() => database.transaction(work));
    expect([tries, count()]).toEqual([1, 1]);
    other.close();
  });
});

test("a failure of any other kind is not tried again", async () => {
  let tries = 0;
  const work = (): void => {
    tries += 1;
    database.execute("no statement");
  };
  await expect(database.ask(work)).rejects.toMatchObject({ code: "internal" });
  expect(tries).toBe(1);
});
