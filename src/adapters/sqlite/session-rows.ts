import type { SessionRow, SessionRows } from "../../pipeline/store/session-rows.ts";
import { type Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { openOwnFile } from "./own-file.ts";
import { bytesAt, integerAt, textAt } from "./rows.ts";

/** Says that an SQLite file is one of ours that holds sessions ("Chrs" in ASCII). */
export const SESSIONS_APPLICATION_ID = 0x43687273;
/** The schema below. A file with a higher number was written by a newer program. */
export const SESSIONS_SCHEMA_VERSION = 1;

const CREATE = `
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE TABLE session_keys (
  key TEXT NOT NULL,
  id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  PRIMARY KEY (key, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_keys_by_session ON session_keys (id);
PRAGMA application_id = ${SESSIONS_APPLICATION_ID};
PRAGMA user_version = ${SESSIONS_SCHEMA_VERSION};
`;

/** What is removed at once: nobody waits long for the lock. */
const BATCH = 500;

/**
 * Opens the file of sessions, and makes it when there is none. Readable by its owner alone. It belongs to no backup.
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable`
 */
export async function openSessionRows(file: string, { patience = DEFAULT_PATIENCE }: { readonly patience?: number } = {}): Promise<SessionRows> {
  const kind = { called: "the file of sessions", applicationId: SESSIONS_APPLICATION_ID, version: SESSIONS_SCHEMA_VERSION, create: CREATE };
  return new SqliteSessionRows(await openOwnFile(file, { ...kind, mended: "remove it: everybody signs in anew" }, patience));
}

class SqliteSessionRows implements SessionRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  read(id: string, now: number): Promise<SessionRow | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get("SELECT * FROM sessions WHERE id = ? AND expires_at > ?", id, now);
      return row && this.#rowAt(row);
    });
  }

  find(key: string, now: number): Promise<SessionRow[]> {
    const sql = "SELECT s.* FROM session_keys k JOIN sessions s ON s.id = k.id WHERE k.key = ? AND s.expires_at > ?";
    return this.#database.ask(() => this.#database.all(sql, key, now).map((row) => this.#rowAt(row)));
  }

  insert(row: Omit<SessionRow, "revision">, now: number): Promise<boolean> {
    return this.#change(() => {
      this.#database.run("DELETE FROM sessions WHERE id = ? AND expires_at <= ?", row.id, now);
      const sql = "INSERT OR IGNORE INTO sessions (id, expires_at, revision, value) VALUES (?, ?, 1, ?)";
      return this.#database.run(sql, row.id, row.expiresAt, row.value) > 0 && this.#keepKeys(row);
    });
  }

  replace(row: Omit<SessionRow, "revision">, revision: number): Promise<boolean> {
    return this.#change(() => {
      const sql = "UPDATE sessions SET expires_at = ?, revision = revision + 1, value = ? WHERE id = ? AND revision = ?";
      return this.#database.run(sql, row.expiresAt, row.value, row.id, revision) > 0 && this.#keepKeys(row);
    });
  }

  remove(id: string): Promise<boolean> {
    return this.#change(() => this.#database.run("DELETE FROM sessions WHERE id = ?", id) > 0);
  }

  removeBy(key: string): Promise<number> {
    return this.#change(() => this.#database.run("DELETE FROM sessions WHERE id IN (SELECT id FROM session_keys WHERE key = ?)", key));
  }

  async sweep(now: number): Promise<number> {
    const sql = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ${BATCH})`;
    for (let swept = 0; ;) {
      const removed = await this.#change(() => this.#database.run(sql, now));
      swept += removed;
      if (removed < BATCH) return swept;
    }
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  #keepKeys({ id, keys }: Pick<SessionRow, "id" | "keys">): true {
    this.#database.run("DELETE FROM session_keys WHERE id = ?", id);
    for (const key of new Set(keys)) this.#database.run("INSERT INTO session_keys (key, id) VALUES (?, ?)", key, id);
    return true;
  }

  #change<Result>(work: () => Result): Promise<Result> {
    return this.#database.ask(() => this.#database.transaction(work));
  }

  #rowAt(row: Row): SessionRow {
    const id = textAt(row, "id");
    return {
      id,
      keys: this.#database.all("SELECT key FROM session_keys WHERE id = ?", id).map((one) => textAt(one, "key")),
      value: bytesAt(row, "value"),
      expiresAt: integerAt(row, "expires_at"),
      revision: integerAt(row, "revision"),
    };
  }
}
