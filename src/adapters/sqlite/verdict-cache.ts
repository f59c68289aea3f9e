import type { VerdictCache } from "../../pipeline/render/narrative/verdict-cache.ts";
import type { Database } from "./database.ts";
import { textAt } from "./rows.ts";

/**
 * Verdicts in a table beside the documents, on a connection of its own that does not wait for the disk: a lost verdict is found again, and no reader
 * should wait for one to be kept.
 */
export class SqliteVerdictCache implements VerdictCache {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(digest: string): string | undefined {
    try {
      const row = this.#database.get("SELECT verdict FROM narrative_verdicts WHERE digest = ?", digest);
      return row && textAt(row, "verdict");
    } catch {
      return undefined;
    }
  }

  put(digest: string, value: string): void {
    try {
      this.#database.run("INSERT OR REPLACE INTO narrative_verdicts (digest, verdict) VALUES (?, ?)", digest, value);
    } catch {
      // Busy, full or closed: the port promises nothing but that it does not throw.
    }
  }
}
