/** Rows by which resources are found, as texts that can be compared: those that are kept, and those that a document makes. */
import type { RowDifference } from "../../search/index-inventory.ts";
import type { IndexedResource } from "../../search/resource-index.ts";
import { resourceNumber } from "../../search/resource-number.ts";
import type { Database, Row } from "./database.ts";
import type { ResourceTables } from "./resource-schema.ts";
import { integerAt, textAt } from "./rows.ts";

type Compared = "resources" | "words" | "spans" | "links";

interface ResourceTable {
  readonly what: Compared & RowDifference["what"];
  readonly table: (Compared | "documentWords") & keyof ResourceTables;
  /** The column with the number of the resource, or with the place of the document. */
  readonly column: string;
  readonly isOfDocument?: true;
  textIn(row: Row, dictionary: KeptDictionary): string;
}

export const RESOURCE_TABLES: readonly ResourceTable[] = [
  { what: "resources", table: "resources", column: "number", textIn: ({ number, type, path }) => textOf(number, type, path) },
  {
    ...{ what: "words", table: "words", column: "resource" },
    textIn: (row, dictionary) => textOf(row["resource"], dictionary.name(row), row["value"], dictionary.text(row, "system"), row["part"]),
  },
  {
    ...{ what: "spans", table: "spans", column: "resource" },
    textIn: (row, dictionary) =>
      textOf(row["resource"], dictionary.name(row), dictionary.text(row, "scale"), bound(row["low"]), bound(row["high"]), row["part"]),
  },
  {
    ...{ what: "links", table: "links", column: "resource" },
    textIn: (row, dictionary) => textOf(row["resource"], dictionary.name(row), row["target"], row["part"]),
  },
  {
    ...{ what: "words", table: "documentWords", column: "position", isOfDocument: true },
    textIn: (row, dictionary) => textOf(row["position"], dictionary.name(row), row["value"], row["places"]),
  },
];

/** Tells the rows that a resource makes (resource-rows.ts writes them). */
export function expectResources(
  { place, type, path, rows, words }: IndexedResource,
  position: number,
  expect: (what: Compared, text: string) => void,
): void {
  for (const { value, at } of words ?? []) for (const one of at) expect("words", textOf(position, `${one.type} ${one.name}`, value, one.places));
  if (words !== undefined) return;
  const number = resourceNumber(position, place);
  expect("resources", textOf(number, type, path));
  for (const row of rows) {
    const name = `${type} ${row.name}`;
    if (row.kind === "word") expect("words", textOf(number, name, row.value, row.system ?? NONE, row.part));
    else if (row.kind === "span")
      expect("spans", textOf(number, name, row.scale === "" ? NONE : row.scale, bound(row.low), bound(row.high), row.part));
    else expect("links", textOf(number, name, resourceNumber(position, row.target), row.part));
  }
}

/** Stands for no system and no scale, and in no text. */
const NONE = "\u0000";
const BETWEEN = "\u0001";

function textOf(...fields: readonly unknown[]): string {
  return fields.join(BETWEEN);
}

/** Numbers and texts are told apart. */
function bound(value: unknown): string {
  return `${typeof value}:${String(value)}`;
}

/** The dictionaries as they are kept, read as a whole: they are small. What stands in no dictionary is called by its number. */
export class KeptDictionary {
  readonly #names: ReadonlyMap<unknown, string>;
  readonly #texts: ReadonlyMap<unknown, string>;

  constructor(database: Database, { names, texts }: ResourceTables) {
    this.#names = new Map(
      database.allAsTheyAre(`SELECT * FROM ${names}`).map((row) => [integerAt(row, "id"), `${textAt(row, "type")} ${textAt(row, "name")}`]),
    );
    this.#texts = new Map(database.allAsTheyAre(`SELECT * FROM ${texts}`).map((row) => [integerAt(row, "id"), textAt(row, "text")]));
  }

  name({ name }: Row): string {
    return this.#names.get(name) ?? `${NONE}${String(name)}`;
  }

  text(row: Row, column: string): string {
    const id = row[column];
    return id === 0 ? NONE : (this.#texts.get(id) ?? `${NONE}${String(id)}`);
  }
}
