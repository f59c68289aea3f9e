import { checkCommit } from "../../pipeline/store/commit-shape.ts";
import type { CheckpointRecord, Commit, CommitResult } from "../../pipeline/store/document-store.ts";
import type { Stored } from "../../pipeline/record.ts";
import { fromBase64 } from "../../core/crypto/base64.ts";
import { AppError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import { integerAt, joinHashes, textAt } from "./rows.ts";

/** The kinds of rows in relation_keys, and where a summary has their keys. */
const RELATION_KEYS = {
  own: (document: Stored) => document.summary.ownKeys,
  claim: (document: Stored) => document.summary.claims.map((claim) => claim.key),
  composition: (document: Stored) => document.summary.compositionKeys,
} as const;

export type RelationKind = keyof typeof RELATION_KEYS;

/** The newest checkpoint; undefined when there is none. */
export function newestCheckpoint(database: Database): CheckpointRecord | undefined {
  const row = database.get("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1");
  return row && { size: integerAt(row, "size"), note: textAt(row, "note") };
}

/** The note of the checkpoint of this size; undefined when there is none. */
export function noteAt(database: Database, size: number): string | undefined {
  const row = database.get("SELECT note FROM checkpoints WHERE size = ?", size);
  return row && textAt(row, "note");
}

/**
 * Writes a commit in one transaction. The write lock is taken before the checkpoint is compared, so that no other process can move it in between;
 * with synchronous = FULL the transaction is on the disk when it ends.
 */
export function writeCommit(database: Database, commit: Commit): CommitResult {
  checkCommit(commit);
  return database.transaction((): CommitResult => {
    const size = newestCheckpoint(database)?.size ?? 0;
    if (size !== commit.previousSize) return { kind: "behind" };
    const identityKeys = commit.documents.map((document) => document.identityKey).filter((key) => isTaken(database, key));
    if (identityKeys.length > 0) return { kind: "taken", identityKeys };

    database.run("INSERT INTO checkpoints (size, note) VALUES (?, ?)", commit.checkpoint.size, commit.checkpoint.note);
    for (const { level, index, hash } of commit.nodes)
      database.run("INSERT INTO tree_nodes (level, node_index, hash) VALUES (?, ?, ?)", level, index, hash);
    commit.entries?.forEach((leaf, at) =>
      database.run("INSERT INTO entries (leaf_index, tree_size, leaf) VALUES (?, ?, ?)", commit.previousSize + at, commit.checkpoint.size, leaf),
    );
    for (const document of commit.documents) {
      writeRecord(database, document);
      writeIndex(database, document);
    }
    return { kind: "committed" };
  });
}

function isTaken(database: Database, identityKey: string): boolean {
  return database.get("SELECT 1 FROM documents WHERE identity_key = ?", identityKey) !== undefined;
}

function writeRecord(database: Database, document: Stored): void {
  const { id, identityKey, sameness, leaf, encryptedContent, encryptedEvidence, wrappedKey, summary, position } = document;
  database.run(
    `INSERT INTO documents (leaf_index, id, identity_key, canonical_digest, signature_digest, meta_digest, received_at, tree_size, inclusion_proof,
       leaf, encrypted_evidence, encrypted_content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    position.index,
    id,
    identityKey,
    sameness.canonical,
    sameness.signature,
    sameness.meta,
    summary.receivedAt,
    position.treeSize,
    joinHashes(position.inclusionProof.map(hashOf)),
    leaf,
    encryptedEvidence,
    encryptedContent,
  );
  database.run("INSERT INTO document_keys (leaf_index, wrapped_key) VALUES (?, ?)", position.index, wrappedKey);
}

function writeIndex(database: Database, document: Stored): void {
  const { summary, position } = document;
  database.run(
    "INSERT INTO summaries (leaf_index, received_at, summary) VALUES (?, ?, ?)",
    position.index,
    summary.receivedAt,
    JSON.stringify(summary),
  );
  for (const term of new Set(summary.searchTerms))
    database.run("INSERT OR IGNORE INTO search_terms (term, leaf_index) VALUES (?, ?)", term, position.index);
  for (const [kind, keysOf] of Object.entries(RELATION_KEYS))
    for (const key of new Set(keysOf(document)))
      database.run("INSERT OR IGNORE INTO relation_keys (kind, key, leaf_index) VALUES (?, ?, ?)", kind, key, position.index);
}

function hashOf(base64: string): Uint8Array {
  const hash = fromBase64(base64);
  if (hash?.length !== 32) throw new AppError("internal", "an inclusion proof holds something that is no hash");
  return hash;
}
