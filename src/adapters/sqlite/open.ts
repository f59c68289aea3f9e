import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "../../core/errors.ts";
import type { FollowerPositions } from "../../followers/position-port.ts";
import type { WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import { Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { failureOf } from "./failure.ts";
import { SqliteFollowerPositions } from "./follower-positions.ts";
import { checkPages, checkWhole } from "./integrity.ts";
import { makeFile } from "./make-file.ts";
import { SqliteRecordStore } from "./record-store.ts";
import { integerAt } from "./rows.ts";
import { APPLICATION_ID, SCHEMA_VERSION, upgradeFrom } from "./schema.ts";
import { Staging } from "./staging.ts";
import { SqliteWrappedKeys } from "./wrapped-keys.ts";

/** What one database file gives. Closing the store closes all. */
export interface OpenedSqlite<Store extends RecordStore = RecordStore> {
  readonly store: Store;
  readonly wrappedKeys: WrappedKeys;
  readonly positions: FollowerPositions;
}

export interface OpenOptions {
  /** How long work waits for another process's write lock, in milliseconds. */
  readonly patience?: number;
  /** Whether the database may be made; false where keys exist already, so that one that was lost is not taken for one that never was. Default true. */
  readonly mayCreate?: boolean;
  /**
   * Whether another process may have it open, so that a write-ahead log says nothing about how it was closed; then nothing is looked at. Nor is a file of an earlier schema brought forward then: it may be an
   * earlier program that has it open. Nor is the write-ahead log written back to the file: its service does so with its next commit, or whoever closes it last. Default false.
   */
  readonly mayBeOpen?: boolean;
  /** Told when the database was not closed as it should, and everything in it is looked at; how long that took, in milliseconds, at its end. */
  readonly onCheck?: (milliseconds: number) => void;
}

/**
 * Opens the database file, and makes it (and its folder) when there is none. Readable by its owner alone. After a stop that was not
 * clean everything in it is looked at first: SQLite would add the write-ahead log of one file to another that was put in its place.
 *
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable` as the port says.
 */
export async function openSqlite(
  file: string,
  { patience = DEFAULT_PATIENCE, mayCreate = true, mayBeOpen = false, onCheck }: OpenOptions = {},
): Promise<OpenedSqlite<SqliteRecordStore>> {
  const path = resolve(file);
  if (!mayCreate && (await sizeOf(path)) === 0) throw lost(path);
  const wasLeftOpen = !mayBeOpen && (await sizeOf(`${path}-wal`)) > 0;
  await makeFile(path);
  const opened: Database[] = [];
  const openOne = (synchronous: "FULL" | "NORMAL", wait: number): Database => {
    // Beside a service nothing is written back: it would be found in the middle of it by whoever watches the file, if we were killed there or the disk was full (FileWatch).
    const database = new Database(path, { synchronous, patience: wait, ...(mayBeOpen && { writeBackAfter: 0 }) });
    opened.push(database);
    return database;
  };
  try {
    const database = openOne("FULL", patience);
    await database.ask(() => prepare(database, { mayCreate, mayMigrate: !mayBeOpen }));
    if (wasLeftOpen) await check(database, onCheck);
    const positions = new SqliteFollowerPositions(openOne("NORMAL", patience));
    const staging = new Staging();
    const onClose = (): void => opened.reverse().forEach((one) => one.close());
    const store = new SqliteRecordStore(database, { file: path, staging, onClose });
    return { store, wrappedKeys: new SqliteWrappedKeys(database, { file: path, staging }), positions };
  } catch (cause) {
    opened.forEach((one) => one.close());
    // Only whoever starts the program reads this, so it may name the file.
    const { code, message } = failureOf(cause);
    const way = code === "damaged" ? "; restore it from its backup" : "";
    throw new AppError(code, `${message}: ${path}${way}`, { cause });
  }
}

/** Looks at everything in a database file, which others may have open. AppError `damaged`. */
export async function checkSqlite(file: string): Promise<void> {
  const database = new Database(resolve(file), { synchronous: "NORMAL", patience: DEFAULT_PATIENCE });
  try {
    await database.ask(() => (versionOf(database) < SCHEMA_VERSION ? checkPages(database) : checkWhole(database)));
  } finally {
    database.close();
  }
}

async function check(database: Database, onCheck: OpenOptions["onCheck"]): Promise<void> {
  const start = performance.now();
  await database.ask(() => checkWhole(database));
  onCheck?.(Math.round(performance.now() - start));
}

/** Brings the file to the present schema. Refuses before it writes anything to a file that it does not know. */
function prepare(database: Database, { mayCreate, mayMigrate }: { readonly mayCreate: boolean; readonly mayMigrate: boolean }): void {
  const version = versionOf(database);
  if (version === 0 && !mayCreate) throw new AppError("damaged", "the database is empty, and there are keys already: it was lost");
  if (version > 0 && version < SCHEMA_VERSION && !mayMigrate) throw new AppError("conflict", ofEarlierSchema(version));
  if (version < SCHEMA_VERSION) {
    database.execute("PRAGMA journal_mode = WAL");
    // Another process may have been quicker.
    database.transaction(() => database.execute(upgradeFrom(versionOf(database))));
  }
  const mode = database.get("PRAGMA journal_mode");
  if (mode?.["journal_mode"] !== "wal") throw new AppError("unavailable", "the database cannot keep a write-ahead log on this file system");
}

/** In words, that a database file is of an earlier schema; undefined when it is of the present one. Changes nothing. AppError as `openSqlite`. */
export async function earlierSchemaOf(file: string): Promise<string | undefined> {
  const database = new Database(resolve(file), { synchronous: "NORMAL", patience: DEFAULT_PATIENCE });
  try {
    const version = await database.ask(() => versionOf(database));
    return version > 0 && version < SCHEMA_VERSION ? ofEarlierSchema(version) : undefined;
  } finally {
    database.close();
  }
}

function ofEarlierSchema(version: number): string {
  return `the database has schema ${version} of an earlier Chartulary, and this one works with ${SCHEMA_VERSION}: its service (\`chartulary serve\`) brings it forward when it starts; a command beside a service leaves it as it is`;
}

/** The version of the schema; 0 for a file with nothing in it. */
function versionOf(database: Database): number {
  const version = pragma(database.get("PRAGMA user_version"), "user_version");
  const application = pragma(database.get("PRAGMA application_id"), "application_id");
  if (application === APPLICATION_ID && version >= 1 && version <= SCHEMA_VERSION) return version;
  if (application === APPLICATION_ID)
    throw new AppError(
      "unsupported",
      `the database has schema ${version}, this program knows ${SCHEMA_VERSION}: a newer version of Chartulary wrote it`,
    );
  const isEmpty = database.get("SELECT 1 FROM sqlite_schema") === undefined;
  if (application !== 0 || version !== 0 || !isEmpty) throw new AppError("unsupported", "the database file belongs to another program");
  return 0;
}

function lost(path: string): AppError {
  return new AppError(
    "damaged",
    `there is no database ${path}, but there are keys: it was moved or lost. Restore it from its backup. If it is lost for good, \`chartulary log new-origin --reason TEXT\` begins a new log that says so; if there never was one, remove the keys and begin anew`,
  );
}

/** The length of a file in bytes; 0 when there is none. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function pragma(row: Row | undefined, name: string): number {
  return row ? integerAt(row, name) : 0;
}
