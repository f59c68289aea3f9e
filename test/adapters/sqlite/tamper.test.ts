/** A deed that left every byte as it was is no deed: no test passes or fails by it. */
import { expect, test } from "@jest/globals";
import { tamperWith } from "./tamper.ts";
import { sqlitePlace } from "./place.ts";

test.each([
  ["of nothing", []],
  ["that meets no row", ["UPDATE marks SET note = 'B' WHERE note = 'C'"]],
  ["that finds nothing to replace", ["UPDATE marks SET note = replace(note, 'Z', 'B')"]],
  ["that takes itself back", ["UPDATE marks SET note = 'B'", "UPDATE marks SET note = 'A'"]],
  ["on what is kept for the moment", ["CREATE TEMP TABLE held AS SELECT * FROM marks", "DELETE FROM held"]],
])("a deed %s is refused", async (_what, statements) => {
  const place = sqlitePlace();
  await (await place.open()).store.close();
  place.tamper("CREATE TABLE marks (note TEXT); INSERT INTO marks VALUES ('A')");
  expect(() => tamperWith(place.file, statements)).toThrow(/^nothing was altered by/);
  expect(() => tamperWith(place.file, ["UPDATE marks SET note = replace(note, 'A', 'B')"])).not.toThrow();
  await place.remove();
});
