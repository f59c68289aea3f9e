import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import type { KeyMove, WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { Database } from "./database.ts";
import { bytesAt, integerAt } from "./rows.ts";
import { scrubWriteAheadLog } from "./scrub.ts";
import type { Staging } from "./staging.ts";

/** How often the write-ahead log is tried to be overwritten, and how long to wait between, in milliseconds. */
const ATTEMPTS = 20;
const WAIT = 100;

const KEY_OF = "SELECT k.wrapped_key FROM wrapped_keys k JOIN entries e USING (entry_index) WHERE e.id = ?";

/** The port WrappedKeys beside the record: a key is written with the commit of its document, and overwritten when it is destroyed. */
export class SqliteWrappedKeys implements WrappedKeys {
  readonly #database: Database;
  readonly #file: string;
  readonly #staging: Staging;

  constructor(database: Database, { file, staging }: { readonly file: string; readonly staging: Staging }) {
    this.#database = database;
    this.#file = file;
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

  /** In one transaction: a key that is not there any more is not brought back. */
  replace(_epoch: number, moves: readonly KeyMove[]): Promise<number> {
    if (moves.length === 0) return Promise.resolve(0);
    return this.#database.ask(() => {
      const staged = moves.filter(({ documentId, from }) => isSame(this.#staging.key(documentId), from));
      const moved = this.#database.transaction(() => moves.filter((move) => this.#move(move)).length);
      for (const { documentId, to } of staged) this.#staging.putKey(documentId, to);
      return moved + staged.length;
    });
  }

  #move({ documentId, from, to }: KeyMove): boolean {
    const row = this.#database.get("SELECT entry_index FROM entries WHERE id = ?", documentId);
    if (row === undefined) return false;
    const index = integerAt(row, "entry_index");
    if (this.#database.run("DELETE FROM wrapped_keys WHERE entry_index = ? AND wrapped_key = ?", index, from) === 0) return false;
    this.#database.run("INSERT INTO wrapped_keys (entry_index, wrapped_key) VALUES (?, ?)", index, to);
    return true;
  }

  async destroy(documentId: string): Promise<void> {
    this.#staging.discard([documentId]);
    await this.#database.ask(() =>
      this.#database.run("DELETE FROM wrapped_keys WHERE entry_index = (SELECT entry_index FROM entries WHERE id = ?)", documentId),
    );
    // In the file it is overwritten (secure_delete); in the write-ahead log it would stand until others' commits have gone over it.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await this.#database.ask(() => scrubWriteAheadLog(this.#database, this.#file))) return;
      await sleep(WAIT);
    }
    throw new AppError(
      "unavailable",
      "the key is deleted, but the database's write-ahead log still holds it, because somebody reads the database; try again",
    );
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.from(one).equals(other);
}
