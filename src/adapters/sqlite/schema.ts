/**
 * The tables of the record. It is insert-only, held so by triggers; the documents' keys may be deleted, which is what erasure is, and never changed. What followers have
 * done stands beside it. The index has a file of its own (`index-schema.ts`).
 */
import { EARLIER_STEPS, forbid } from "./earlier-schemas.ts";

/** Says that an SQLite file is ours ("Chrt" in ASCII). */
export const APPLICATION_ID = 0x43687274;

/** The schema below. A file with a higher number was written by a newer program. */
export const SCHEMA_VERSION = 4;

/** The parts stand last, so that whoever reads an entry loads none of them. */
const RECORD = `
CREATE TABLE entries (
  entry_index INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  document_id TEXT,
  received_at TEXT NOT NULL,
  tree_size INTEGER NOT NULL REFERENCES checkpoints (size),
  leaf BLOB NOT NULL,
  evidence BLOB,
  content BLOB
) STRICT;
CREATE INDEX entries_about_documents ON entries (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE claims (
  key TEXT PRIMARY KEY,
  entry_index INTEGER NOT NULL REFERENCES entries (entry_index),
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE wrapped_keys (
  entry_index INTEGER PRIMARY KEY REFERENCES entries (entry_index),
  wrapped_key BLOB NOT NULL
) STRICT;

CREATE TABLE followers (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  holder TEXT,
  leased_until INTEGER
) STRICT, WITHOUT ROWID;
`;

const FORBIDDEN: readonly { readonly table: string; readonly deeds: readonly ("UPDATE" | "DELETE")[] }[] = [
  { table: "entries", deeds: ["UPDATE", "DELETE"] },
  { table: "claims", deeds: ["UPDATE", "DELETE"] },
  { table: "wrapped_keys", deeds: ["UPDATE"] },
];

/**
 * What was kept in version 2, document by document and entry by entry. Its derived rows are left behind: the index is made anew. What is not kept is the same when it is
 * asked for: inclusion proofs follow from the tree, the canonical digest stands in the leaf.
 */
const MOVE = `
ALTER TABLE entries RENAME TO earlier_entries;
${RECORD}
INSERT INTO entries (entry_index, id, kind, received_at, tree_size, leaf, evidence, content)
  SELECT leaf_index, id, 'deposit', received_at, tree_size, leaf, encrypted_evidence, encrypted_content FROM documents;
INSERT INTO entries (entry_index, id, kind, received_at, tree_size, leaf)
  SELECT leaf_index,
    lower(printf('%s-%s-4%s-8%s-%s', hex(randomblob(4)), hex(randomblob(2)), substr(hex(randomblob(2)), 2), substr(hex(randomblob(2)), 2), hex(randomblob(6)))),
    json_extract(CAST(leaf AS TEXT), '$.kind'), json_extract(CAST(leaf AS TEXT), '$.at'), tree_size, leaf FROM earlier_entries;
INSERT INTO claims (key, entry_index, value)
  SELECT 'identity:' || identity_key, leaf_index, unhex(substr(signature_digest, 8) || substr(meta_digest, 8)) FROM documents;
INSERT INTO wrapped_keys (entry_index, wrapped_key) SELECT leaf_index, wrapped_key FROM document_keys;
${["document_keys", "summaries", "search_terms", "relation_keys", "narrative_verdicts", "documents", "earlier_entries"].map((table) => `DROP TABLE ${table};`).join("\n")}
`;

/** Since version 4: a log that goes on elsewhere. A row in it ends all commits, whoever makes them. */
const CLOSURES = `
CREATE TABLE closures (
  size INTEGER PRIMARY KEY REFERENCES checkpoints (size),
  at TEXT NOT NULL,
  target TEXT NOT NULL,
  copy TEXT NOT NULL
) STRICT;
CREATE TRIGGER closures_are_one BEFORE INSERT ON closures WHEN EXISTS (SELECT 1 FROM closures)
  BEGIN SELECT RAISE(ABORT, 'a log is closed once'); END;
CREATE TRIGGER checkpoints_end_at_closure BEFORE INSERT ON checkpoints WHEN EXISTS (SELECT 1 FROM closures)
  BEGIN SELECT RAISE(ABORT, 'the log is closed'); END;
${forbid({ table: "closures", deeds: ["UPDATE", "DELETE"] })}
`;

/** What each version makes of the one before; version 0 is an empty database. A file of version n gets everything from `STEPS[n]` on. */
const STEPS: readonly string[] = [...EARLIER_STEPS, [MOVE, ...FORBIDDEN.map(forbid)].join("\n"), CLOSURES];

/** Brings a database of an earlier version (0: an empty one) to SCHEMA_VERSION; to be run in one transaction. */
export function upgradeFrom(version: number): string {
  return [...STEPS.slice(version), `PRAGMA application_id = ${APPLICATION_ID};`, `PRAGMA user_version = ${SCHEMA_VERSION};`].join("\n");
}
