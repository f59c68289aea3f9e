import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { DatabaseSync } from "node:sqlite";
import { openIndex, type OpenedIndex } from "../../../src/adapters/sqlite/open-index.ts";
import { sqliteIndexPlace, type SqliteIndexPlace } from "./index-place.ts";

let place: SqliteIndexPlace;
let room: OpenedIndex;
beforeEach(async () => {
  place = sqliteIndexPlace();
  room = await openIndex(place.file, { tag: "test" });
});
afterEach(async () => {
  await room.close();
  await place.remove();
});

test("gives back what was put, over a restart too", async () => {
  expect(room.verdicts.get("sha256:a")).toBeUndefined();
  room.verdicts.put("sha256:a", "plain");
  room.verdicts.put("sha256:a", "plain");
  expect(room.verdicts.get("sha256:a")).toBe("plain");
  await room.close();
  room = await openIndex(place.file, { tag: "test" });
  expect(room.verdicts.get("sha256:a")).toBe("plain");
});

test("forgets rather than throws when the database is busy or closed, or the table is gone", async () => {
  const other = new DatabaseSync(place.file);
  other.exec("BEGIN IMMEDIATE");
  room.verdicts.put("sha256:b", "safe");
  other.exec("ROLLBACK");
  other.close();
  expect(room.verdicts.get("sha256:b")).toBeUndefined();
  place.look((database) => database.exec("DROP TABLE narrative_verdicts"));
  room.verdicts.put("sha256:b", "safe");
  expect(room.verdicts.get("sha256:b")).toBeUndefined();
  await room.close();
  room.verdicts.put("sha256:b", "safe");
  expect(room.verdicts.get("sha256:b")).toBeUndefined();
});
