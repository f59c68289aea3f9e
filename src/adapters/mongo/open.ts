import type { EventRows } from "../../events/event-rows.ts";
import type { FollowerPositions } from "../../followers/position-port.ts";
import type { JobRows } from "../../jobs/job-rows.ts";
import type { VerdictCache } from "../../pipeline/render/narrative/verdict-cache.ts";
import type { Instances } from "../../pipeline/epochs/instances.ts";
import type { TrailStore } from "../../pipeline/trail/trail-store.ts";
import type { WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { EngineFigures } from "../../pipeline/store/figures.ts";
import type { RecordInventory } from "../../pipeline/store/record-inventory.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import type { SessionRows } from "../../pipeline/store/session-rows.ts";
import type { IndexInventory } from "../../search/index-inventory.ts";
import type { IndexPort } from "../../search/index-port.ts";
import type { CosignedStore } from "../../pipeline/witness/witness-port.ts";
import { checkSchema } from "./check-schema.ts";
import { Connection, type ConnectOptions } from "./connection.ts";
import { mongoCosigned } from "./cosigned.ts";
import { MongoEventRows } from "./event-rows.ts";
import { isDuplicate } from "./failure.ts";
import { figuresOf } from "./figures.ts";
import { MongoFollowerPositions } from "./follower-positions.ts";
import { IndexStates } from "./index-state.ts";
import { MongoIndexInventory } from "./index-inventory.ts";
import { MongoIndex } from "./index-store.ts";
import { MongoInstances } from "./instances.ts";
import { MongoInventory } from "./inventory.ts";
import { MongoJobRows } from "./job-rows.ts";
import { KeyEpochs } from "./key-names.ts";
import { MongoRecordStore } from "./record-store.ts";
import { MongoSessionRows } from "./session-rows.ts";
import { Staging } from "./staging.ts";
import { MongoTrail } from "./trail-store.ts";
import { MongoVerdictCache } from "./verdict-cache.ts";
import { MongoWrappedKeys } from "./wrapped-keys.ts";

/** What one database gives. Closing the store closes all. */
export interface OpenedMongo {
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  readonly positions: FollowerPositions;
  /** Everything that is kept, row by row; for as long as the store is open. */
  openInventory(): RecordInventory;
  /** The index row by row, as it is kept, where there is one; for as long as the store is open. */
  openIndexInventory(): IndexInventory;
  figures(): Promise<EngineFigures>;
  readonly instances: Instances;
  /** What is kept for a time; closed with the store. */
  readonly sessions: SessionRows;
  /** What subscriptions were told and are to be told; closed with the store. */
  readonly events: EventRows;
  /** Work that goes on behind requests; closed with the store. */
  readonly jobs: JobRows;
  /** Checkpoints that witnesses cosigned; closed with the store. */
  readonly cosigned: CosignedStore;
  /** What is laid down once for all instances, under a name. */
  laidDown(name: LaidDownName): LaidDown;
  /** The tag of the index that is there; undefined when there is none. */
  heldIndexTag(): Promise<string | undefined>;
  /**
   * The index, and the verdicts on narratives.
   *
   * @param tag by which version of the indexer and under which settings it is made; an index that was made otherwise is emptied
   */
  openIndex(tag: string): Promise<{ readonly index: IndexPort; readonly verdicts: VerdictCache; close(): Promise<void> }>;
}

/** `keys`: by what the repository's keys are known. `arriving`: that somebody fills the database, `arrived`: that it was filled to its end. */
export type LaidDownName = "keys" | "arriving" | "arrived";

/** A text that is laid down once for all instances. */
export interface LaidDown {
  read(): Promise<string | undefined>;
  /** Lays it down unless there is one; gives the one that stands. */
  lay(text: string): Promise<string>;
}

export interface OpenMongoOptions extends ConnectOptions {
  /** Whether whoever opens it fills it from elsewhere, and has said so (`arriving`). */
  readonly isArriving?: boolean;
}

/**
 * Opens a database that `chartulary mongo init` has made ready. Nothing is made here.
 *
 * @throws AppError `unsupported` that names what is missing, `invalid`, `unavailable`
 */
export async function openMongo(url: string, { isArriving = false, ...options }: OpenMongoOptions = {}): Promise<OpenedMongo> {
  const connection = await connectChecked(url, options);
  // Nothing is swept from a database that is being filled (sweep.ts), and what an interrupted run staged is staged again under the same ids.
  const staging = new Staging(connection, isArriving ? Infinity : undefined);
  const epochs = new KeyEpochs(connection);
  return {
    store: new MongoRecordStore(connection, staging),
    wrappedKeys: new MongoWrappedKeys(connection, staging, epochs),
    positions: new MongoFollowerPositions(connection),
    openInventory: () => new MongoInventory(connection, epochs),
    openIndexInventory: () => new MongoIndexInventory(new IndexStates(connection, "")),
    figures: () => figuresOf(connection),
    instances: new MongoInstances(connection),
    sessions: new MongoSessionRows(connection),
    events: new MongoEventRows(connection),
    jobs: new MongoJobRows(connection),
    cosigned: mongoCosigned(connection),
    laidDown: (name) => laidDown(connection, name),
    heldIndexTag: () => IndexStates.tagIn(connection),
    openIndex: async (tag) => {
      const states = new IndexStates(connection, tag);
      await states.prepare();
      // Rows that an emptied index left behind, or somebody who was asleep. Nobody waits for it; what is not done now is done at the next start.
      void states.sweep().catch(() => undefined);
      const index = new MongoIndex(states);
      return { index, verdicts: new MongoVerdictCache(connection), close: () => index.close() };
    },
  };
}

/** Opens the audit trail of a database that `chartulary mongo init` has made ready, by a connection of its own. AppErrors as of `openMongo`. */
export async function openMongoTrail(url: string, options: ConnectOptions = {}): Promise<TrailStore> {
  return new MongoTrail(await connectChecked(url, options));
}

/** A connection to a database that has all that it must. */
async function connectChecked(url: string, options: ConnectOptions): Promise<Connection> {
  const connection = await Connection.open(url, options);
  try {
    await checkSchema(connection);
    return connection;
  } catch (cause) {
    await connection.close();
    throw cause;
  }
}

interface LaidDownRow {
  readonly _id: LaidDownName;
  readonly text: string;
}

function laidDown(connection: Connection, name: LaidDownName): LaidDown {
  const rows = connection.db.collection<LaidDownRow>("repository");
  const read = async (): Promise<string | undefined> => {
    const row = await connection.ask((session) => rows.findOne({ _id: name }, { session }));
    return row?.text;
  };
  return {
    read,
    lay: async (text) => {
      const there = await read();
      if (there !== undefined) return there;
      await connection.ask(async (session) => {
        await rows.insertOne({ _id: name, text }, { session }).catch((cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
        });
      });
      return (await read()) ?? text;
    },
  };
}
