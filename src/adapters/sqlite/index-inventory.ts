import type { ComparedRows, IndexInventory, MadeDocument, RowDifference } from "../../search/index-inventory.ts";
import { RowComparison } from "../../search/row-comparison.ts";
import { endOf, positionOf as placeOf, resourceNumber } from "../../search/resource-number.ts";
import { Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { currentGeneration, depthOf, positionOf } from "./index-generations.ts";
import { readableByKey } from "./index-questions.ts";
import { documentColumns, keysOf } from "./index-rows.ts";
import { tablesOf, type Tables } from "./index-schema.ts";
import { expectResources, KeptDictionary, RESOURCE_TABLES } from "./resource-inventory.ts";
import { integerAt, textAt } from "./rows.ts";

/** Every table of a generation that has rows of documents, by what they are called, with the column that says of which. */
const PLACES: readonly { readonly what: RowDifference["what"]; readonly table: keyof Tables; readonly column: string; readonly isNumber?: true }[] = [
  { what: "row", table: "documents", column: "position" },
  { what: "search terms", table: "terms", column: "position" },
  { what: "keys", table: "keys", column: "position" },
  { what: "resources", table: "resources", column: "number", isNumber: true },
  { what: "words", table: "words", column: "resource", isNumber: true },
  { what: "spans", table: "spans", column: "resource", isNumber: true },
  { what: "links", table: "links", column: "resource", isNumber: true },
  { what: "words", table: "documentWords", column: "position" },
];

const FEW = 4;

/** The port IndexInventory, on a connection of its own that writes nothing. */
export function openIndexInventory(file: string): IndexInventory {
  const database = new Database(file, { synchronous: "NORMAL", patience: DEFAULT_PATIENCE });
  database.execute("PRAGMA query_only = ON");
  // One read transaction, so that all of it is of one state.
  const read = <Result>(work: (tables: Tables, position: ComparedRows["position"]) => Result): Promise<Result> =>
    database.ask(() => {
      database.run("BEGIN");
      try {
        const generation = currentGeneration(database);
        return work(tablesOf(generation), { ...positionOf(database, generation), depth: depthOf(database, generation) });
      } finally {
        database.run("COMMIT");
      }
    });
  return {
    position: () => read((_, position) => position),
    named: (keys) => read((tables) => readableByKey(database, tables, keys)),
    compare: (from, to, made, areResourcesCompared) =>
      read((tables, position) => {
        const range = { from, to: Math.min(to, position.size) };
        if (range.to <= from) return { position, differences: [], ends: new Map() };
        const { differences, ends } = compareDocuments(database, tables, range, made);
        const ofResources = areResourcesCompared
          ? compareResources(database, tables, range, made, position.depth)
          : leftResources(database, tables, range, made);
        return { position, differences: [...differences, ...ofResources], ends };
      }),
    strays: (_, __, most) =>
      read((tables, { size }) =>
        PLACES.flatMap(({ what, table, column, isNumber }) => {
          const end = isNumber ? endOf(size) : size;
          const found = database.allAsTheyAre(
            `SELECT DISTINCT ${column} AS place FROM ${tables[table]} WHERE ${column} < 0 OR ${column} >= ? ORDER BY ${column} LIMIT ?`,
            ...[end, most],
          );
          const places = new Set(found.map((row) => (isNumber ? placeOf(integerAt(row, "place")) : integerAt(row, "place"))));
          return [...places].map((index): RowDifference => ({ what, kind: "added", index }));
        }),
      ),
    beyond: () =>
      read((tables, { size }) =>
        database
          .allAsTheyAre(`SELECT position FROM ${tables.documents} WHERE position >= ? ORDER BY position LIMIT ${FEW}`, size)
          .map((row) => integerAt(row, "position")),
      ),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

type Made = ReadonlyMap<number, MadeDocument>;

function compareDocuments(database: Database, tables: Tables, { from, to }: Range, made: Made): Omit<ComparedRows, "position"> {
  const [documents, terms, keys] = [new RowComparison(), new RowComparison(), new RowComparison()];
  const ends = new Map<number, number>();
  for (const [place, document] of made) {
    if (place >= to) continue;
    documents.expect(place, JSON.stringify([...documentColumns(document).values()]));
    for (const term of document.terms) terms.expect(place, term);
    for (const { kind, key } of keysOf(document)) keys.expect(place, `${kind} ${key}`);
  }
  const within = (table: string): Row[] => database.allAsTheyAre(`SELECT * FROM ${table} WHERE position >= ? AND position < ?`, from, to);
  for (const { position, closed_at: end, ...row } of within(tables.documents)) {
    documents.meet(Number(position), JSON.stringify(Object.values(row)));
    if (end !== null) ends.set(Number(position), Number(end));
  }
  for (const row of within(tables.terms)) terms.meet(integerAt(row, "position"), textAt(row, "term"));
  for (const row of within(tables.keys)) keys.meet(integerAt(row, "position"), `${textAt(row, "kind")} ${textAt(row, "key")}`);
  return { differences: [...documents.differences("row"), ...terms.differences("search terms"), ...keys.differences("keys")], ends };
}

function compareResources(database: Database, tables: Tables, { from, to }: Range, made: Made, depth: number): RowDifference[] {
  const dictionary = new KeptDictionary(database, tables);
  const byWhat = new Map(RESOURCE_TABLES.map(({ what }) => [what, new RowComparison()] as const));
  for (const [place, { resources }] of made) {
    if (place >= to || resources === undefined) continue;
    // What follows a document is there as soon as the resources' part has come that far, and not before.
    for (const resource of place < depth ? [...resources.header, ...resources.rest] : resources.header)
      expectResources(resource, place, (what, text) => byWhat.get(what)?.expect(place, text));
  }
  for (const one of RESOURCE_TABLES)
    for (const row of database.allAsTheyAre(...rowsOf(one, tables, { from, to }))) {
      const at = integerAt(row, one.column);
      byWhat.get(one.what)?.meet(one.isOfDocument ? at : placeOf(at), one.textIn(row, dictionary));
    }
  return [...byWhat].flatMap(([what, comparison]) => comparison.differences(what));
}

/** As a statement with its values: the rows of documents at these places. */
function rowsOf({ table, column, isOfDocument }: (typeof RESOURCE_TABLES)[number], tables: Tables, { from, to }: Range): [string, number, number] {
  const sql = `SELECT * FROM ${tables[table]} WHERE ${column} >= ? AND ${column} < ?`;
  return isOfDocument ? [sql, from, to] : [sql, resourceNumber(from, 0), endOf(to)];
}

/** Rows of resources where no document is: of what was erased nothing may be left. */
function leftResources(database: Database, tables: Tables, { from, to }: Range, made: Made): RowDifference[] {
  const empty = Array.from({ length: to - from }, (_, at) => from + at).filter((place) => !made.has(place));
  return empty.flatMap((place) =>
    RESOURCE_TABLES.filter((one) => {
      const [sql, ...bounds] = rowsOf(one, tables, { from: place, to: place + 1 });
      return database.get(`${sql} LIMIT 1`, ...bounds) !== undefined;
    }).map(({ what }): RowDifference => ({ what, kind: "added", index: place })),
  );
}
