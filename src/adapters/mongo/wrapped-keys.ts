import type { Collection } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { bytesOf, byTheServer, type CommitRow, type KeyRow } from "./rows.ts";
import type { Staging } from "./staging.ts";

/** The port WrappedKeys in a collection of its own, the only one of the record from which anything is ever removed. */
export class MongoWrappedKeys implements WrappedKeys {
  readonly #connection: Connection;
  readonly #keys: Collection<KeyRow>;
  readonly #commits: Collection<CommitRow>;
  readonly #staging: Staging;

  constructor(connection: Connection, staging: Staging) {
    this.#connection = connection;
    this.#keys = connection.db.collection("keys");
    this.#commits = connection.db.collection("commits");
    this.#staging = staging;
  }

  async keep(documentId: string, wrappedKey: Uint8Array): Promise<void> {
    await this.#connection.ask(async (session) => {
      // Once the document is in the log its key is there or was destroyed, and what was destroyed must not come back.
      const isCommitted = (await this.#commits.findOne({ "entries.id": documentId }, { session, projection: { size: 1 } })) !== null;
      if (!isCommitted) {
        this.#staging.noteKey(documentId);
        try {
          await this.#keys.insertOne({ _id: documentId, at: byTheServer(), key: wrappedKey }, { session });
          return;
        } catch (cause) {
          if (!isDuplicate(cause)) throw cause;
        }
      }
      const row = await this.#keys.findOne({ _id: documentId }, { session });
      if (!row || !Buffer.from(wrappedKey).equals(bytesOf(row.key, "keys"))) throw new AppError("internal", "the document had another key");
    });
  }

  async read(documentId: string): Promise<Uint8Array | undefined> {
    const row = await this.#connection.ask((session) => this.#keys.findOne({ _id: documentId }, { session }));
    return row ? bytesOf(row.key, "keys") : undefined;
  }

  async destroy(documentId: string): Promise<void> {
    await this.#connection.ask((session) => this.#keys.deleteOne({ _id: documentId }, { session }));
  }
}
