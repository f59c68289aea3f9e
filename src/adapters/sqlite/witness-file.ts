import type { WitnessStates } from "../../pipeline/witness/witness.ts";
import type { Database } from "./database.ts";
import { openOwnFile } from "./own-file.ts";
import { textAt } from "./rows.ts";

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
  const kind = { called: "the witness's state", applicationId: APPLICATION_ID, version: SCHEMA_VERSION, create: CREATE };
  return states(await openOwnFile(file, kind));
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
