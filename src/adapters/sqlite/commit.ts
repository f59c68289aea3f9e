import { AppError } from "../../core/errors.ts";
import { checkClaims, checkCommit } from "../../pipeline/store/commit-shape.ts";
import type { StoredCheckpoint, Closure, Commit, CommitResult, NewEntry } from "../../pipeline/store/record-store.ts";
import type { Database } from "./database.ts";
import { integerAt, textAt } from "./rows.ts";
import type { Staging } from "./staging.ts";

/** The newest checkpoint; undefined when there is none. */
export function newestCheckpoint(database: Database): StoredCheckpoint | undefined {
  const row = database.get("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1");
  return row && { size: integerAt(row, "size"), note: textAt(row, "note") };
}

/** The note of the checkpoint of this size; undefined when there is none. */
export function noteAt(database: Database, size: number): string | undefined {
  const row = database.get("SELECT note FROM checkpoints WHERE size = ?", size);
  return row && textAt(row, "note");
}

/**
 * Writes a commit, and what was staged for it, in one transaction. The write lock is taken before the checkpoint is compared, so that no other process can move it in
 * between; with synchronous = FULL the transaction is on the disk when it ends.
 */
export function writeCommit(database: Database, commit: Commit, staging: Staging): CommitResult {
  checkCommit(commit);
  const entries = commit.ids.map((id) => {
    const entry = staging.entry(id);
    if (!entry) throw new AppError("internal", `the entry ${id} was not staged`);
    return entry;
  });
  checkClaims(entries);
  return database.transaction((): CommitResult => {
    if (closureIn(database) !== undefined) return { kind: "closed" };
    const size = newestCheckpoint(database)?.size ?? 0;
    if (size !== commit.previousSize) return { kind: "behind" };
    const keys = entries.flatMap(({ claims }) => claims.map(({ key }) => key)).filter((key) => isTaken(database, key));
    if (keys.length > 0) return { kind: "taken", keys };
    if (commit.unless?.some((key) => isTaken(database, key)) === true) return { kind: "barred" };

    database.run("INSERT INTO checkpoints (size, note) VALUES (?, ?)", commit.checkpoint.size, commit.checkpoint.note);
    for (const { level, index, hash } of commit.nodes)
      database.run("INSERT INTO tree_nodes (level, node_index, hash) VALUES (?, ?, ?)", level, index, hash);
    entries.forEach((entry, at) => {
      writeEntry(database, entry, { index: size + at, treeSize: commit.checkpoint.size });
      const key = staging.key(entry.id);
      if (key) database.run("INSERT INTO wrapped_keys (entry_index, wrapped_key) VALUES (?, ?)", size + at, key);
    });
    return { kind: "committed" };
  });
}

/** Closes the log, under the same lock as commits take. */
export function writeClosure(database: Database, { size, at, to, copy }: Closure): "closed" | "behind" {
  return database.transaction(() => {
    if (closureIn(database) !== undefined) return "closed";
    if (newestCheckpoint(database)?.size !== size) return "behind";
    database.run("INSERT INTO closures (size, at, target, copy) VALUES (?, ?, ?, ?)", size, at, to, copy);
    return "closed";
  });
}

export function closureIn(database: Database): Closure | undefined {
  const row = database.get("SELECT size, at, target, copy FROM closures");
  return row && { size: integerAt(row, "size"), at: textAt(row, "at"), to: textAt(row, "target"), copy: textAt(row, "copy") };
}

function isTaken(database: Database, key: string): boolean {
  return database.get("SELECT 1 FROM claims WHERE key = ?", key) !== undefined;
}

function writeEntry(database: Database, entry: NewEntry, place: { readonly index: number; readonly treeSize: number }): void {
  const { id, kind, documentId = null, receivedAt, leaf, claims, evidence = null, content = null } = entry;
  database.run(
    "INSERT INTO entries (entry_index, id, kind, document_id, received_at, tree_size, leaf, evidence, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    place.index,
    id,
    kind,
    documentId,
    receivedAt,
    place.treeSize,
    leaf,
    evidence,
    content,
  );
  for (const { key, value } of claims) database.run("INSERT INTO claims (key, entry_index, value) VALUES (?, ?, ?)", key, place.index, value);
}
