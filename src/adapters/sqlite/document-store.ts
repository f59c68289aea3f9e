import { statfs } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import { isComplete } from "../../pipeline/store/commit-shape.ts";
import type { DocumentSummary, ReadBack } from "../../pipeline/record.ts";
import type { CheckpointRecord, Commit, CommitResult, DocumentStore, StoredProof, Twin } from "../../pipeline/store/document-store.ts";
import { newestCheckpoint, noteAt, writeCommit } from "./commit.ts";
import type { Database } from "./database.ts";
import { FileWatch } from "./file-watch.ts";
import { newestSummaries, relatedSummaries, searchSummaries, summaryOf } from "./lookup.ts";
import { bytesAt, integerAt, proofAt, samenessAt, storedAt, textAt } from "./rows.ts";

/** Below so many free bytes the store says that it is not ready, while there is still room to finish what was begun. */
const LEAST_ROOM = 64 * 1024 * 1024;

/** The port DocumentStore on one SQLite file. Several processes may open the same file. */
export class SqliteDocumentStore implements DocumentStore {
  readonly #database: Database;
  readonly #file: string;
  readonly #watch: FileWatch;
  readonly #onClose: () => void;
  #isClosed = false;

  constructor(database: Database, { file, onClose }: { readonly file: string; readonly onClose: () => void }) {
    this.#database = database;
    this.#file = file;
    this.#watch = new FileWatch(file, (size) => noteAt(database, size));
    this.#onClose = onClose;
  }

  checkpoint(): Promise<CheckpointRecord | undefined> {
    return this.#database.ask(() => newestCheckpoint(this.#database));
  }

  nodes(places: readonly { readonly level: number; readonly index: number }[]): Promise<Uint8Array[]> {
    return this.#database.ask(() => {
      const size = newestCheckpoint(this.#database)?.size ?? 0;
      return places.map((place) => {
        const row = isComplete(place, size)
          ? this.#database.get("SELECT hash FROM tree_nodes WHERE level = ? AND node_index = ?", place.level, place.index)
          : undefined;
        if (!row) throw new AppError("damaged", `the log has no node ${place.level}/${place.index} in its tree of ${size}`);
        return bytesAt(row, "hash");
      });
    });
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#database.ask(() => {
      this.#refuseFault();
      const result = writeCommit(this.#database, commit);
      // Moved away between the two, it would be committed to a file that nobody will open again.
      const identity = this.#watch.noteOwn();
      if (identity !== undefined) throw new AppError("unavailable", identity);
      return result;
    });
  }

  findTwins(identityKeys: readonly string[]): Promise<Map<string, Twin>> {
    const sql = `SELECT d.id, d.canonical_digest, d.signature_digest, d.meta_digest, k.leaf_index AS key_index
      FROM documents d LEFT JOIN document_keys k USING (leaf_index) WHERE d.identity_key = ?`;
    return this.#database.ask(() => {
      const twins = new Map<string, Twin>();
      for (const key of identityKeys) {
        const row = this.#database.get(sql, key);
        if (row) twins.set(key, { id: textAt(row, "id"), sameness: samenessAt(row), isReadable: row["key_index"] !== null });
      }
      return twins;
    });
  }

  read(id: string): Promise<ReadBack | "gone" | undefined> {
    const sql = `SELECT d.*, c.note, k.wrapped_key, s.summary FROM documents d JOIN checkpoints c ON c.size = d.tree_size
      LEFT JOIN document_keys k USING (leaf_index) LEFT JOIN summaries s USING (leaf_index) WHERE d.id = ?`;
    return this.#database.ask(() => {
      const row = this.#database.get(sql, id);
      if (!row) return undefined;
      return row["wrapped_key"] === null ? "gone" : storedAt(row);
    });
  }

  readProof(id: string): Promise<StoredProof | "gone" | undefined> {
    // SQLite tells a blob's length without reading it.
    const sql = `SELECT d.id, d.leaf, d.leaf_index, d.tree_size, d.inclusion_proof, d.encrypted_evidence, length(d.encrypted_content) AS content_bytes,
      c.note, k.wrapped_key FROM documents d JOIN checkpoints c ON c.size = d.tree_size LEFT JOIN document_keys k USING (leaf_index) WHERE d.id = ?`;
    return this.#database.ask(() => {
      const row = this.#database.get(sql, id);
      if (!row) return undefined;
      return row["wrapped_key"] === null ? "gone" : proofAt(row);
    });
  }

  leaves(from: number, count: number): Promise<Uint8Array[]> {
    const sql = `SELECT leaf_index, leaf FROM documents WHERE leaf_index >= ?
      UNION ALL SELECT leaf_index, leaf FROM entries WHERE leaf_index >= ? ORDER BY leaf_index LIMIT ?`;
    return this.#database.ask(() =>
      this.#database.all(sql, from, from, count).map((row, at) => {
        if (integerAt(row, "leaf_index") !== from + at) throw new AppError("damaged", `the log has no leaf ${from + at}`);
        return bytesAt(row, "leaf");
      }),
    );
  }

  newest(count: number, before?: string): Promise<DocumentSummary[]> {
    return this.#database.ask(() => newestSummaries(this.#database, count, before));
  }

  search(terms: readonly string[], count: number): Promise<DocumentSummary[]> {
    return this.#database.ask(() => searchSummaries(this.#database, terms, count));
  }

  named(keys: readonly string[]): Promise<DocumentSummary[]> {
    return this.#database.ask(() => relatedSummaries(this.#database, "own", keys));
  }

  claiming(keys: readonly string[]): Promise<DocumentSummary[]> {
    return this.#database.ask(() => relatedSummaries(this.#database, "claim", keys));
  }

  sharingComposition(keys: readonly string[]): Promise<DocumentSummary[]> {
    return this.#database.ask(() => relatedSummaries(this.#database, "composition", keys));
  }

  summary(id: string): Promise<DocumentSummary | undefined> {
    return this.#database.ask(() => summaryOf(this.#database, id));
  }

  fault(): string | undefined {
    return this.#isClosed ? "the database is closed" : this.#watch.fault();
  }

  async check(): Promise<void> {
    this.#refuseFault();
    // An empty transaction takes the write lock without writing; a full disk does not show in it.
    await this.#database.ask(() => this.#database.transaction(() => newestCheckpoint(this.#database)));
    const disk = await statfs(this.#file).catch((cause: unknown) => {
      throw new AppError("unavailable", "the database file cannot be reached", { cause });
    });
    if (disk.bavail * disk.bsize < LEAST_ROOM) throw new AppError("unavailable", "the database's disk is nearly full");
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#onClose();
    return Promise.resolve();
  }

  #refuseFault(): void {
    const fault = this.fault();
    if (fault !== undefined) throw new AppError("unavailable", fault);
  }
}
