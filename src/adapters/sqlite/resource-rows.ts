/** Writes what resources are found by. */
import type { IndexedResource, ResourceStep } from "../../search/resource-index.ts";
import { endOf, resourceNumber } from "../../search/resource-number.ts";
import type { IndexRow } from "../../search/values/index-row.ts";
import { AppError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import type { ResourceTables } from "./resource-schema.ts";
import { integerAt } from "./rows.ts";

/** Writes the resources of one generation. It knows the numbers that names and texts were given, for as long as the connection lives. */
export class ResourceWriter {
  readonly #database: Database;
  readonly #sql: Statements;
  readonly #dictionary: Dictionary;

  constructor(database: Database, tables: ResourceTables) {
    this.#database = database;
    this.#sql = statementsFor(tables);
    this.#dictionary = new Dictionary(database, tables);
  }

  /** To be called within a transaction; when that is undone, `forget` must be called. */
  write({ position, resources }: ResourceStep["documents"][number]): void {
    for (const resource of resources) {
      const number = resourceNumber(position, resource.place);
      if (resource.isMore !== true) this.#database.run(this.#sql.resource, number, resource.type, resource.path);
      for (const row of resource.rows) this.#writeRow(row, { number, resource, position });
    }
  }

  /** Numbers that were given in a transaction that was undone are nobody's. */
  forget(): void {
    this.#dictionary.forget();
  }

  #writeRow(row: IndexRow, { number, resource, position }: Placed): void {
    const name = this.#dictionary.name(resource.type, row.name);
    const { word, span, link } = this.#sql;
    switch (row.kind) {
      case "word":
        this.#database.run(word, name, row.value, number, row.system === undefined ? 0 : this.#dictionary.text(row.system), row.part);
        break;
      case "span":
        this.#database.run(span, name, row.scale === "" ? 0 : this.#dictionary.text(row.scale), row.low, row.high, number, row.part);
        break;
      case "link":
        this.#database.run(link, name, resourceNumber(position, row.target), number, row.part);
    }
  }
}

interface Placed {
  readonly number: number;
  readonly resource: IndexedResource;
  readonly position: number;
}

interface Statements {
  readonly resource: string;
  readonly word: string;
  readonly span: string;
  readonly link: string;
}

// Made once: a document has thousands of rows, and a statement is found by its text.
function statementsFor({ resources, words, spans, links }: ResourceTables): Statements {
  return {
    resource: `INSERT INTO ${resources} (number, type, path) VALUES (?, ?, ?)`,
    word: `INSERT OR IGNORE INTO ${words} (name, value, resource, system, part) VALUES (?, ?, ?, ?, ?)`,
    span: `INSERT OR IGNORE INTO ${spans} (name, scale, low, high, resource, part) VALUES (?, ?, ?, ?, ?, ?)`,
    link: `INSERT OR IGNORE INTO ${links} (name, target, resource, part) VALUES (?, ?, ?, ?)`,
  };
}

export function deleteResources(database: Database, tables: ResourceTables, position: number): void {
  const [first, end] = [endOf(position), endOf(position + 1)];
  for (const table of [tables.words, tables.spans, tables.links])
    database.run(`DELETE FROM ${table} WHERE resource >= ? AND resource < ?`, first, end);
  database.run(`DELETE FROM ${tables.resources} WHERE number >= ? AND number < ?`, first, end);
}

/** How many names and texts are kept in mind: systems and scales come from documents, which may have any number of them. */
const MOST_KNOWN = 20_000;

/** Numbers for names and texts, given when they are first met, and never changed. */
class Dictionary {
  readonly #database: Database;
  readonly #names: DictionaryStatements;
  readonly #texts: DictionaryStatements;
  /** The numbers of names, by type and name: a row asks for one, so nothing is put together to find it. */
  readonly #knownNames = new Map<string, Map<string, number>>();
  readonly #knownTexts = new Map<string, number>();
  #count = 0;

  constructor(database: Database, { names, texts }: ResourceTables) {
    this.#database = database;
    this.#names = dictionaryStatements(names, ["type", "name"]);
    this.#texts = dictionaryStatements(texts, ["text"]);
  }

  name(type: string, name: string): number {
    const ofType = this.#knownNames.get(type) ?? new Map<string, number>();
    if (ofType.size === 0) this.#knownNames.set(type, ofType);
    return ofType.get(name) ?? this.#learn(ofType, name, this.#number(this.#names, [type, name]));
  }

  text(text: string): number {
    return this.#knownTexts.get(text) ?? this.#learn(this.#knownTexts, text, this.#number(this.#texts, [text]));
  }

  forget(): void {
    this.#knownNames.clear();
    this.#knownTexts.clear();
    this.#count = 0;
  }

  #learn(known: Map<string, number>, key: string, number: number): number {
    if (++this.#count > MOST_KNOWN) this.forget();
    known.set(key, number);
    return number;
  }

  #number({ find, add }: DictionaryStatements, values: readonly string[]): number {
    const row = this.#database.get(find, ...values) ?? this.#database.get(add, ...values);
    if (!row) throw new AppError("internal", "a name of the index was given no number");
    return integerAt(row, "id");
  }
}

interface DictionaryStatements {
  readonly find: string;
  readonly add: string;
}

function dictionaryStatements(table: string, columns: readonly string[]): DictionaryStatements {
  return {
    find: `SELECT id FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(" AND ")}`,
    add: `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) RETURNING id`,
  };
}
