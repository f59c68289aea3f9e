import type { CosignedCheckpoint, CosignedStore } from "../../pipeline/witness/witness-port.ts";
import { type Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { forbid } from "./earlier-schemas.ts";
import { openOwnFile } from "./own-file.ts";
import { integerAt, textAt } from "./rows.ts";

/** Says that an SQLite file is one of ours that holds cosigned checkpoints ("Chrw" in ASCII). */
export const COSIGNED_APPLICATION_ID = 0x43687277;
/** The schema below. A file with a higher number was written by a newer program. */
const SCHEMA_VERSION = 1;

const CREATE = `
CREATE TABLE cosigned (
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (origin, size, at)
) STRICT, WITHOUT ROWID;
${forbid({ table: "cosigned", deeds: ["UPDATE", "DELETE"] })}
PRAGMA application_id = ${COSIGNED_APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the file of cosigned checkpoints, and makes it when there is none. Readable by its owner alone.
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable`
 */
export async function openCosignedFile(file: string, { patience = DEFAULT_PATIENCE }: { readonly patience?: number } = {}): Promise<CosignedStore> {
  const kind = { called: "the file of cosigned checkpoints", applicationId: COSIGNED_APPLICATION_ID, version: SCHEMA_VERSION, create: CREATE };
  const mended = "remove it: witnesses are asked anew, and receipts have their cosignatures from then on";
  return cosignedStore(await openOwnFile(file, { ...kind, mended }, patience));
}

function cosignedStore(database: Database): CosignedStore {
  return {
    put: ({ origin, size, at, note }) =>
      database.ask(() => {
        database.transaction(() =>
          database.run("INSERT OR IGNORE INTO cosigned (origin, size, at, note) VALUES (?, ?, ?, ?)", origin, size, at, note),
        );
      }),
    newest: (origin) =>
      database.ask(() => {
        const row = database.get("SELECT * FROM cosigned WHERE origin = ? ORDER BY size DESC, at DESC LIMIT 1", origin);
        return row && checkpointAt(row);
      }),
    from: (origin, size, count) =>
      database.ask(() =>
        database.all("SELECT * FROM cosigned WHERE origin = ? AND size >= ? ORDER BY size, at LIMIT ?", origin, size, count).map(checkpointAt),
      ),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

function checkpointAt(row: Row): CosignedCheckpoint {
  return { origin: textAt(row, "origin"), size: integerAt(row, "size"), at: integerAt(row, "at"), note: textAt(row, "note") };
}
