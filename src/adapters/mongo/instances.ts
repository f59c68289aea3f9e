import type { ClientSession, Collection, Timestamp } from "mongodb";
import type { Instance, Instances } from "../../pipeline/epochs/instances.ts";
import type { Connection } from "./connection.ts";

/** Seconds of the server's time after which one that did not tell of itself counts as gone, and after which its row is removed. */
const LIVES = 20;
const FORGOTTEN = 3_600;
const PREFIX = "instance/";

interface InstanceRow {
  readonly _id: string;
  readonly name: string;
  readonly keyIds: readonly string[];
  /** By the server's clock. */
  readonly seen: Timestamp;
}

/** The port Instances: one row in `state` for each. */
export class MongoInstances implements Instances {
  readonly #connection: Connection;
  readonly #rows: Collection<InstanceRow>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#rows = connection.db.collection("state");
  }

  async tell({ id, name, keyIds }: Instance): Promise<void> {
    await this.#connection.ask((session) =>
      this.#rows.updateOne(
        { _id: `${PREFIX}${id}` },
        { $set: { name, keyIds: [...keyIds] }, $currentDate: { seen: { $type: "timestamp" } } },
        { session, upsert: true },
      ),
    );
  }

  async live(): Promise<Instance[]> {
    return this.#connection.ask(async (session) => {
      const rows = await this.#rows.find({ _id: { $gte: PREFIX, $lt: `${PREFIX}~` } }, { session }).toArray();
      const old = rows.filter(({ seen }) => age(seen, session) > FORGOTTEN);
      for (const { _id } of old) await this.#rows.deleteOne({ _id }, { session });
      return rows.filter(({ seen }) => age(seen, session) <= LIVES).map(({ _id, name, keyIds }) => ({ id: _id.slice(PREFIX.length), name, keyIds }));
    });
  }

  async leave(id: string): Promise<void> {
    await this.#connection.ask((session) => this.#rows.deleteOne({ _id: `${PREFIX}${id}` }, { session }));
  }
}

function age(seen: Timestamp, { operationTime }: ClientSession): number {
  return operationTime ? operationTime.t - seen.t : 0;
}
