import { mkdir, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError } from "../../core/errors.ts";
import type { VerdictCache } from "../../pipeline/render/verdict-cache.ts";
import type { DocumentStore } from "../../pipeline/store/document-store.ts";
import { Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { SqliteDocumentStore } from "./document-store.ts";
import { failureOf } from "./failure.ts";
import { integerAt } from "./rows.ts";
import { APPLICATION_ID, CREATE_SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { SqliteVerdictCache } from "./verdict-cache.ts";

/** What one database file gives. Closing the store closes both. */
export interface SqliteRoom {
  readonly store: DocumentStore;
  readonly verdicts: VerdictCache;
}

/**
 * Opens the database file, and makes it (and its folder) when there is none. Readable by its owner alone: the index holds patient data.
 *
 * @param patience how long work waits for another process's write lock, in milliseconds.
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable` as the port says.
 */
export async function openSqlite(file: string, { patience = DEFAULT_PATIENCE }: { readonly patience?: number } = {}): Promise<SqliteRoom> {
  const path = resolve(file);
  const inode = await makeFile(path);
  const opened: Database[] = [];
  const openOne = (synchronous: "FULL" | "NORMAL", wait: number): Database => {
    const database = new Database(path, { synchronous, patience: wait });
    opened.push(database);
    return database;
  };
  try {
    const database = openOne("FULL", patience);
    await database.ask(() => prepare(database));
    const verdicts = new SqliteVerdictCache(openOne("NORMAL", 0));
    const onClose = (): void => opened.reverse().forEach((one) => one.close());
    return { store: new SqliteDocumentStore(database, { file: path, inode, onClose }), verdicts };
  } catch (cause) {
    opened.forEach((one) => one.close());
    // Only whoever starts the program reads this, so it may name the file.
    const { code, message } = failureOf(cause);
    throw new AppError(code, `${message}: ${path}`, { cause });
  }
}

/** Brings the file to the present schema. Refuses before it writes anything to a file that it does not know. */
function prepare(database: Database): void {
  if (!isPrepared(database)) {
    database.execute("PRAGMA journal_mode = WAL");
    database.transaction(() => {
      // Another process may have been quicker.
      if (!isPrepared(database)) database.execute(CREATE_SCHEMA);
    });
  }
  const mode = database.get("PRAGMA journal_mode");
  if (mode?.["journal_mode"] !== "wal") throw new AppError("unavailable", "the database cannot keep a write-ahead log on this file system");
}

function isPrepared(database: Database): boolean {
  const version = pragma(database.get("PRAGMA user_version"), "user_version");
  const application = pragma(database.get("PRAGMA application_id"), "application_id");
  if (application === APPLICATION_ID && version === SCHEMA_VERSION) return true;
  if (application === APPLICATION_ID)
    throw new AppError(
      "unsupported",
      `the database has schema ${version}, this program knows ${SCHEMA_VERSION}: a newer version of Chartulary wrote it`,
    );
  const isEmpty = database.get("SELECT 1 FROM sqlite_schema") === undefined;
  if (application !== 0 || version !== 0 || !isEmpty) throw new AppError("unsupported", "the database file belongs to another program");
  return false;
}

function pragma(row: Row | undefined, name: string): number {
  return row ? integerAt(row, name) : 0;
}

/** Makes the file when there is none, so that its name and mode are on the disk before the first document is; gives its inode. */
async function makeFile(path: string): Promise<number> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    await file.close();
    for (const name of [folder, dirname(folder)]) await syncFolder(name);
    return (await stat(path)).ino;
  } catch (cause) {
    throw new AppError("unavailable", `the database file cannot be made or opened: ${path}`, { cause });
  }
}

/** Makes the names in a folder durable, where the system lets one. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
