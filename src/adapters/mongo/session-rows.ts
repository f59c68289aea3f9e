import type { Collection, Filter } from "mongodb";
import type { SessionRow, SessionRows } from "../../pipeline/store/session-rows.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { bytesOf, numberOf, textOf } from "./rows.ts";

interface SessionDocument {
  /** The id. */
  readonly _id: string;
  readonly keys: readonly string[];
  readonly value: Uint8Array;
  readonly expiresAt: number;
  readonly revision: number;
}

/** Rows that are removed with one command, each by its name: such a command can be tried again. */
const BATCH = 500;
const SESSIONS = "sessions";

/** The port SessionRows in a collection: each change is one insert, update or remove of one document, under a condition upon it. It is closed with its connection. */
export class MongoSessionRows implements SessionRows {
  readonly #connection: Connection;
  readonly #sessions: Collection<SessionDocument>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#sessions = connection.db.collection(SESSIONS);
  }

  async read(id: string, now: number): Promise<SessionRow | undefined> {
    const row = await this.#connection.ask((session) => this.#sessions.findOne({ _id: id, expiresAt: { $gt: now } }, { session }));
    return row ? rowOf(row) : undefined;
  }

  async find(key: string, now: number): Promise<SessionRow[]> {
    const rows = await this.#connection.ask((session) => this.#sessions.find({ keys: key, expiresAt: { $gt: now } }, { session }).toArray());
    return rows.map(rowOf);
  }

  async insert({ id, keys, value, expiresAt }: Omit<SessionRow, "revision">, now: number): Promise<boolean> {
    const row: SessionDocument = { _id: id, keys: [...new Set(keys)], value: Buffer.from(value), expiresAt, revision: 1 };
    return this.#connection.ask(async (session) => {
      const insert = (): Promise<boolean> =>
        this.#sessions.insertOne(row, { session }).then(
          () => true,
          (cause: unknown) => {
            if (!isDuplicate(cause)) throw cause;
            return false;
          },
        );
      if (await insert()) return true;
      // One that has ended and was not swept yet.
      const { deletedCount } = await this.#sessions.deleteOne({ _id: id, expiresAt: { $lte: now } }, { session });
      return deletedCount > 0 && insert();
    });
  }

  async replace({ id, keys, value, expiresAt }: Omit<SessionRow, "revision">, revision: number): Promise<boolean> {
    const change = { $set: { keys: [...new Set(keys)], value: Buffer.from(value), expiresAt, revision: revision + 1 } };
    const { matchedCount } = await this.#connection.ask((session) => this.#sessions.updateOne({ _id: id, revision }, change, { session }));
    return matchedCount > 0;
  }

  async remove(id: string): Promise<boolean> {
    const { deletedCount } = await this.#connection.ask((session) => this.#sessions.deleteOne({ _id: id }, { session }));
    return deletedCount > 0;
  }

  removeBy(key: string): Promise<number> {
    return this.#removeAll({ keys: key });
  }

  sweep(now: number): Promise<number> {
    return this.#removeAll({ expiresAt: { $lte: now } });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** One by one, each by its name: such a command can be tried again. */
  async #removeAll(condition: Filter<SessionDocument>): Promise<number> {
    for (let removed = 0; ;) {
      const rows = await this.#connection.ask((session) =>
        this.#sessions.find(condition, { session, projection: { _id: 1 }, limit: BATCH }).toArray(),
      );
      if (rows.length === 0) return removed;
      for (const { _id } of rows) {
        const { deletedCount } = await this.#connection.ask((session) => this.#sessions.deleteOne({ ...condition, _id }, { session }));
        removed += deletedCount;
      }
    }
  }
}

function rowOf({ _id, keys, value, expiresAt, revision }: SessionDocument): SessionRow {
  return {
    id: textOf(_id, SESSIONS),
    keys: Array.isArray(keys) ? keys.map((key) => textOf(key, SESSIONS)) : [],
    value: bytesOf(value, SESSIONS),
    expiresAt: numberOf(expiresAt, SESSIONS),
    revision: numberOf(revision, SESSIONS),
  };
}
