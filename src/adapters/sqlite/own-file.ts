import { resolve } from "node:path";
import { AppError } from "../../core/errors.ts";
import { Database, DEFAULT_PATIENCE } from "./database.ts";
import { failureOf } from "./failure.ts";
import { makeFile } from "./make-file.ts";
import { integerAt } from "./rows.ts";

/** A small file of ours beside the record, of one schema. */
export interface OwnFile {
  /** For people: `the file of sessions`. */
  readonly called: string;
  /** Says that an SQLite file is one of these. */
  readonly applicationId: number;
  /** A file with a higher number was written by a newer program. */
  readonly version: number;
  /** Makes it, with both numbers. */
  readonly create: string;
  /** What an operator does about a damaged one. */
  readonly mended?: string;
}

/**
 * Opens a file of its own, for any number of processes, each commit durable, and makes it when there is none. Readable by its owner alone.
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable`
 */
export async function openOwnFile(file: string, kind: OwnFile, patience = DEFAULT_PATIENCE): Promise<Database> {
  const path = resolve(file);
  await makeFile(path);
  let database: Database | undefined;
  try {
    const opened = (database = new Database(path, { synchronous: "FULL", patience }));
    await opened.ask(() => prepare(opened, kind));
    return opened;
  } catch (cause) {
    database?.close();
    // Only whoever starts the program reads this, so it may name the file.
    const { code, message } = failureOf(cause);
    const way = code === "damaged" && kind.mended !== undefined ? `; ${kind.mended}` : "";
    throw new AppError(code, `${message}: ${path}${way}`, { cause });
  }
}

function prepare(database: Database, { called, applicationId, version, create }: OwnFile): void {
  const is = (name: string): number => integerAt(database.get(`PRAGMA ${name}`) ?? {}, name);
  const isEmpty = (): boolean => database.get("SELECT 1 FROM sqlite_schema") === undefined;
  if (!isEmpty() && is("application_id") !== applicationId) throw new AppError("unsupported", `${called} belongs to another program`);
  if (is("user_version") > version)
    throw new AppError("unsupported", `${called} has schema ${is("user_version")}: a newer version of Chartulary wrote it`);
  if (!isEmpty()) return;
  database.execute("PRAGMA journal_mode = WAL");
  // Another process may have been quicker.
  database.transaction(() => isEmpty() && database.execute(create));
}
