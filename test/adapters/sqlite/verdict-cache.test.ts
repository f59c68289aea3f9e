import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { DatabaseSync } from "node:sqlite";
import { openSqlite, type SqliteRoom } from "../../../src/adapters/sqlite/open.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

let place: SqlitePlace;
let room: SqliteRoom;
beforeEach(async () => {
  place = sqlitePlace();
  room = await openSqlite(place.file);
});
afterEach(async () => {
  await room.store.close();
  await place.remove();
});

test("gives back what was put, over a restart too", async () => {
  expect(room.verdicts.get("sha256:a")).toBeUndefined();
  room.verdicts.put("sha256:a", "plain");
  room.verdicts.put("sha256:a", "plain");
  expect(room.verdicts.get("sha256:a")).toBe("plain");
  await room.store.close();
  room = await openSqlite(place.file);
  expect(room.verdicts.get("sha256:a")).toBe("plain");
});

test("forgets rather than throws when the database is busy or closed, or the table is gone", async () => {
  const other = new DatabaseSync(place.file);
  other.exec("BEGIN IMMEDIATE");
  room.verdicts.put("sha256:b", "safe");
  other.exec("ROLLBACK");
  other.close();
  expect(room.verdicts.get("sha256:b")).toBeUndefined();
  place.tamper("DROP TABLE narrative_verdicts");
  room.verdicts.put("sha256:b", "safe");
  expect(room.verdicts.get("sha256:b")).toBeUndefined();
  await room.store.close();
  room.verdicts.put("sha256:b", "safe");
  expect(room.verdicts.get("sha256:b")).toBeUndefined();
});
