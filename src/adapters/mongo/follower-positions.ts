import type { Collection, Filter, UpdateFilter } from "mongodb";
import type { FollowerPosition, FollowerPositions } from "../../followers/position-port.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { numberOf, textOf } from "./rows.ts";

interface FollowerRow {
  readonly _id: string;
  readonly position: number;
  readonly holder?: string;
  readonly leasedUntil?: number;
}

/** The port FollowerPositions in a collection: each change is one update of one document, under a condition upon it. */
export class MongoFollowerPositions implements FollowerPositions {
  readonly #connection: Connection;
  readonly #followers: Collection<FollowerRow>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#followers = connection.db.collection("followers");
  }

  async read(name: string): Promise<FollowerPosition | undefined> {
    const row = await this.#connection.ask((session) => this.#followers.findOne({ _id: name }, { session }));
    if (!row) return undefined;
    const { holder, leasedUntil } = row;
    return {
      position: numberOf(row.position, "followers"),
      ...(holder !== undefined && { holder: textOf(holder, "followers"), leasedUntil: numberOf(leasedUntil, "followers") }),
    };
  }

  async begin(name: string, position: number): Promise<void> {
    await this.#connection.ask(async (session) => {
      await this.#followers.insertOne({ _id: name, position }, { session }).catch((cause: unknown) => {
        if (!isDuplicate(cause)) throw cause;
      });
    });
  }

  lease(name: string, holder: string, { now, until }: { readonly now: number; readonly until: number }): Promise<boolean> {
    return this.#changes({ _id: name, ...heldBy(holder, now) }, { $set: { holder, leasedUntil: until } });
  }

  move(name: string, holder: string, { from, to, now }: { readonly from: number; readonly to: number; readonly now: number }): Promise<boolean> {
    return this.#changes({ _id: name, position: from, ...heldBy(holder, now) }, { $set: { position: to } });
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#changes({ _id: name, holder }, { $unset: { holder: "", leasedUntil: "" } });
  }

  async #changes(filter: Filter<FollowerRow>, change: UpdateFilter<FollowerRow>): Promise<boolean> {
    const { matchedCount } = await this.#connection.ask((session) => this.#followers.updateOne(filter, change, { session }));
    return matchedCount > 0;
  }
}

/** That nobody holds the lease, or this one does, or it has run out. */
function heldBy(holder: string, now: number): Filter<FollowerRow> {
  return { $or: [{ holder: { $exists: false } }, { holder }, { leasedUntil: { $lte: now } }] };
}
