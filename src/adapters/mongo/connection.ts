import { MongoClient, type ClientSession, type Db, type MongoClientOptions, type Timestamp } from "mongodb";
import { AppError } from "../../core/errors.ts";
import { failureOf } from "./failure.ts";

/** The database's name where the URL gives none. */
const DEFAULT_DATABASE = "chartulary";
/** The wire version of MongoDB 6.0: what is older is out of support. */
const LEAST_WIRE_VERSION = 17;
/** How long a read by `_id` that must be true may take, in milliseconds. It waits for a majority. */
export const LINEARIZABLE_LIMIT = 5_000;

/** What everything here rests on, whatever the URL says: reads and writes go to the primary, a write is done when a majority has it on disk, a read sees nothing that could be taken back. */
const OPTIONS: MongoClientOptions = {
  appName: "chartulary",
  readPreference: "primary",
  readConcern: { level: "majority" },
  writeConcern: { w: "majority", journal: true, wtimeoutMS: 15_000 },
  retryWrites: true,
  retryReads: true,
  ignoreUndefined: true,
  promoteBuffers: true,
};

/** Nothing waits for ever; how long, in milliseconds, and how many connections there are, a URL may say otherwise. */
const BOUNDS = { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000, socketTimeoutMS: 20_000, maxPoolSize: 32 } as const;

export interface ConnectOptions {
  /** Given the client before it connects: for tests that look at its commands, and for measuring them. */
  readonly onClient?: ((client: MongoClient) => void) | undefined;
  /** The setting that the URL comes from, for whoever is told of a fault. Default MONGODB_URL. */
  readonly setting?: string;
  /** The database, where it is not the URL's. */
  readonly database?: string;
}

/**
 * A connection to one database. Every call goes through `ask`, in a session of its own that is *causally consistent* with all that were before: what this process once
 * saw or wrote it sees ever after, also from a primary that was elected since (mongodb.com/docs, Causal Consistency; it needs majority reads and writes, which we have).
 */
export class Connection {
  readonly client: MongoClient;
  readonly db: Db;
  #operationTime: Timestamp | undefined;
  #clusterTime: ClientSession["clusterTime"];
  #isClosed = false;

  private constructor(client: MongoClient, db: Db) {
    this.client = client;
    this.db = db;
  }

  /** @throws AppError `invalid` for a URL that is none, `unsupported` for a server on which nothing of this holds, `unavailable`. */
  static async open(url: string, { onClient, setting = "MONGODB_URL", database }: ConnectOptions = {}): Promise<Connection> {
    let client: MongoClient | undefined;
    try {
      client = clientFor(url, onClient);
      await client.connect();
      const connection = new Connection(client, client.db(database ?? databaseOf(url)));
      await connection.ask((session) => refuseUnfit(connection.db, session));
      return connection;
    } catch (cause) {
      await client?.close().catch(() => undefined);
      const { code, message } = failureOf(cause);
      throw new AppError(code, `${message} (${setting})`, { cause });
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Runs calls to the engine; every failure becomes an AppError. */
  async ask<Result>(work: (session: ClientSession) => Promise<Result>): Promise<Result> {
    return this.attempt(work).catch((cause: unknown) => {
      throw failureOf(cause);
    });
  }

  /** The same with the engine's own errors, for whoever tells them apart. AppError `unavailable` when it is closed. */
  async attempt<Result>(work: (session: ClientSession) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new AppError("unavailable", "the database is closed");
    const session = this.client.startSession({ causalConsistency: true });
    try {
      if (this.#clusterTime) session.advanceClusterTime(this.#clusterTime);
      if (this.#operationTime) session.advanceOperationTime(this.#operationTime);
      return await work(session);
    } finally {
      this.#note(session);
      await session.endSession();
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.client.close();
  }

  #note({ operationTime, clusterTime }: ClientSession): void {
    if (operationTime && (!this.#operationTime || operationTime.greaterThan(this.#operationTime))) this.#operationTime = operationTime;
    if (clusterTime && (!this.#clusterTime || clusterTime.clusterTime.greaterThan(this.#clusterTime.clusterTime))) this.#clusterTime = clusterTime;
  }
}

/** The name of the database in a URL. */
export function databaseOf(url: string): string {
  const name = /^mongodb(?:\+srv)?:\/\/[^/?]*\/([^?]*)/.exec(url)?.[1] ?? "";
  return name === "" ? DEFAULT_DATABASE : decodeURIComponent(name);
}

function clientFor(url: string, onClient: ConnectOptions["onClient"]): MongoClient {
  try {
    const bounds = Object.entries(BOUNDS).filter(([name]) => !new RegExp(`[?&]${name}=`, "i").test(url));
    const client = new MongoClient(url, { ...Object.fromEntries(bounds), ...OPTIONS, monitorCommands: onClient !== undefined });
    onClient?.(client);
    return client;
  } catch (cause) {
    // The driver's words may quote the URL, and the URL a password.
    throw new AppError("invalid", "the URL of the database is not one that the driver understands", { cause });
  }
}

/** Without replication nothing is confirmed by a majority, no write can be tried again and no session is consistent. */
async function refuseUnfit(db: Db, session: ClientSession): Promise<void> {
  const hello = await db.command({ hello: 1 }, { session });
  if (typeof hello["setName"] !== "string" && hello["msg"] !== "isdbgrid")
    throw new AppError("unsupported", "the database is a server by itself: it must be a replica set (of one member at least) or a sharded cluster");
  if (Number(hello["maxWireVersion"]) < LEAST_WIRE_VERSION) throw new AppError("unsupported", "the database is older than MongoDB 6.0");
}
