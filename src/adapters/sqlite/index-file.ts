import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "../../core/errors.ts";
import { Database } from "./database.ts";
import { failureOf } from "./failure.ts";
import { addGeneration } from "./index-generations.ts";
import { CREATE_INDEX, INDEX_APPLICATION_ID, INDEX_SCHEMA_VERSION } from "./index-schema.ts";
import { makeFile } from "./make-file.ts";
import { integerAt, textAt } from "./rows.ts";
import { defineRuled } from "./ruled.ts";

/** Pages: 16 MiB. A page that many documents come to stands in the write-ahead log often, and is written back once. */
const WRITE_BACK_AFTER = 4_096;

export interface IndexFileOptions {
  /** How long work waits for another process's write lock, in milliseconds. */
  readonly patience: number;
  /** By which version of the indexer and under which settings the index is made. One that was made otherwise is emptied. */
  readonly tag: string;
}

/**
 * The file of an index. It is derived: a file that is damaged, of another version, or that somebody deletes or replaces while it is open, gives way to an empty one.
 * Its commits do not wait for the disk: what a crash takes is taken in again.
 */
export class IndexFile {
  readonly tag: string;
  readonly #path: string;
  readonly #patience: number;
  #opened: { readonly database: Database; readonly inode: number } | undefined;
  #opening: Promise<Database> | undefined;
  #isClosed = false;

  private constructor(path: string, { patience, tag }: IndexFileOptions) {
    this.#path = path;
    this.#patience = patience;
    this.tag = tag;
  }

  static async open(file: string, options: IndexFileOptions): Promise<IndexFile> {
    const opened = new IndexFile(resolve(file), options);
    await opened.#open();
    return opened;
  }

  /** Runs synchronous work on the database. */
  async use<Result>(work: (database: Database) => Result): Promise<Result> {
    if (this.#isClosed) throw new AppError("unavailable", "the index is closed");
    const database = this.#isInPlace() && this.#opened ? this.#opened.database : await (this.#opening ??= this.#open());
    return database.ask(() => work(database));
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #isInPlace(): boolean {
    return this.#opened !== undefined && this.#opened.inode === statSync(this.#path, { throwIfNoEntry: false })?.ino;
  }

  async #open(): Promise<Database> {
    try {
      this.#opened?.database.close();
      this.#opened = undefined;
      const database = await this.#openSound();
      this.#opened = { database, inode: statSync(this.#path).ino };
      return database;
    } catch (cause) {
      // Only whoever starts the program reads this, so it may name the file.
      const { code, message } = failureOf(cause);
      throw new AppError(code, `${message}: ${this.#path}`, { cause });
    } finally {
      this.#opening = undefined;
    }
  }

  async #openSound(): Promise<Database> {
    try {
      return await this.#openOnce();
    } catch (cause) {
      if (failureOf(cause).code !== "damaged") throw cause;
      for (const suffix of ["", "-wal", "-shm"]) await rm(`${this.#path}${suffix}`, { force: true });
      return this.#openOnce();
    }
  }

  async #openOnce(): Promise<Database> {
    await makeFile(this.#path);
    const database = new Database(this.#path, { synchronous: "NORMAL", patience: this.#patience, writeBackAfter: WRITE_BACK_AFTER });
    try {
      await database.ask(() => prepare(database, this.tag));
      defineRuled(database);
      return database;
    } catch (cause) {
      database.close();
      throw cause;
    }
  }
}

function prepare(database: Database, tag: string): void {
  if (isPrepared(database, tag)) return;
  database.execute("PRAGMA journal_mode = WAL");
  database.transaction(() => {
    // Another process may have been quicker.
    if (isPrepared(database, tag)) return;
    for (const row of database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"))
      database.execute(`DROP TABLE "${textAt(row, "name")}"`);
    database.execute(CREATE_INDEX);
    database.run("INSERT INTO made_by (tag) VALUES (?)", tag);
    addGeneration(database, true);
  });
}

function isPrepared(database: Database, tag: string): boolean {
  const [version, application] = [database.get("PRAGMA user_version"), database.get("PRAGMA application_id")];
  const isOurs = application !== undefined && integerAt(application, "application_id") === INDEX_APPLICATION_ID;
  const isEmpty = database.get("SELECT 1 FROM sqlite_schema") === undefined;
  if (!isOurs && !isEmpty) throw new AppError("unsupported", "the file of the index belongs to another program");
  if (!isOurs || !version || integerAt(version, "user_version") !== INDEX_SCHEMA_VERSION) return false;
  return database.get("SELECT 1 FROM made_by WHERE tag = ?", tag) !== undefined;
}
