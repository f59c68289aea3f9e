import type { ChunkRow, JobRow, JobRows, UnderWay } from "../../jobs/job-rows.ts";
import { type Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { openOwnFile } from "./own-file.ts";
import { bytesAt, integerAt, textAt } from "./rows.ts";

/** Says that an SQLite file is one of ours that holds jobs ("Chrj" in ASCII). */
export const JOBS_APPLICATION_ID = 0x4368726a;
/** The schema below. A file with a higher number was written by a newer program. */
export const JOBS_SCHEMA_VERSION = 1;

const CREATE = `
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  kind TEXT NOT NULL,
  is_over INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_by_time ON jobs (is_over, kind, due_at);
CREATE INDEX jobs_by_owner ON jobs (owner, created_at);
CREATE INDEX jobs_by_age ON jobs (created_at);
CREATE INDEX jobs_by_end ON jobs (expires_at);
CREATE TABLE job_chunks (
  job TEXT NOT NULL,
  file TEXT NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (job, file, number)
) STRICT;
PRAGMA application_id = ${JOBS_APPLICATION_ID};
PRAGMA user_version = ${JOBS_SCHEMA_VERSION};
`;

/** Chunks that are removed at once: they are overwritten, and nobody waits long for the lock. */
const BATCH = 16;

/**
 * Opens the file of jobs, and makes it when there is none. Readable by its owner alone. It belongs to no backup.
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable`
 */
export async function openJobRows(file: string, { patience = DEFAULT_PATIENCE }: { readonly patience?: number } = {}): Promise<JobRows> {
  const kind = { called: "the file of jobs", applicationId: JOBS_APPLICATION_ID, version: JOBS_SCHEMA_VERSION, create: CREATE };
  return new SqliteJobRows(await openOwnFile(file, { ...kind, mended: "remove it: what is under way must be asked for anew" }, patience));
}

class SqliteJobRows implements JobRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  read(id: string, now: number): Promise<JobRow | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get("SELECT * FROM jobs WHERE id = ? AND expires_at > ?", id, now);
      return row && rowAt(row);
    });
  }

  list(owner: string | undefined, now: number, count: number, isOver?: boolean): Promise<JobRow[]> {
    const conditions = ["expires_at > ?", ...(owner === undefined ? [] : ["owner = ?"]), ...(isOver === undefined ? [] : ["is_over = ?"])];
    const values = [now, ...(owner === undefined ? [] : [owner]), ...(isOver === undefined ? [] : [Number(isOver)])];
    const sql = `SELECT * FROM jobs WHERE ${conditions.join(" AND ")} ORDER BY created_at DESC, id LIMIT ?`;
    return this.#database.ask(() => this.#database.all(sql, ...values, count).map(rowAt));
  }

  underWay(owner: string, now: number): Promise<UnderWay> {
    const sql = "SELECT count(*) AS found, coalesce(sum(owner = ?), 0) AS own FROM jobs WHERE is_over = 0 AND expires_at > ?";
    return this.#database.ask(() => {
      const row = this.#database.get(sql, owner, now) ?? {};
      return { ofOwner: integerAt(row, "own"), all: integerAt(row, "found") };
    });
  }

  due(kind: string, now: number, count: number): Promise<JobRow[]> {
    const sql = "SELECT * FROM jobs WHERE is_over = 0 AND kind = ? AND due_at <= ? AND expires_at > ? ORDER BY due_at, id LIMIT ?";
    return this.#database.ask(() => this.#database.all(sql, kind, now, now, count).map(rowAt));
  }

  insert({ id, owner, kind, isOver, createdAt, dueAt, expiresAt, value }: Omit<JobRow, "revision">): Promise<boolean> {
    const sql = `INSERT OR IGNORE INTO jobs (id, owner, kind, is_over, created_at, due_at, expires_at, value, revision)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)`;
    return this.#change(() => this.#database.run(sql, id, owner, kind, Number(isOver), createdAt, dueAt, expiresAt, value) > 0);
  }

  replace({ id, owner, kind, isOver, createdAt, dueAt, expiresAt, value }: Omit<JobRow, "revision">, revision: number): Promise<boolean> {
    const sql = `UPDATE jobs SET owner = ?, kind = ?, is_over = ?, created_at = ?, due_at = ?, expires_at = ?, value = ?, revision = revision + 1
      WHERE id = ? AND revision = ?`;
    return this.#change(() => this.#database.run(sql, owner, kind, Number(isOver), createdAt, dueAt, expiresAt, value, id, revision) > 0);
  }

  async remove(id: string): Promise<boolean> {
    if (!(await this.#change(() => this.#database.run("DELETE FROM jobs WHERE id = ?", id) > 0))) return false;
    await this.removeFiles(id);
    return true;
  }

  putChunk({ job, file, number, bytes }: ChunkRow): Promise<void> {
    const sql = "INSERT OR REPLACE INTO job_chunks (job, file, number, bytes) VALUES (?, ?, ?, ?)";
    return this.#change(() => void this.#database.run(sql, job, file, number, bytes));
  }

  readChunk({ job, file, number }: Omit<ChunkRow, "bytes">): Promise<Uint8Array | undefined> {
    const sql = "SELECT bytes FROM job_chunks WHERE job = ? AND file = ? AND number = ?";
    return this.#database.ask(() => {
      const row = this.#database.get(sql, job, file, number);
      return row && bytesAt(row, "bytes");
    });
  }

  removeChunks(job: string, file: string, from: number): Promise<void> {
    return this.#removeSome("job = ? AND file = ? AND number >= ?", job, file, from);
  }

  removeFiles(job: string): Promise<void> {
    return this.#removeSome("job = ?", job);
  }

  async sweep(now: number): Promise<number> {
    const expired = await this.#database.ask(() => this.#database.all("SELECT id FROM jobs WHERE expires_at <= ?", now));
    let swept = 0;
    for (const row of expired)
      swept += await this.#change(() => this.#database.run("DELETE FROM jobs WHERE id = ? AND expires_at <= ?", textAt(row, "id"), now));
    // Chunks of those, and what a process left that was interrupted, or wrote when its job was gone.
    for (let job: string | undefined = ""; job !== undefined; job = await this.#nextWithFiles(job))
      if (job !== "" && !(await this.#isThere(job))) await this.removeFiles(job);
    return swept;
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  #nextWithFiles(after: string): Promise<string | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get("SELECT job FROM job_chunks WHERE job > ? ORDER BY job LIMIT 1", after);
      return row && textAt(row, "job");
    });
  }

  #isThere(id: string): Promise<boolean> {
    return this.#database.ask(() => this.#database.get("SELECT 1 FROM jobs WHERE id = ?", id) !== undefined);
  }

  async #removeSome(condition: string, ...values: (string | number)[]): Promise<void> {
    const sql = `DELETE FROM job_chunks WHERE rowid IN (SELECT rowid FROM job_chunks WHERE ${condition} LIMIT ${BATCH})`;
    while ((await this.#change(() => this.#database.run(sql, ...values))) === BATCH);
  }

  #change<Result>(work: () => Result): Promise<Result> {
    return this.#database.ask(() => this.#database.transaction(work));
  }
}

function rowAt(row: Row): JobRow {
  return {
    ...{ id: textAt(row, "id"), owner: textAt(row, "owner"), kind: textAt(row, "kind"), isOver: integerAt(row, "is_over") === 1 },
    ...{ createdAt: integerAt(row, "created_at"), dueAt: integerAt(row, "due_at"), expiresAt: integerAt(row, "expires_at") },
    ...{ value: bytesAt(row, "value"), revision: integerAt(row, "revision") },
  };
}
