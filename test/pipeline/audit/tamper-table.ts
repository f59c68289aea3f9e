/** Every stored thing, changed, removed, swapped or put back as it was: and who notices (docs/design/log.md holds the same table, which a test compares). */

/**
 * `start`: the service when it starts, or within the time that its looks take, stops deposits or tells it. `looks`: a look at that very document and its rows, which comes sooner or later while it runs. `read`: whoever reads the document, in whatever form (FHIR, bytes, page, PDF). `audit`: `chartulary audit`. `outside`: `audit --url`. `watch`:
 * `log watch`, with what it saw before. `witness`: a witness that cosigned before.
 */
export const WATCHERS = ["start", "looks", "read", "audit", "outside", "watch", "witness"] as const;
export type Watcher = (typeof WATCHERS)[number];

export interface Deed {
  readonly what: string;
  readonly how: "changed" | "removed" | "swapped" | "rolled back" | "added";
  /** By statements on the record's file. */
  readonly sql: readonly string[];
  /** What becomes of the high-water mark; as it was by default. */
  readonly mark?: "changed" | "removed" | "rolled back";
  readonly noticedBy: readonly Watcher[];
}

/** The log as it was with two entries. */
const CUT = [
  "DELETE FROM entries WHERE entry_index >= 2",
  "DELETE FROM checkpoints WHERE size > 2",
  "DELETE FROM claims WHERE entry_index >= 2",
  "DELETE FROM wrapped_keys WHERE entry_index >= 2",
  "DELETE FROM tree_nodes WHERE (node_index + 1) * (1 << level) > 2",
];
/** Two rows exchange a column. */
const swap = (table: string, column: string): string[] => [
  `CREATE TEMP TABLE held AS SELECT entry_index, ${column} AS value FROM ${table} WHERE entry_index IN (0, 1)`,
  `UPDATE ${table} SET ${column} = (SELECT value FROM held WHERE held.entry_index = 1 - ${table}.entry_index) WHERE entry_index IN (0, 1)`,
];
/** The note of two entries with another root hash, which is its third line: that one's first character is another, whatever it was. */
const PLACE = "instr(note, char(10) || '2' || char(10)) + 3";
const OTHER_ROOT = `substr(note, 1, ${PLACE} - 1) || iif(substr(note, ${PLACE}, 1) = 'A', 'B', 'A') || substr(note, ${PLACE} + 1)`;
const NEWEST = "size = (SELECT max(size) FROM checkpoints)";
const LAST = "(SELECT max(entry_index) FROM entries)";

