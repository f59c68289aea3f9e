import { statSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "../../../core/errors.ts";
import { Database, DEFAULT_PATIENCE } from "../database.ts";
import { failureOf } from "../failure.ts";
import { makeFile } from "../make-file.ts";
import { integerAt } from "../rows.ts";
import { BRING_FORWARD, CREATE_TRAIL, FIRST_TRAIL_SCHEMA, TRAIL_APPLICATION_ID, TRAIL_SCHEMA_VERSION } from "./trail-schema.ts";
import { SqliteTrail } from "./trail-store.ts";

export interface TrailOpening {
  readonly patience?: number;
  /** Whether it may be made. Default true. */
  readonly mayCreate?: boolean;
}

/** Opens the file of the audit trail, and makes it when there is none. Readable by its owner alone. AppErrors `unsupported` for a file of another program or a newer one, `damaged`, `unavailable`. */
export async function openTrail(file: string, { patience = DEFAULT_PATIENCE, mayCreate = true }: TrailOpening = {}): Promise<SqliteTrail> {
  const path = resolve(file);
  if (mayCreate) await makeFile(path);
  let database: Database | undefined;
  try {
    const opened = new Database(path, { synchronous: "FULL", patience });
    database = opened;
    await opened.ask(() => prepare(opened, mayCreate));
    return new SqliteTrail(opened, sameFileAt(path));
  } catch (cause) {
    database?.close();
    const { code, message } = failureOf(cause);
    throw new AppError(code, `${message}: ${path}`, { cause });
  }
}

/** Whether a path leads to the file that it leads to now: one question to the system, which reads no disk. */
function sameFileAt(path: string): () => boolean {
  const look = (): ReturnType<typeof statSync> | undefined => statSync(path, { throwIfNoEntry: false });
  const known = look();
  return () => {
    const found = look();
    return found !== undefined && found.ino === known?.ino && found.dev === known.dev;
  };
}

function prepare(database: Database, mayCreate: boolean): void {
  const version = versionOf(database);
  if (version === TRAIL_SCHEMA_VERSION) return;
  if (version === undefined && !mayCreate) throw new AppError("damaged", "the file of the audit trail is empty");
  database.execute("PRAGMA journal_mode = WAL");
  database.transaction(() => {
    // Another process may have been quicker.
    const standing = versionOf(database);
    if (standing === undefined) database.execute(CREATE_TRAIL);
    else if (standing === FIRST_TRAIL_SCHEMA) database.execute(BRING_FORWARD);
  });
}

/** The version of what is in the file; undefined when nothing is. */
function versionOf(database: Database): number | undefined {
  const [version, application] = [database.get("PRAGMA user_version"), database.get("PRAGMA application_id")];
  const isOurs = application !== undefined && integerAt(application, "application_id") === TRAIL_APPLICATION_ID;
  if (!isOurs && database.get("SELECT 1 FROM sqlite_schema") !== undefined)
    throw new AppError("unsupported", "the file of the audit trail belongs to another program");
  if (!isOurs || version === undefined) return undefined;
  const number = integerAt(version, "user_version");
  if (number > TRAIL_SCHEMA_VERSION) throw new AppError("unsupported", "the file of the audit trail was made by a newer version of Chartulary");
  return number;
}
