import { AppError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import type { ResourceTables } from "./resource-schema.ts";
import { integerAt } from "./rows.ts";

/** So many numbers of texts are remembered: documents may bring any number of systems. */
const MOST_REMEMBERED = 50_000;

/** Numbers for names and texts, given when they are first met. */
export class ResourceDictionary {
  readonly #database: Database;
  readonly #names: string;
  readonly #texts: string;
  /** Names by type. */
  readonly #known = new Map<string, Map<string, number>>();
  readonly #knownTexts = new Map<string, number>();

  constructor(database: Database, { names, texts }: Pick<ResourceTables, "names" | "texts">) {
    this.#database = database;
    this.#names = names;
    this.#texts = texts;
  }

  name(type: string, name: string): number {
    const own = this.#known.get(type) ?? new Map<string, number>();
    this.#known.set(type, own);
    const known = own.get(name);
    if (known !== undefined) return known;
    const number = this.#number(this.#names, ["type", "name"], [type, name]);
    own.set(name, number);
    return number;
  }

  text(text: string): number {
    const known = this.#knownTexts.get(text);
    if (known !== undefined) return known;
    if (this.#knownTexts.size >= MOST_REMEMBERED) this.#knownTexts.clear();
    const number = this.#number(this.#texts, ["text"], [text]);
    this.#knownTexts.set(text, number);
    return number;
  }

  forget(): void {
    this.#known.clear();
    this.#knownTexts.clear();
  }

  #number(table: string, columns: readonly string[], values: readonly string[]): number {
    const found = this.#database.get(`SELECT id FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(" AND ")}`, ...values);
    const places = columns.map(() => "?").join(", ");
    const row = found ?? this.#database.get(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places}) RETURNING id`, ...values);
    if (!row) throw new AppError("internal", "a name of the index was given no number");
    return integerAt(row, "id");
  }
}
