/**
 * The index's tables, in a file of their own. All but `generations` stand once for each generation, so that one can be filled beside the other and take its place in one
 * transaction, whatever process does it.
 */
import { DECISION_COLUMNS } from "../../search/predicate.ts";
import { createResourceTables, resourceTablesOf, type ResourceTables } from "./resource-schema.ts";

/** Says that an SQLite file is an index of ours ("Chix" in ASCII). */
export const INDEX_APPLICATION_ID = 0x43686978;

/** The tables below. A file of any other version is made anew. */
export const INDEX_SCHEMA_VERSION = 6;

/** `tag`: who made the index, and how. A generation that is not current is being filled, or was left behind; no number
 * is given twice, so that whoever fills one that is gone learns of it.
 * `size` and `depth`: how much of the log the tables of documents and those of resources have taken in. */
export const CREATE_INDEX = `
CREATE TABLE made_by (tag TEXT NOT NULL) STRICT;
CREATE TABLE generations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  is_current INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mark TEXT NOT NULL,
  depth INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_is_current ON generations (is_current) WHERE is_current = 1;
CREATE TABLE narrative_verdicts (
  digest TEXT PRIMARY KEY,
  verdict TEXT NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${INDEX_APPLICATION_ID};
PRAGMA user_version = ${INDEX_SCHEMA_VERSION};
`;

/** The kinds of rows in `keys`. */
export type MatchKeyKind = "own" | "claim" | "composition" | "patient";

/** The names of one generation's tables. */
export interface Tables extends ResourceTables {
  readonly documents: string;
  readonly terms: string;
  readonly keys: string;
}

export function tablesOf(generation: number): Tables {
  return { documents: `documents_${generation}`, terms: `terms_${generation}`, keys: `keys_${generation}`, ...resourceTablesOf(generation) };
}

/** Makes a generation's tables. The clustering follows the questions: terms by prefix and by document, keys by kind and key. Lists are JSON arrays of texts. What is of an identity feed is in no list of documents. */
export function createGeneration(generation: number): string {
  const { documents, terms, keys } = tablesOf(generation);
  return `
CREATE TABLE ${documents} (
  position INTEGER PRIMARY KEY,
  closed_at INTEGER,
  id TEXT NOT NULL UNIQUE,
  received_at TEXT NOT NULL,
  ${DECISION_COLUMNS.map((column) => `${column} TEXT NOT NULL`).join(",\n  ")},
  links TEXT NOT NULL,
  summary TEXT NOT NULL,
  is_of_feed INTEGER NOT NULL
) STRICT;
CREATE INDEX ${documents}_by_receipt ON ${documents} (received_at, position) WHERE is_of_feed = 0;
CREATE TABLE ${terms} (
  term TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (term, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${terms}_by_document ON ${terms} (position, term);
CREATE TABLE ${keys} (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (kind, key, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${keys}_by_document ON ${keys} (position);
${createResourceTables(generation)}`;
}

export function dropGeneration(generation: number): string {
  return Object.values(tablesOf(generation))
    .map((table) => `DROP TABLE IF EXISTS ${String(table)};`)
    .join("\n");
}
