import type { Collection } from "mongodb";
import type { VerdictCache } from "../../pipeline/render/narrative/verdict-cache.ts";
import type { Connection } from "./connection.ts";

interface VerdictRow {
  readonly _id: string;
  readonly verdict: string;
}

/** Verdicts that all instances share. Nobody waits for one to be kept. */
export class MongoVerdictCache implements VerdictCache {
  readonly #connection: Connection;
  readonly #verdicts: Collection<VerdictRow>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#verdicts = connection.db.collection("verdicts");
  }

  async get(digest: string): Promise<string | undefined> {
    try {
      const row = await this.#connection.ask((session) => this.#verdicts.findOne({ _id: digest }, { session }));
      return typeof row?.verdict === "string" ? row.verdict : undefined;
    } catch {
      return undefined;
    }
  }

  put(digest: string, value: string): void {
    this.#connection
      .ask((session) => this.#verdicts.updateOne({ _id: digest }, { $set: { verdict: value } }, { session, upsert: true }))
      // Lost or closed: the port promises nothing but that it does not throw.
      .catch(() => undefined);
  }
}
