/**
 * Every column of every table of the index is altered in turn, and rows are removed and added: the audit tells each. The deeds are made from the tables as they are, so that a table or column that is new is
 * tried too.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CREATE_INDEX, createGeneration } from "../../../src/adapters/sqlite/index-schema.ts";
import type { IndexDifference } from "../../../src/search/index-inventory.ts";
import { makeRepository, type Copy, type Repository } from "./repository.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly isKey: boolean;
}

/** Tables with their columns, of an index's first generation. */
const TABLES: ReadonlyMap<string, readonly Column[]> = (() => {
  const database = new DatabaseSync(":memory:");
  database.exec(CREATE_INDEX + createGeneration(1));
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all();
  return new Map(
    names.map(({ name }) => [
      String(name),
      database
        .prepare(`PRAGMA table_info(${String(name)})`)
        .all()
        .map((column) => ({ name: String(column["name"]), type: String(column["type"]), isKey: column["pk"] !== 0 })),
    ]),
  );
})();

/** Columns that may say anything, and why. */
const EXEMPT: Readonly<Record<string, string>> = {
  "made_by.tag": "it is an index of other settings then: it is not audited, which is said, and is made anew when it is opened",
  "narrative_verdicts.digest": "nobody is promised that a verdict is kept",
  "narrative_verdicts.verdict": "docs/design/audit.md says so",
};
/** What tells of which document a row is. */
const PLACE = /^(position|number|resource)$/;
/** Tables without which the rest cannot be read. */
const HEADS = new Set(["generations", "made_by", "narrative_verdicts"]);
/** What numbers stand for in other tables. */
const DICTIONARIES = new Set(["names_1", "texts_1"]);
/** Farther than the numbers of one document's resources reach, or of all of this log's. */
const FAR = 2 ** 26 + 3;

let repository: Repository;
beforeAll(async () => void (repository = await makeRepository()));
afterAll(() => repository.remove());

async function differences(alter: (copy: Copy) => void, areResourcesCompared = true): Promise<readonly IndexDifference[]> {
  const copy = repository.copy();
  try {
    alter(copy);
    return await copy.auditIndex(areResourcesCompared);
  } finally {
    copy.remove();
  }
}

const other = ({ name, type }: Column): string => (type === "INTEGER" ? `coalesce(${name}, 0) + ${FAR}` : type === "TEXT" ? `${name} || 'x'` : "'x'");
/** One row in the middle of a table. */
const one = (table: string): string => {
  const keys = (TABLES.get(table) ?? []).filter(({ isKey }) => isKey).map(({ name }) => name);
  const columns = keys.length === 0 ? "rowid" : keys.join(", ");
  return `(${columns}) = (SELECT ${columns} FROM ${table} LIMIT 1 OFFSET (SELECT count(*) / 2 FROM ${table}))`;
};
const kinds = (found: readonly IndexDifference[]): string[] => [...new Set(found.map(({ kind }) => kind))].sort();

const COLUMNS = [...TABLES].flatMap(([table, columns]) => columns.map((column) => ({ table, column, label: `${table}.${column.name}` })));
const OF_DOCUMENTS = [...TABLES.keys()].filter((table) => !HEADS.has(table) && !DICTIONARIES.has(table));

test("what nobody touched is as the documents say, and every table holds something", async () => {
  expect(
    await differences((copy) => {
      const database = new DatabaseSync(join(copy.folder, "index.db"), { readOnly: true });
      for (const table of TABLES.keys())
        if (table !== "narrative_verdicts") expect([table, database.prepare(`SELECT 1 FROM ${table}`).get()]).toEqual([table, expect.anything()]);
      database.close();
    }),
  ).toEqual([]);
});

