/** The schemas that files of earlier versions of the program have. They never change: every later version must open them. */

const RECORD = `
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
  leaf_index INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  identity_key TEXT NOT NULL UNIQUE,
  canonical_digest TEXT NOT NULL,
  signature_digest TEXT NOT NULL,
  meta_digest TEXT NOT NULL,
  received_at TEXT NOT NULL,
  tree_size INTEGER NOT NULL REFERENCES checkpoints (size),
  inclusion_proof BLOB NOT NULL,
  leaf BLOB NOT NULL,
  encrypted_evidence BLOB NOT NULL,
  encrypted_content BLOB NOT NULL
) STRICT;

CREATE TABLE tree_nodes (
  level INTEGER NOT NULL,
  node_index INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, node_index)
) STRICT, WITHOUT ROWID;
`;

/** Since version 2: entries of the log that are about no document. */
const ENTRIES = `
CREATE TABLE entries (
  leaf_index INTEGER PRIMARY KEY,
  tree_size INTEGER NOT NULL REFERENCES checkpoints (size),
  leaf BLOB NOT NULL
) STRICT;
`;

const KEYS = `
CREATE TABLE document_keys (
  leaf_index INTEGER PRIMARY KEY REFERENCES documents (leaf_index),
  wrapped_key BLOB NOT NULL
) STRICT;
`;

// The clustering follows the questions: terms by prefix and by document, keys by kind and key.
const DERIVED = `
CREATE TABLE summaries (
  leaf_index INTEGER PRIMARY KEY REFERENCES documents (leaf_index),
  received_at TEXT NOT NULL,
  summary TEXT NOT NULL
) STRICT;
CREATE INDEX summaries_by_receipt ON summaries (received_at, leaf_index);

CREATE TABLE search_terms (
  term TEXT NOT NULL,
  leaf_index INTEGER NOT NULL REFERENCES documents (leaf_index),
  PRIMARY KEY (term, leaf_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_terms_by_document ON search_terms (leaf_index, term);

CREATE TABLE relation_keys (
  kind TEXT NOT NULL CHECK (kind IN ('own', 'claim', 'composition')),
  key TEXT NOT NULL,
  leaf_index INTEGER NOT NULL REFERENCES documents (leaf_index),
  PRIMARY KEY (kind, key, leaf_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_keys_by_document ON relation_keys (leaf_index);

CREATE TABLE narrative_verdicts (
  digest TEXT PRIMARY KEY,
  verdict TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

const FORBIDDEN: readonly { readonly table: string; readonly deeds: readonly ("UPDATE" | "DELETE")[] }[] = [
  { table: "checkpoints", deeds: ["UPDATE", "DELETE"] },
  { table: "documents", deeds: ["UPDATE", "DELETE"] },
  { table: "tree_nodes", deeds: ["UPDATE", "DELETE"] },
  { table: "document_keys", deeds: ["UPDATE"] },
];

export function forbid({ table, deeds }: (typeof FORBIDDEN)[number]): string {
  return deeds
    .map(
      (deed) =>
        `CREATE TRIGGER ${table}_no_${deed.toLowerCase()} BEFORE ${deed} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is never changed: ${deed}'); END;`,
    )
    .join("\n");
}

/** From an empty database to version 1, and from there to version 2. */
export const EARLIER_STEPS: readonly string[] = [
  [RECORD, KEYS, DERIVED, ...FORBIDDEN.map(forbid)].join("\n"),
  [ENTRIES, forbid({ table: "entries", deeds: ["UPDATE", "DELETE"] })].join("\n"),
];
