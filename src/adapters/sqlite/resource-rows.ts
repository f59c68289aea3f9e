/** Writes what resources are found by. */
import type { SQLInputValue } from "node:sqlite";
import { unpacked } from "../../search/packed-resources.ts";
import type { ResourceStep } from "../../search/resource-index.ts";
import { endOf, resourceNumber, type ResourceNumber } from "../../search/resource-number.ts";
import type { IndexRow, Occurrences } from "../../search/values/index-row.ts";
import type { Database } from "./database.ts";
import { ResourceDictionary } from "./resource-dictionary.ts";
import type { ResourceTables } from "./resource-schema.ts";

/** So many rows are written with one statement, of many and of few: each is a call into SQLite. */
const TOGETHER = 32;
const FEW = 4;
type Row = readonly SQLInputValue[];

/** What is written at once. */
export interface WrittenPart {
  readonly resources: readonly WrittenResource[];
  readonly rows: readonly PlacedRow[];
}

interface WrittenResource {
  readonly number: ResourceNumber;
  readonly type: string;
  readonly path: string;
  readonly position: number;
}

/** In the document whose entry has the position. */
type PlacedRow = { readonly position: number } &
  /** Of a resource, whose type the row's name belongs to. */
  (
    | { readonly row: IndexRow; readonly number: ResourceNumber; readonly type: string }
    /** Of the document. */
    | { readonly word: string; readonly at: Occurrences }
  );

/** Rows of one table, written many at a time. */
class TableWriter {
  readonly #database: Database;
  readonly #one: string;
  readonly #few: string;
  readonly #many: string;
  #rows: Row[] = [];

  constructor(database: Database, table: string, columns: readonly string[]) {
    this.#database = database;
    const places = `(${columns.map(() => "?").join(", ")})`;
    this.#one = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES ${places}`;
    this.#few = this.#one + `, ${places}`.repeat(FEW - 1);
    this.#many = this.#one + `, ${places}`.repeat(TOGETHER - 1);
  }

  add(row: Row): void {
    this.#rows.push(row);
    if (this.#rows.length === TOGETHER) this.#database.run(this.#many, ...this.#taken().flat());
  }

  finish(): void {
    const rows = this.#taken();
    const whole = rows.length - (rows.length % FEW);
    for (let at = 0; at < whole; at += FEW) this.#database.run(this.#few, ...rows.slice(at, at + FEW).flat());
    for (const row of rows.slice(whole)) this.#database.run(this.#one, ...row);
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
  readonly #documentWords: TableWriter;
  readonly #dictionary: ResourceDictionary;

  constructor(database: Database, { resources, words, spans, links, documentWords, names, texts }: ResourceTables) {
    this.#resources = new TableWriter(database, resources, ["number", "type", "path"]);
    this.#words = new TableWriter(database, words, ["name", "value", "resource", "system", "part"]);
    this.#spans = new TableWriter(database, spans, ["name", "scale", "low", "high", "resource", "part"]);
    this.#links = new TableWriter(database, links, ["name", "target", "resource", "part"]);
    this.#documentWords = new TableWriter(database, documentWords, ["name", "value", "position", "places"]);
    this.#dictionary = new ResourceDictionary(database, { names, texts });
  }

  /** Writes resources and rows that are not there yet. To be called in a transaction; when that is undone, `forget` is to be called. */
  write({ resources, rows }: WrittenPart): void {
    for (const { number, type, path } of resources) this.#resources.add([number, type, path]);
    for (const row of rows) this.#add(row);
    for (const table of this.#tables()) table.finish();
  }

  /** What was learned in a transaction that was undone is not so. */
  forget(): void {
    for (const table of this.#tables()) table.forget();
    this.#dictionary.forget();
  }

  #tables(): readonly TableWriter[] {
    return [this.#resources, this.#words, this.#spans, this.#links, this.#documentWords];
  }

  #add(placed: PlacedRow): void {
    if ("word" in placed) {
      const { word, at, position } = placed;
      this.#documentWords.add([this.#dictionary.name(at.type, at.name), word, position, at.places]);
      return;
    }
    const { row, number, type, position } = placed;
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
export class ResourceWriters {
  readonly #writers = new WeakMap<Database, Map<number, ResourceWriter>>();

  of(database: Database, tables: ResourceTables, generation: number): ResourceWriter {
    const own = this.#writers.get(database) ?? new Map<number, ResourceWriter>();
    this.#writers.set(database, own);
    const writer = own.get(generation) ?? new ResourceWriter(database, tables);
    own.set(generation, writer);
    return writer;
  }
}

/**
 * All that is to be written of documents, in parts of so many rows: in the order in which the tables keep them, so that each part comes to pages of its own and none is written with every part, or
 * with every document.
 */
export function inParts(documents: ResourceStep["documents"], size: number): WrittenPart[] {
  const rows: PlacedRow[] = [];
  const made: WrittenResource[] = [];
  for (const { position, resources } of documents)
    for (const { place, type, path, rows: own, words } of unpacked(resources)) {
      for (const { value: word, at: all } of words ?? []) for (const at of all) rows.push({ word, at, position });
      if (words !== undefined) continue;
      const number = resourceNumber(position, place);
      made.push({ number, type, path, position });
      for (const row of own) rows.push({ row, number, type, position });
    }
  rows.sort(byPlaceInTable);
  return Array.from({ length: Math.max(1, Math.ceil(rows.length / size)) }, (_, at) => ({
    resources: at === 0 ? made : [],
    rows: rows.slice(at * size, (at + 1) * size),
  }));
}

function byPlaceInTable(one: PlacedRow, other: PlacedRow): number {
  if ("word" in one || "word" in other) {
    if (!("word" in one)) return -1;
    if (!("word" in other)) return 1;
    return order(one.at.type, other.at.type) || order(one.at.name, other.at.name) || order(one.word, other.word) || one.position - other.position;
  }
  return (
    order(one.row.kind, other.row.kind) ||
    order(one.type, other.type) ||
    order(one.row.name, other.row.name) ||
    (one.row.kind === "word" && other.row.kind === "word" ? order(one.row.value, other.row.value) : 0) ||
    one.number - other.number
  );
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function deleteResources(database: Database, tables: ResourceTables, position: number): void {
  const [first, end] = [endOf(position), endOf(position + 1)];
  for (const table of [tables.words, tables.spans, tables.links])
    database.run(`DELETE FROM ${table} WHERE resource >= ? AND resource < ?`, first, end);
  database.run(`DELETE FROM ${tables.documentWords} WHERE position = ?`, position);
  database.run(`DELETE FROM ${tables.resources} WHERE number >= ? AND number < ?`, first, end);
}
