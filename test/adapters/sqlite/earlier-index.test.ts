/** An index file that an earlier version left behind gives way to an empty one, which is filled from the record. */
import { expect, test } from "@jest/globals";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { openIndex, openLane } from "../../../src/adapters/sqlite/open-index.ts";
import { INDEX_APPLICATION_ID, INDEX_SCHEMA_VERSION } from "../../../src/adapters/sqlite/index-schema.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { MADE_PLACES, resourceNumber } from "../../../src/search/resource-number.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { sqliteIndexPlace } from "./index-place.ts";

/** As schema 5 had it: each word of a text in a row for each resource that has it. */
const SCHEMA_5 = `
CREATE TABLE made_by (tag TEXT NOT NULL) STRICT;
CREATE TABLE generations (
  number INTEGER PRIMARY KEY AUTOINCREMENT, is_current INTEGER NOT NULL, size INTEGER NOT NULL, mark TEXT NOT NULL, depth INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_is_current ON generations (is_current) WHERE is_current = 1;
CREATE TABLE narrative_verdicts (digest TEXT PRIMARY KEY, verdict TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE names_7 (id INTEGER PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (type, name)) STRICT;
CREATE TABLE resources_7 (number INTEGER PRIMARY KEY, type TEXT NOT NULL, path TEXT NOT NULL) STRICT;
CREATE TABLE words_7 (
  name INTEGER NOT NULL, value TEXT NOT NULL, resource INTEGER NOT NULL, system INTEGER NOT NULL, part INTEGER NOT NULL,
  PRIMARY KEY (name, value, resource, system, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX words_7_by_resource ON words_7 (resource, name);
INSERT INTO made_by VALUES ('test');
INSERT INTO generations VALUES (7, 1, 1, 'mark 1', 1);
INSERT INTO names_7 VALUES (1, 'Observation', '_text');
INSERT INTO resources_7 VALUES (3, 'Observation', '3');
INSERT INTO words_7 VALUES (1, 'zqrecovering', 3, 0, 0);
PRAGMA application_id = ${INDEX_APPLICATION_ID};
PRAGMA user_version = 5;`;

test("an index of schema 5 is made anew, and nothing of it is left in the file", async () => {
  expect(INDEX_SCHEMA_VERSION).toBeGreaterThan(5);
  const place = sqliteIndexPlace();
  try {
    mkdirSync(dirname(place.file));
    place.look((database) => {
      database.exec(SCHEMA_5);
    });
    expect(readFileSync(place.file).includes("zqrecovering")).toBe(true);
    const opened = await openIndex(place.file, { tag: "test" });
    const { index } = opened;
    expect([await index.position(), await index.depth()]).toEqual([{ size: 0, mark: "" }, 0]);
    expect(await place.orphans()).toEqual([]);
    const places = [1, 3, 40];
    const words = { value: "recovering", at: [{ type: "Observation", name: "_text", places: places.join(",") }] };
    const resources = [
      ...places.map((at) => ({ place: at, type: "Observation", path: String(at), rows: [] })),
      { place: MADE_PLACES.Words, type: "", path: "", rows: [], words: [words] },
    ];
    await index.advance(stepOf([newDocument({ from: 0 })]));
    await index.deepen({ from: 0, to: 1, documents: [{ position: 0, resources }] });
    const lane = await openLane(place.file, { tag: "test", longest: 1_000 });
    const asked = { kind: "text", names: ["_text", "_content"], value: "recover" } as const;
    const found = lane.index.find("Observation", asked, { below: Infinity, count: 2 }, { permitted: PERMIT_ALL, isCurrent: false });
    expect(await found).toEqual([40, 3].map((at) => resourceNumber(0, at)));
    expect(place.look((database) => database.prepare("SELECT count(*) AS n FROM document_words_1").get())).toEqual({ n: 1 });
    await lane.close();
    await opened.close();
    expect(readFileSync(place.file).includes("zqrecovering")).toBe(false);
  } finally {
    await place.remove();
  }
});