export const TAMPER_TABLE: readonly Deed[] = [
  { what: "newest checkpoint", how: "changed", sql: [`UPDATE checkpoints SET note = 'nothing' WHERE ${NEWEST}`], noticedBy: ["start", "audit", "outside", "watch"] },
  { what: "newest checkpoint", how: "removed", sql: [`DELETE FROM checkpoints WHERE ${NEWEST}`], noticedBy: ["start", "audit", "outside", "watch", "witness"] },
  { what: "newest checkpoint", how: "swapped", sql: [`UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 2) WHERE ${NEWEST}`], noticedBy: ["start", "audit", "outside", "watch"] },
  { what: "checkpoint of a document's commit", how: "changed", sql: [`UPDATE checkpoints SET note = ${OTHER_ROOT} WHERE size = 2`], noticedBy: ["read", "audit", "outside"] },
  { what: "checkpoint of a document's commit", how: "removed", sql: ["DELETE FROM checkpoints WHERE size = 2"], noticedBy: ["read", "audit", "outside"] },
  { what: "leaf of an entry (its time of receipt)", how: "changed", sql: ["UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'receivedAt\":\"20', 'receivedAt\":\"19') AS BLOB) WHERE entry_index = 1"], noticedBy: ["start", "looks", "read", "audit", "outside"] },
  { what: "leaf of an entry, which is unreadable then", how: "changed", sql: ["UPDATE entries SET leaf = randomblob(length(leaf)) WHERE entry_index = 1"], noticedBy: ["start", "looks", "read", "audit", "outside"] },
  { what: "leaf of an entry, of another form then", how: "changed", sql: ["UPDATE entries SET leaf = CAST('{' || char(34) || 'x' || char(34) || ':1}' AS BLOB) WHERE entry_index = 1"], noticedBy: ["start", "looks", "read", "audit", "outside"] },
  { what: "leaves of two entries", how: "swapped", sql: swap("entries", "leaf"), noticedBy: ["start", "looks", "read", "audit", "outside"] },
  { what: "entry of a document", how: "removed", sql: ["DELETE FROM entries WHERE entry_index = 1"], noticedBy: ["start", "looks", "read", "audit", "outside"] },
  { what: "last entry", how: "removed", sql: [`DELETE FROM entries WHERE entry_index = ${LAST}`], noticedBy: ["start", "audit", "outside"] },
  { what: "entry that nobody committed", how: "added", sql: [`INSERT INTO entries SELECT entry_index + 1, 'f0e1d2c3-1b0a-4c0e-9a0b-0c0d0e0f0a0b', kind, document_id, received_at, tree_size, leaf, evidence, content FROM entries WHERE entry_index = ${LAST}`], noticedBy: ["audit"] },
  { what: "hash of a leaf", how: "changed", sql: ["UPDATE tree_nodes SET hash = randomblob(32) WHERE level = 0 AND node_index = 1"], noticedBy: ["start", "audit", "outside"] },
  { what: "hash of an inner node", how: "changed", sql: ["UPDATE tree_nodes SET hash = randomblob(32) WHERE level = 1 AND node_index = 0"], noticedBy: ["start", "audit", "outside"] },
  { what: "hash of a leaf", how: "removed", sql: ["DELETE FROM tree_nodes WHERE level = 0 AND node_index = 1"], noticedBy: ["start", "audit", "outside"] },
  { what: "content of a document", how: "changed", sql: ["UPDATE entries SET content = randomblob(length(content)) WHERE entry_index = 1"], noticedBy: ["looks", "read", "audit"] },
  { what: "content of a document", how: "removed", sql: ["UPDATE entries SET content = NULL WHERE entry_index = 1"], noticedBy: ["looks", "read", "audit"] },
  { what: "contents of two documents", how: "swapped", sql: swap("entries", "content"), noticedBy: ["looks", "read", "audit"] },
  { what: "evidence of a document (its seal, its deposit record)", how: "changed", sql: ["UPDATE entries SET evidence = randomblob(length(evidence)) WHERE entry_index = 1"], noticedBy: ["looks", "read", "audit", "outside"] },
  { what: "evidence of a document (its seal, its deposit record)", how: "removed", sql: ["UPDATE entries SET evidence = NULL WHERE entry_index = 1"], noticedBy: ["looks", "read", "audit", "outside"] },
  { what: "evidence of two documents", how: "swapped", sql: swap("entries", "evidence"), noticedBy: ["looks", "read", "audit", "outside"] },
  { what: "key of a document", how: "changed", sql: ["UPDATE wrapped_keys SET wrapped_key = randomblob(length(wrapped_key)) WHERE entry_index = 1"], noticedBy: ["looks", "read", "audit", "outside"] },
  { what: "key of a document, which no entry says was erased", how: "removed", sql: ["DELETE FROM wrapped_keys WHERE entry_index = 1"], noticedBy: ["start", "read", "audit", "outside"] },
  { what: "keys of two documents", how: "swapped", sql: swap("wrapped_keys", "wrapped_key"), noticedBy: ["looks", "read", "audit", "outside"] },
  { what: "claim of a document (its identifier)", how: "changed", sql: ["UPDATE claims SET value = randomblob(64) WHERE entry_index = 1"], noticedBy: ["looks", "audit"] },
  { what: "claim of a document (its identifier)", how: "removed", sql: ["DELETE FROM claims WHERE entry_index = 1"], noticedBy: ["looks", "audit"] },
  { what: "claim that a document was erased", how: "added", sql: ["INSERT INTO claims SELECT 'erasure:' || id, entry_index, x'' FROM entries WHERE entry_index = 1"], noticedBy: ["looks", "read", "audit", "outside"] },
  { what: "claim that a document was erased", how: "removed", sql: ["DELETE FROM claims WHERE key LIKE 'erasure:%'"], noticedBy: ["start", "looks", "audit", "outside"] },
  { what: "the whole database", how: "rolled back", sql: CUT, noticedBy: ["start", "audit", "outside", "watch", "witness"] },
  { what: "the whole database, and the mark with it", how: "rolled back", sql: CUT, mark: "rolled back", noticedBy: ["watch", "witness"] },
  { what: "the mark", how: "changed", sql: [], mark: "changed", noticedBy: ["start", "audit"] },
  { what: "the mark", how: "removed", sql: [], mark: "removed", noticedBy: [] },
  { what: "the mark", how: "rolled back", sql: [], mark: "rolled back", noticedBy: [] },
]; // prettier-ignore
