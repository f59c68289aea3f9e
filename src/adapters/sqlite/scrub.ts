import { statSync } from "node:fs";
import type { Database } from "./database.ts";

/** A row of the table of followers that no follower has. */
const FILLER = "";
/** No row is larger than SQLite allows (a thousand million bytes); a write-ahead log is cut down to 64 MiB when it begins anew. */
const LARGEST = 128 * 1_048_576;

/**
 * Overwrites what stands in the write-ahead log: brings all of it into the database file, so that the log begins anew, and then writes as much as the log was long. It is not cut
 * off: other processes would take that for a fault. False when another process reads what stands in it still.
 */
export function scrubWriteAheadLog(database: Database, file: string): boolean {
  const row = database.get("PRAGMA wal_checkpoint(RESTART)");
  if (row?.["busy"] !== 0) return false;
  const bytes = Math.min(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0, LARGEST);
  // In one transaction the log cannot begin anew before it is written to its end.
  database.transaction(() => {
    database.run("INSERT OR REPLACE INTO followers (name, position, holder) VALUES (?, 0, hex(zeroblob(?)))", FILLER, Math.ceil(bytes / 2));
  });
  database.run("DELETE FROM followers WHERE name = ?", FILLER);
  return true;
}
