/** Writes what resources are found by. */
import type { IndexedResource, ResourceStep } from "../../search/resource-index.ts";
import { endOf, resourceNumber } from "../../search/resource-number.ts";
import type { IndexRow } from "../../search/values/index-row.ts";
import { AppError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import type { ResourceTables } from "./resource-schema.ts";
import { integerAt } from "./rows.ts";

/** @param dictionary one for all documents of a step */
export function insertResources(
  database: Database,
  tables: ResourceTables,
  dictionary: Dictionary,
  { position, resources }: ResourceStep["documents"][number],
): void {
  for (const resource of resources) {
    const number = resourceNumber(position, resource.place);
    if (resource.isMore !== true)
      database.run(`INSERT INTO ${tables.resources} (number, type, path) VALUES (?, ?, ?)`, number, resource.type, resource.path);
    for (const row of resource.rows) insertRow(database, tables, dictionary, { row, number, resource, position });
  }
}

interface Placed {
  readonly row: IndexRow;
  readonly number: number;
  readonly resource: IndexedResource;
  readonly position: number;
}

function insertRow(database: Database, tables: ResourceTables, dictionary: Dictionary, { row, number, resource, position }: Placed): void {
  const name = dictionary.name(resource.type, row.name);
  switch (row.kind) {
    case "word":
      database.run(
        `INSERT OR IGNORE INTO ${tables.words} (name, value, resource, system, part) VALUES (?, ?, ?, ?, ?)`,
        name,
        row.value,
        number,
        row.system === undefined ? 0 : dictionary.text(row.system),
        row.part,
      );
      break;
    case "span":
      database.run(
        `INSERT OR IGNORE INTO ${tables.spans} (name, scale, low, high, resource, part) VALUES (?, ?, ?, ?, ?, ?)`,
        name,
        row.scale === "" ? 0 : dictionary.text(row.scale),
        row.low,
        row.high,
        number,
        row.part,
      );
      break;
    case "link":
      database.run(
        `INSERT OR IGNORE INTO ${tables.links} (name, target, resource, part) VALUES (?, ?, ?, ?)`,
        name,
        resourceNumber(position, row.target),
        number,
        row.part,
      );
  }
}

export function deleteResources(database: Database, tables: ResourceTables, position: number): void {
  const [first, end] = [endOf(position), endOf(position + 1)];
  for (const table of [tables.words, tables.spans, tables.links])
    database.run(`DELETE FROM ${table} WHERE resource >= ? AND resource < ?`, first, end);
  database.run(`DELETE FROM ${tables.resources} WHERE number >= ? AND number < ?`, first, end);
}

/** Numbers for names and texts, given when they are first met. */
export class Dictionary {
  readonly #database: Database;
  readonly #tables: ResourceTables;
  readonly #known = new Map<string, number>();

  constructor(database: Database, tables: ResourceTables) {
    this.#database = database;
    this.#tables = tables;
  }

  name(type: string, name: string): number {
    const { names } = this.#tables;
    return this.#number(`${type} ${name}`, names, ["type", "name"], [type, name]);
  }

  text(text: string): number {
    return this.#number(`=${text}`, this.#tables.texts, ["text"], [text]);
  }

  #number(key: string, table: string, columns: readonly string[], values: readonly string[]): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#database.get(`SELECT id FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(" AND ")}`, ...values);
    const places = columns.map(() => "?").join(", ");
    const row = found ?? this.#database.get(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places}) RETURNING id`, ...values);
    if (!row) throw new AppError("internal", "a name of the index was given no number");
    const number = integerAt(row, "id");
    this.#known.set(key, number);
    return number;
  }
}