describe("a column is altered:", () => {
  test.each(COLUMNS.filter(({ table, label }) => !HEADS.has(table) && EXEMPT[label] === undefined))("$label", async ({ table, column }) => {
    const found = await differences((copy) => copy.tamper("index.db", `UPDATE ${table} SET ${column.name} = ${other(column)} WHERE ${one(table)}`));
    expect(kinds(found)).toEqual(PLACE.test(column.name) ? ["added", "removed"] : ["changed"]);
    // One deed is not told as a hundred; a name in a dictionary stands in every document.
    expect(found.length).toBeLessThan(DICTIONARIES.has(table) ? 40 : 4);
  });

  // What is no JSON any more, is JSON of another shape, or no number of ours: none of it ends the audit.
  const DAMAGE = { TEXT: ["'{'", "''", "'null'", "'{}'", "'[7]'", "CAST(x'ff' AS TEXT)"], INTEGER: [String(2n ** 60n), "-9223372036854775807"] };
  const DAMAGED = COLUMNS.filter(({ label }) => label.startsWith("documents_1.") || /_1\.(position|number|resource|target|part|id)$/.test(label));
  test.each(DAMAGED)("$label, to what nobody wrote", async ({ table, column }) => {
    for (const value of DAMAGE[column.type === "TEXT" ? "TEXT" : "INTEGER"]) {
      const found = await differences((copy) => copy.tamper("index.db", `UPDATE ${table} SET ${column.name} = ${value} WHERE ${one(table)}`));
      expect([value, kinds(found)]).toEqual([value, PLACE.test(column.name) ? ["added", "removed"] : ["changed"]]);
      expect(found.length).toBeLessThan(DICTIONARIES.has(table) ? 40 : 4);
    }
  });

  test.each(["size", "mark", "depth"])("generations.%s", async (name) => {
    for (const sql of name === "mark" ? ["'x'"] : [`${name} + 1`, `${name} / 3`, "-1", "0"])
      expect([sql, await differences((copy) => copy.tamper("index.db", `UPDATE generations SET ${name} = ${sql}`))]).not.toEqual([sql, []]);
  });

  test.each(["number", "is_current"])("generations.%s: the index cannot be read", async (name) => {
    const alter = (copy: Copy): void => copy.tamper("index.db", `UPDATE generations SET ${name} = ${name} + 7`);
    await expect(differences(alter)).rejects.toThrow();
  });

  test("every one of every table", () => {
    const tried = ["generations.size", "generations.mark", "generations.depth", "generations.number", "generations.is_current"];
    const untried = COLUMNS.filter(({ table, label }) => HEADS.has(table) && !tried.includes(label) && EXEMPT[label] === undefined);
    expect(untried).toEqual([]);
  });
});

describe("a row is removed:", () => {
  test.each([...OF_DOCUMENTS, ...DICTIONARIES])("%s", async (table) => {
    const found = await differences((copy) => copy.tamper("index.db", `DELETE FROM ${table} WHERE ${one(table)}`));
    expect(kinds(found)).toEqual([DICTIONARIES.has(table) ? "changed" : "removed"]);
  });
});

describe("a row is added:", () => {
  const copied = (table: string, change: (column: Column) => string): string => {
    const columns = TABLES.get(table) ?? [];
    return `INSERT INTO ${table} (${columns.map(({ name }) => name).join(", ")}) SELECT ${columns.map(change).join(", ")} FROM ${table} WHERE ${one(table)}`;
  };
  // The fifth document was erased, and the tenth entry is of none.
  const places = (place: number) => (column: Column) =>
    PLACE.test(column.name) ? (column.name === "position" ? String(place) : String(place * 2 ** 20)) : other(column);

  test.each(OF_DOCUMENTS)("%s of what was erased, of what is no document, of what the log does not have", async (table) => {
    for (const place of [4, 8, 77, -1]) {
      const found = await differences((copy) => copy.tamper("index.db", copied(table, places(place))));
      expect([place, found]).toMatchObject([place, [{ kind: "added", index: place }]]);
    }
  });

  test.each(OF_DOCUMENTS.filter((table) => table !== "documents_1"))("%s of a document", async (table) => {
    const found = await differences((copy) => copy.tamper("index.db", copied(table, (column) => (column.name === "position" || column.name === "resource" ? column.name : column.name === "number" ? "number + 99" : other(column))))); // prettier-ignore
    expect(kinds(found)).toEqual(["added"]);
  });
});

test("without the rows of what stands in documents, these are looked for where no document is", async () => {
  const remove = (copy: Copy): void => copy.tamper("index.db", "DELETE FROM words_1");
  expect(await differences(remove, false)).toEqual([]);
  const add = (copy: Copy): void => copy.tamper("index.db", `INSERT INTO words_1 VALUES (1, 'x', ${4 * 2 ** 20}, 0, 0)`);
  expect(await differences(add, false)).toMatchObject([{ what: "words", kind: "added", id: repository.ids[4], index: 4 }]);
});
