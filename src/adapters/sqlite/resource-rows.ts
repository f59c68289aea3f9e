/** Writes what resources are found by. */
import type { SQLInputValue } from "node:sqlite";
import type { IndexedResource, ResourceStep } from "../../search/resource-index.ts";
import { endOf, resourceNumber } from "../../search/resource-number.ts";
import type { IndexRow } from "../../search/values/index-row.ts";
import type { Database } from "./database.ts";
import { ResourceDictionary } from "./resource-dictionary.ts";
import type { ResourceTables } from "./resource-schema.ts";

/** So many rows are written with one statement: each is a call into SQLite. */
const TOGETHER = 32;
type Row = readonly SQLInputValue[];

/** Rows of one table, written many at a time. */
class TableWriter {
  readonly #database: Database;
  readonly #one: string;
  readonly #many: string;
  #rows: Row[] = [];

  constructor(database: Database, table: string, columns: readonly string[]) {
    this.#database = database;
    const places = `(${columns.map(() => "?").join(", ")})`;
    this.#one = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES ${places}`;
    this.#many = this.#one + `, ${places}`.repeat(TOGETHER - 1);
  }

  add(row: Row): void {
    this.#rows.push(row);
    if (this.#rows.length === TOGETHER) this.#database.run(this.#many, ...this.#taken().flat());
  }

  finish(): void {
    for (const row of this.#taken()) this.#database.run(this.#one, ...row);
  }

  forget(): void {
    this.#rows = [];
  }

  #taken(): Row[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }
}

/** Who writes into the tables of one generation on one connection, from step to step. */
export class ResourceWriter {
  readonly #resources: TableWriter;
  readonly #words: TableWriter;
  readonly #spans: TableWriter;
  readonly #links: TableWriter;
  readonly #dictionary: ResourceDictionary;

  constructor(database: Database, { resources, words, spans, links, names, texts }: ResourceTables) {
    this.#resources = new TableWriter(database, resources, ["number", "type", "path"]);
    this.#words = new TableWriter(database, words, ["name", "value", "resource", "system", "part"]);
    this.#spans = new TableWriter(database, spans, ["name", "scale", "low", "high", "resource", "part"]);
    this.#links = new TableWriter(database, links, ["name", "target", "resource", "part"]);
    this.#dictionary = new ResourceDictionary(database, { names, texts });
  }

  /** Writes what is not there yet. To be called in a transaction; when that is undone, `forget` is to be called. */
  write({ position, resources }: ResourceStep["documents"][number]): void {
    for (const resource of resources) {
      const number = resourceNumber(position, resource.place);
      if (resource.isMore !== true) this.#resources.add([number, resource.type, resource.path]);
      for (const row of resource.rows) this.#add(row, number, resource.type, position);
    }
    for (const table of this.#tables()) table.finish();
  }

  /** What was learned in a transaction that was undone is not so. */
  forget(): void {
    for (const table of this.#tables()) table.forget();
    this.#dictionary.forget();
  }

  #tables(): readonly TableWriter[] {
    return [this.#resources, this.#words, this.#spans, this.#links];
  }

  #add(row: IndexRow, number: number, type: string, position: number): void {
    const name = this.#dictionary.name(type, row.name);
    switch (row.kind) {
      case "word":
        this.#words.add([name, row.value, number, row.system === undefined ? 0 : this.#dictionary.text(row.system), row.part]);
        break;
      case "span":
        this.#spans.add([name, row.scale === "" ? 0 : this.#dictionary.text(row.scale), row.low, row.high, number, row.part]);
        break;
      case "link":
        this.#links.add([name, resourceNumber(position, row.target), number, row.part]);
    }
  }
}

/** The writers of each connection, by generation: no number of one is given twice. */
const WRITERS = new WeakMap<Database, Map<number, ResourceWriter>>();

export function resourceWriterOf(database: Database, tables: ResourceTables, generation: number): ResourceWriter {
  const own = WRITERS.get(database) ?? new Map<number, ResourceWriter>();
  WRITERS.set(database, own);
  const writer = own.get(generation) ?? new ResourceWriter(database, tables);
  own.set(generation, writer);
  return writer;
}

/** Resources in parts of about so many rows each, in their order: the rest of one that is larger comes as more of it. */
export function* inParts(resources: readonly IndexedResource[], rows: number): Generator<readonly IndexedResource[]> {
  let part: IndexedResource[] = [];
  let room = rows;
  for (const resource of resources) {
    for (let from = 0; from === 0 || from < resource.rows.length;) {
      const taken = resource.rows.slice(from, from + room);
      part.push({ ...resource, rows: taken, ...(from > 0 && { isMore: true as const }) });
      from += Math.max(1, taken.length);
      room -= Math.max(1, taken.length);
      if (room > 0) continue;
      yield part;
      part = [];
      room = rows;
    }
  }
  if (part.length > 0) yield part;
}

export function deleteResources(database: Database, tables: ResourceTables, position: number): void {
  const [first, end] = [endOf(position), endOf(position + 1)];
  for (const table of [tables.words, tables.spans, tables.links])
    database.run(`DELETE FROM ${table} WHERE resource >= ? AND resource < ?`, first, end);
  database.run(`DELETE FROM ${tables.resources} WHERE number >= ? AND number < ?`, first, end);
}
