import { resolve } from "node:path";
import { AppError } from "../../core/errors.ts";
import type { WitnessStates } from "../../pipeline/witness/witness.ts";
import { Database, DEFAULT_PATIENCE } from "./database.ts";
import { failureOf } from "./failure.ts";
import { makeFile } from "./make-file.ts";
import { integerAt, textAt } from "./rows.ts";

/** Says that an SQLite file is one of ours that holds where a witness's logs stand ("ChrW" in ASCII). */
const APPLICATION_ID = 0x43687257;
const SCHEMA_VERSION = 1;

/** A tree never becomes smaller, whoever writes. */
const CREATE = `
CREATE TABLE logs (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER logs_no_delete BEFORE DELETE ON logs BEGIN SELECT RAISE(ABORT, 'a log that was cosigned is never forgotten'); END;
CREATE TRIGGER logs_only_grow BEFORE UPDATE ON logs WHEN NEW.size < OLD.size OR NEW.origin <> OLD.origin
  BEGIN SELECT RAISE(ABORT, 'a log that was cosigned only grows'); END;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Opens a witness's state, for any number of processes, and makes it when there is none. AppErrors `unsupported`, `damaged`, `unavailable`. */
export async function openWitnessFile(file: string): Promise<WitnessStates & { close(): void }> {
  const path = resolve(file);
  await makeFile(path);
  let database: Database | undefined;
  try {
    const opened = (database = new Database(path, { synchronous: "FULL", patience: DEFAULT_PATIENCE }));
    await opened.ask(() => prepare(opened));
    return states(opened);
  } catch (cause) {
    database?.close();
    const { code, message } = failureOf(cause);
    throw new AppError(code, `${message}: ${path}`, { cause });
  }
}

function prepare(database: Database): void {
  const is = (name: string): number => integerAt(database.get(`PRAGMA ${name}`) ?? {}, name);
  const isEmpty = (): boolean => database.get("SELECT 1 FROM sqlite_schema") === undefined;
  if (!isEmpty() && is("application_id") !== APPLICATION_ID) throw new AppError("unsupported", "the witness's state belongs to another program");
  if (is("user_version") > SCHEMA_VERSION) throw new AppError("unsupported", "a newer version of Chartulary wrote the witness's state");
  if (!isEmpty()) return;
  database.execute("PRAGMA journal_mode = WAL");
  database.transaction(() => isEmpty() && database.execute(CREATE));
}

function states(database: Database): WitnessStates & { close(): void } {
  return {
    read: (origin) =>
      database.ask(() => {
        const row = database.get("SELECT note FROM logs WHERE origin = ?", origin);
        return row && textAt(row, "note");
      }),
    advance: (origin, size, next) =>
      database.ask(() =>
        database.transaction(() =>
          size === undefined
            ? database.run("INSERT OR IGNORE INTO logs (origin, size, note) VALUES (?, ?, ?)", origin, next.size, next.note) > 0
            : database.run("UPDATE logs SET size = ?, note = ? WHERE origin = ? AND size = ?", next.size, next.note, origin, size) > 0,
        ),
      ),
    close: () => database.close(),
  };
}
