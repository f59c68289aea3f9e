/**
 * Removes what was staged and can never be committed any more. An administrator's work: the service may not remove, and no reader ever does.
 *
 * It is removed when it is older than an hour by the server's own time, *and* a commit was made at least half an hour after it. The second is what makes it safe: nobody
 * begins a commit of what was staged more than ten minutes ago (`LONGEST_STAGED`), and a commit that was on its way then was made upon a size that is taken since
 * (docs/design/mongo.md).
 */
import type { ClientSession, Collection, Db, Filter, Timestamp } from "mongodb";
import { AppError } from "../../core/errors.ts";
import { checkSchema } from "./check-schema.ts";
import { Connection, databaseOf } from "./connection.ts";
import { documentOfKey } from "./key-names.ts";
import type { ChunkRow, CommitRow, KeyRow, StagedRow } from "./rows.ts";

/** Seconds. */
const LEAST_AGE = 3_600;
const BEFORE_NEWEST_COMMIT = 1_800;
const BATCH = 1_000;

export interface Swept {
  readonly entries: number;
  readonly chunks: number;
  readonly keys: number;
  /** What is not committed and too young to be removed. */
  readonly left: number;
}

interface Row {
  readonly _id: string;
  readonly at: Timestamp;
}

/**
 * @param administrator a URL whose user may remove in that database
 * @param service the service's URL, which names the database; without one the administrator's does
 * @param onProgress told how many rows were looked at
 */
export async function sweep(
  administrator: string,
  service: string | undefined,
  onProgress: (looked: number) => void = () => undefined,
): Promise<Swept> {
  const connection = await Connection.open(administrator, { setting: "MONGODB_ADMIN_URL", database: databaseOf(service ?? administrator) });
  try {
    await checkSchema(connection);
    await refuseArriving(connection.db, (work) => connection.ask(work));
    return await new Sweep(connection, onProgress).run();
  } finally {
    await connection.close();
  }
}

/** What is staged in a database that is being filled stays until that is done. */
async function refuseArriving(db: Db, ask: Connection["ask"]): Promise<void> {
  const rows = await ask((session) =>
    db
      .collection<{ readonly _id: string }>("repository")
      .find({ _id: { $in: ["arriving", "arrived"] } }, { session, projection: { _id: 1 } })
      .toArray(),
  );
  if (rows.length === 1)
    throw new AppError("conflict", "the database is being filled by `chartulary copy` or `chartulary restore`: sweep it afterwards");
}

class Sweep {
  readonly #connection: Connection;
  readonly #db: Db;
  readonly #onProgress: (looked: number) => void;
  #looked = 0;
  #left = 0;
  /** In seconds of the server's time: what is younger stays. */
  #limit = 0;

  constructor(connection: Connection, onProgress: (looked: number) => void) {
    this.#connection = connection;
    this.#db = connection.db;
    this.#onProgress = onProgress;
  }

  async run(): Promise<Swept> {
    this.#limit = await this.#connection.ask((session) => limitNow(this.#db, session));
    // The document that leads to chunks first: without it nobody comes to them.
    const entries = await this.#remove(this.#db.collection<StagedRow>("staged"), (rows) => this.#uncommitted(rows, idOfEntry));
    const chunks = await this.#remove(this.#db.collection<ChunkRow>("chunks"), (rows) => this.#strayChunks(rows));
    const keys = await this.#remove(this.#db.collection<KeyRow>("keys"), (rows) => this.#uncommitted(rows, documentOfKey));
    return { entries, chunks, keys, left: this.#left };
  }

  /** Walks the ids of a collection, which lie in its index, and removes what is old of those that `stray` gives. */
  async #remove<Kept extends Row>(rows: Collection<Kept>, stray: (ids: readonly string[]) => Promise<readonly string[]>): Promise<number> {
    let removed = 0;
    for (let after = ""; ;) {
      const ids = await this.#page(rows, after);
      const last = ids.at(-1);
      if (last === undefined) return removed;
      after = last;
      removed += await this.#removeOld(rows, await stray(ids));
      this.#onProgress((this.#looked += ids.length));
    }
  }

  async #page<Kept extends Row>(rows: Collection<Kept>, after: string): Promise<string[]> {
    const beyond = { _id: { $gt: after } } as Filter<Kept>;
    const found = await this.#connection.ask((session) =>
      rows.find(beyond, { session, projection: { _id: 1 }, sort: { _id: 1 }, limit: BATCH, hint: "_id_" }).toArray(),
    );
    return found.map(({ _id }) => _id);
  }

  async #removeOld<Kept extends Row>(rows: Collection<Kept>, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return this.#connection.ask(async (session) => {
      const among = { _id: { $in: ids } } as Filter<Kept>;
      const found = await rows.find(among, { session, projection: { at: 1 } }).toArray();
      const old = found.filter((row) => row["at"].t < this.#limit).map(({ _id }) => _id);
      this.#left += found.length - old.length;
      if (old.length === 0) return 0;
      const { deletedCount } = await rows.deleteMany({ _id: { $in: old } } as Filter<Kept>, { session });
      return deletedCount;
    });
  }

  /** Those whose entry is in no commit. */
  async #uncommitted(ids: readonly string[], idOf: (id: string) => string): Promise<string[]> {
    const entries = [...new Set(ids.map(idOf))];
    const commits = await this.#connection.ask((session) =>
      this.#db
        .collection<CommitRow>("commits")
        .find({ "entries.id": { $in: entries } }, { session, projection: { "entries.id": 1 } })
        .toArray(),
    );
    const committed = new Set(commits.flatMap((commit) => commit.entries.map(({ id }) => id)));
    return ids.filter((id) => !committed.has(idOf(id)));
  }

  /** Chunks of entries that are in no commit, and of attempts to stage one that were broken off and made again. */
  async #strayChunks(ids: readonly string[]): Promise<string[]> {
    const ofEntry = ([entry = ""]: readonly string[]): string => entry;
    const uncommitted = new Set(await this.#uncommitted(ids, (id) => ofEntry(id.split("/"))));
    const entries = [...new Set(ids.map((id) => ofEntry(id.split("/"))))];
    const staged = await this.#connection.ask((session) =>
      this.#db
        .collection<StagedRow>("staged")
        .find({ _id: { $in: entries } }, { session, projection: { attempt: 1 } })
        .toArray(),
    );
    const attempts = new Map(staged.map(({ _id, attempt }) => [_id, attempt]));
    return ids.filter((id) => {
      const [entry = "", attempt] = id.split("/");
      return uncommitted.has(id) || attempts.get(entry) !== attempt;
    });
  }
}

function idOfEntry(id: string): string {
  return id;
}

async function limitNow(db: Db, session: ClientSession): Promise<number> {
  const newest = await db.collection<CommitRow>("commits").findOne({}, { session, sort: { _id: -1 }, projection: { at: 1 } });
  const { operationTime } = session;
  if (!operationTime) throw new AppError("unsupported", "the database does not tell its time: it must be a replica set or a sharded cluster");
  return newest ? Math.min(operationTime.t - LEAST_AGE, newest.at.t - BEFORE_NEWEST_COMMIT) : 0;
}
