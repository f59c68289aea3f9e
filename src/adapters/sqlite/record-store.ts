import { statfs } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import type { NodePosition } from "../../core/crypto/merkle.ts";
import type {
  StoredCheckpoint,
  Claimed,
  Closure,
  Commit,
  CommitResult,
  LogEntry,
  NewEntry,
  RecordStore,
  StoredProof,
} from "../../pipeline/store/record-store.ts";
import { closureIn, newestCheckpoint, noteAt, writeClosure, writeCommit } from "./commit.ts";
import type { Database } from "./database.ts";
import type { Files } from "./file-stamps.ts";
import { FileWatch } from "./file-watch.ts";
import { bytesAt, ENTRY_COLUMNS, entryAt, integerAt } from "./rows.ts";
import type { Staging } from "./staging.ts";
import { TreeNodes } from "./tree-nodes.ts";

/** Below so many free bytes the store says that it is not ready, while there is still room to finish what was begun. */
const LEAST_ROOM = 64 * 1024 * 1024;

export interface RecordFile {
  readonly file: string;
  readonly staging: Staging;
  readonly onClose: () => void;
}

/** The port RecordStore on one SQLite file. Several processes may open the same file. */
export class SqliteRecordStore implements RecordStore {
  readonly #database: Database;
  readonly #file: string;
  readonly #watch: FileWatch;
  readonly #staging: Staging;
  readonly #treeNodes: TreeNodes;
  readonly #onClose: () => void;
  #isClosed = false;

  constructor(database: Database, { file, staging, onClose }: RecordFile) {
    this.#database = database;
    this.#file = file;
    this.#watch = new FileWatch(file, (size) => noteAt(database, size));
    this.#staging = staging;
    this.#treeNodes = new TreeNodes(database);
    this.#onClose = onClose;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a failure is a rejection
  async stage(entry: NewEntry): Promise<void> {
    if (this.#isClosed) throw new AppError("unavailable", "the database is closed");
    this.#staging.put(entry);
  }

  discard(ids: readonly string[]): void {
    this.#staging.discard(ids);
  }

  async commit(commit: Commit, deadline: number): Promise<CommitResult> {
    const result = await this.#database.ask(() => {
      this.#refuseFault();
      const written = writeCommit(this.#database, commit, this.#staging);
      // Moved away between the two, it would be committed to a file that nobody will open again.
      const identity = this.#watch.noteOwn();
      if (identity !== undefined) throw new AppError("unavailable", identity);
      return written;
    }, deadline);
    if (result.kind === "committed") this.#staging.discard(commit.ids);
    return result;
  }

  closeLog(closure: Closure): Promise<"closed" | "behind"> {
    return this.#database.ask(() => {
      this.#refuseFault();
      const result = writeClosure(this.#database, closure);
      this.#watch.noteOwn();
      return result;
    });
  }

  closure(): Promise<Closure | undefined> {
    return this.#database.ask(() => closureIn(this.#database));
  }

  checkpoint(size?: number): Promise<StoredCheckpoint | undefined> {
    return this.#database.ask(() => (size === undefined ? newestCheckpoint(this.#database) : this.#checkpointAt(size)));
  }

  nodes(positions: readonly NodePosition[]): Promise<Uint8Array[]> {
    return this.#database.ask(() => this.#treeNodes.at(positions, newestCheckpoint(this.#database)?.size ?? 0));
  }

  entries(from: number, count: number): Promise<LogEntry[]> {
    const sql = `SELECT ${ENTRY_COLUMNS} FROM entries e WHERE e.entry_index >= ? ORDER BY e.entry_index LIMIT ?`;
    return this.#database.ask(() =>
      this.#database.all(sql, from, count).map((row, at) => {
        const entry = entryAt(row);
        if (entry.index !== from + at) throw new AppError("damaged", `the log has no entry ${from + at}`);
        return entry;
      }),
    );
  }

  entry(id: string): Promise<LogEntry | undefined> {
    return this.#database.ask(() => this.#entryOf(id));
  }

  entriesAbout(documentId: string): Promise<LogEntry[]> {
    const sql = `SELECT ${ENTRY_COLUMNS} FROM entries e WHERE e.document_id = ? ORDER BY e.entry_index`;
    return this.#database.ask(() => this.#database.all(sql, documentId).map(entryAt));
  }

  claimed(keys: readonly string[]): Promise<Map<string, Claimed>> {
    const sql = `SELECT ${ENTRY_COLUMNS}, c.value, c.entry_index AS place FROM claims c LEFT JOIN entries e USING (entry_index) WHERE c.key = ?`;
    return this.#database.ask(() => {
      const found = new Map<string, Claimed>();
      for (const key of keys) {
        const row = this.#database.get(sql, key);
        if (!row) continue;
        if (row["id"] === null) throw new AppError("damaged", `the claim ${key} is of entry ${integerAt(row, "place")}, which the log does not have`);
        found.set(key, { entry: entryAt(row), value: bytesAt(row, "value") });
      }
      return found;
    });
  }

  content(id: string): Promise<Uint8Array | undefined> {
    return this.#database.ask(() => this.#partOf("content", id));
  }

  evidence(id: string): Promise<Uint8Array | undefined> {
    return this.#database.ask(() => this.#partOf("evidence", id));
  }

  proof(id: string): Promise<StoredProof | undefined> {
    return this.#database.ask(() => {
      const entry = this.#entryOf(id);
      return entry && { entry, evidence: this.#partOf("evidence", id), checkpoint: this.#checkpointAt(entry.treeSize) };
    });
  }

  /** The database's files as they were found last. */
  get seen(): Files {
    return this.#watch.seen;
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

  #entryOf(id: string): LogEntry | undefined {
    const row = this.#database.get(`SELECT ${ENTRY_COLUMNS} FROM entries e WHERE e.id = ?`, id);
    return row && entryAt(row);
  }

  #partOf(name: "content" | "evidence", id: string): Uint8Array | undefined {
    const row = this.#database.get(`SELECT ${name} FROM entries WHERE id = ? AND ${name} IS NOT NULL`, id);
    return row && bytesAt(row, name);
  }

  #checkpointAt(size: number): StoredCheckpoint | undefined {
    const note = noteAt(this.#database, size);
    return note === undefined ? undefined : { size, note };
  }

  #refuseFault(): void {
    const fault = this.fault();
    if (fault !== undefined) throw new AppError("unavailable", fault);
  }
}
