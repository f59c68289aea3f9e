/** Documents of the index as rows, and predicates as conditions upon them. */
import type { SQLInputValue } from "node:sqlite";
import { AppError } from "../../core/errors.ts";
import { isLinks, isSummary } from "../../search/described-data.ts";
import type { IndexedDocument, NewDocument } from "../../search/index-port.ts";
import { DECISION_COLUMNS, type DecisionFacts, type Predicate } from "../../search/predicate.ts";
import type { Database, Row } from "./database.ts";
import type { MatchKeyKind, Tables } from "./index-schema.ts";
import { ruled } from "./ruled.ts";
import { deleteResources } from "./resource-rows.ts";
import { integerAt, textAt } from "./rows.ts";

/** Part of a WHERE clause, with its values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Conditions in brackets, halves within halves: SQLite takes an expression that is a thousand deep at most, and reads a row of them as one within another. */
function joined(parts: readonly string[], word: string): string {
  if (parts.length <= 2) return `(${parts.join(word)})`;
  const middle = parts.length >> 1;
  return `(${joined(parts.slice(0, middle), word)}${word}${joined(parts.slice(middle), word)})`;
}

/** A predicate as a condition upon the table called `d`: in brackets, so that it can stand beside others. */
export function conditionOf(predicate: Predicate): Condition {
  switch (predicate.kind) {
    case "any":
    case "only": {
      if (!DECISION_COLUMNS.includes(predicate.column)) throw new AppError("internal", `the index has no column ${predicate.column}`);
      const [exists, among] = predicate.kind === "any" ? ["EXISTS", "IN"] : ["NOT EXISTS", "NOT IN"];
      const sql = `(${exists} (SELECT 1 FROM json_each(d.${predicate.column}) f WHERE f.value ${among} (SELECT value FROM json_each(?))))`;
      return { sql, values: [JSON.stringify(predicate.values)] };
    }
    case "between": {
      if (!DECISION_COLUMNS.includes(predicate.column)) throw new AppError("internal", `the index has no column ${predicate.column}`);
      const sql = `(EXISTS (SELECT 1 FROM json_each(d.${predicate.column}) f WHERE f.value >= ? AND f.value <= ?))`;
      return { sql, values: [predicate.from, predicate.to] };
    }
    case "document":
      return { sql: "(d.id IN (SELECT value FROM json_each(?)))", values: [JSON.stringify(predicate.ids)] };
    case "ruled":
      return ruled(predicate.rules);
    case "not": {
      const { sql, values } = conditionOf(predicate.of);
      return { sql: `(NOT ${sql})`, values };
    }
    default: {
      const parts = predicate.of.map(conditionOf);
      const [word, empty] = predicate.kind === "every" ? [" AND ", "1"] : [" OR ", "0"];
      return {
        sql:
          parts.length === 0
            ? empty
            : joined(
                parts.map(({ sql }) => sql),
                word,
              ),
        values: parts.flatMap(({ values }) => values),
      };
    }
  }
}

/** Where a document has the keys of a kind. */
const KEYS: Readonly<Record<MatchKeyKind, (document: Pick<NewDocument, "links" | "facts">) => readonly string[]>> = {
  own: ({ links }) => links.ownKeys,
  claim: ({ links }) => links.claims.map(({ key }) => key),
  composition: ({ links }) => links.compositionKeys,
  patient: ({ facts }) => facts.patient,
};

/** What stands in a document's row but for its place and its end, by column, in the order of the table. */
export function documentColumns({
  summary,
  links,
  facts,
  isOfFeed,
}: Pick<NewDocument, "summary" | "links" | "facts" | "isOfFeed">): ReadonlyMap<string, string | number> {
  return new Map<string, string | number>([
    ["id", summary.id],
    ["received_at", summary.receivedAt],
    ...DECISION_COLUMNS.map((column): [string, string] => [column, JSON.stringify(facts[column])]),
    ["links", JSON.stringify(links)],
    ["summary", JSON.stringify(summary)],
    ["is_of_feed", isOfFeed ? 1 : 0],
  ]);
}

/** What a document is found by, each once. */
export function keysOf(document: Pick<NewDocument, "links" | "facts">): { readonly kind: string; readonly key: string }[] {
  return Object.entries(KEYS).flatMap(([kind, of]) => [...new Set(of(document))].map((key) => ({ kind, key })));
}

export function insertDocument(database: Database, tables: Tables, document: NewDocument): void {
  const { terms, from, to = null } = document;
  const own = documentColumns(document);
  const columns = ["position", "closed_at", ...own.keys()];
  database.run(`INSERT INTO ${tables.documents} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`, from, to, ...own.values());
  for (const term of new Set(terms)) database.run(`INSERT INTO ${tables.terms} (term, position) VALUES (?, ?)`, term, from);
  for (const { kind, key } of keysOf(document)) database.run(`INSERT INTO ${tables.keys} (kind, key, position) VALUES (?, ?, ?)`, kind, key, from);
}

export function deleteDocument(database: Database, tables: Tables, id: string): void {
  const row = database.get(`SELECT position FROM ${tables.documents} WHERE id = ?`, id);
  if (!row) return;
  const position = integerAt(row, "position");
  for (const table of [tables.terms, tables.keys, tables.documents]) database.run(`DELETE FROM ${table} WHERE position = ?`, position);
  deleteResources(database, tables, position);
}

/** JSON of our own making, which holds texts only, so that JSON.parse loses nothing. A row that is not whole is `damaged`. */
export function documentAt(row: Row): IndexedDocument {
  const summary = parsed(row, "summary");
  const links = parsed(row, "links");
  if (!isSummary(summary) || !isLinks(links)) throw new AppError("damaged", "the index holds something unexpected");
  const facts = Object.fromEntries(DECISION_COLUMNS.map((column) => [column, textsAt(row, column)])) as unknown as DecisionFacts;
  const to = row["closed_at"];
  const isOfFeed = row["is_of_feed"] === 1;
  return { summary, links, facts, from: integerAt(row, "position"), ...(isOfFeed && { isOfFeed }), ...(typeof to === "number" && { to }) };
}

function parsed(row: Row, column: string): unknown {
  try {
    return JSON.parse(textAt(row, column));
  } catch (cause) {
    throw new AppError("damaged", `the index holds something unexpected in ${column}`, { cause });
  }
}

function textsAt(row: Row, column: string): string[] {
  const value = parsed(row, column);
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string"))
    throw new AppError("damaged", `the index holds something unexpected in ${column}`);
  return value;
}
