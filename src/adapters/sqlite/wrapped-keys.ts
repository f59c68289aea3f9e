import { AppError } from "../../core/errors.ts";
import type { WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { Database } from "./database.ts";
import { bytesAt } from "./rows.ts";
import type { Staging } from "./staging.ts";

const KEY_OF = "SELECT k.wrapped_key FROM wrapped_keys k JOIN entries e USING (entry_index) WHERE e.id = ?";

/** The port WrappedKeys beside the record: a key is written with the commit of its document, and overwritten when it is destroyed. */
export class SqliteWrappedKeys implements WrappedKeys {
  readonly #database: Database;
  readonly #staging: Staging;

  constructor(database: Database, staging: Staging) {
    this.#database = database;
    this.#staging = staging;
  }

  keep(documentId: string, wrappedKey: Uint8Array): Promise<void> {
    return this.#database.ask(() => {
      if (this.#database.get("SELECT 1 FROM entries WHERE id = ?", documentId) === undefined) return this.#staging.putKey(documentId, wrappedKey);
      const row = this.#database.get(KEY_OF, documentId);
      // What was destroyed must not come back, and what is there is never changed.
      if (!row || !Buffer.from(bytesAt(row, "wrapped_key")).equals(wrappedKey)) throw new AppError("internal", "the document had another key");
    });
  }

  read(documentId: string): Promise<Uint8Array | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get(KEY_OF, documentId);
      return row ? bytesAt(row, "wrapped_key") : this.#staging.key(documentId);
    });
  }

  destroy(documentId: string): Promise<void> {
    this.#staging.discard([documentId]);
    return this.#database.ask(() => {
      this.#database.run("DELETE FROM wrapped_keys WHERE entry_index = (SELECT entry_index FROM entries WHERE id = ?)", documentId);
      // Into the file, where it is overwritten (secure_delete), and the write-ahead log begins anew. It is not cut off: other processes would take that for a fault.
      this.#database.get("PRAGMA wal_checkpoint(RESTART)");
    });
  }
}
