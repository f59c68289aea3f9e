import type { FollowerPositions } from "../../followers/position-port.ts";
import type { VerdictCache } from "../../pipeline/render/narrative/verdict-cache.ts";
import type { WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import type { IndexPort } from "../../search/index-port.ts";
import { checkSchema } from "./check-schema.ts";
import { Connection, type ConnectOptions } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { MongoFollowerPositions } from "./follower-positions.ts";
import { IndexStates } from "./index-state.ts";
import { MongoIndex } from "./index-store.ts";
import { MongoRecordStore } from "./record-store.ts";
import { Staging } from "./staging.ts";
import { MongoVerdictCache } from "./verdict-cache.ts";
import { MongoWrappedKeys } from "./wrapped-keys.ts";

/** What one database gives. Closing the store closes all. */
export interface OpenedMongo {
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  readonly positions: FollowerPositions;
  /** What was laid down about the repository's keys by whoever was here first. */
  readonly laidDown: LaidDown;
  /** The tag of the index that is there; undefined when there is none. */
  heldIndexTag(): Promise<string | undefined>;
  /**
   * The index, and the verdicts on narratives.
   *
   * @param tag by which version of the indexer and under which settings it is made; an index that was made otherwise is emptied
   */
  openIndex(tag: string): Promise<{ readonly index: IndexPort; readonly verdicts: VerdictCache; close(): Promise<void> }>;
}

/** A text that is laid down once for all instances. */
export interface LaidDown {
  read(): Promise<string | undefined>;
  /** Lays it down unless there is one; gives the one that stands. */
  lay(text: string): Promise<string>;
}

/**
 * Opens a database that `chartulary mongo init` has made ready. Nothing is made here.
 *
 * @throws AppError `unsupported` that names what is missing, `invalid`, `unavailable`
 */
export async function openMongo(url: string, options: ConnectOptions = {}): Promise<OpenedMongo> {
  const connection = await Connection.open(url, options);
  try {
    await checkSchema(connection);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  const staging = new Staging(connection);
  return {
    store: new MongoRecordStore(connection, staging),
    wrappedKeys: new MongoWrappedKeys(connection, staging),
    positions: new MongoFollowerPositions(connection),
    laidDown: laidDown(connection),
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

interface KeysRow {
  readonly _id: "keys";
  readonly text: string;
}

function laidDown(connection: Connection): LaidDown {
  const rows = connection.db.collection<KeysRow>("repository");
  const read = async (): Promise<string | undefined> => {
    const row = await connection.ask((session) => rows.findOne({ _id: "keys" }, { session }));
    return row?.text;
  };
  return {
    read,
    lay: async (text) => {
      const there = await read();
      if (there !== undefined) return there;
      await connection.ask(async (session) => {
        await rows.insertOne({ _id: "keys", text }, { session }).catch((cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
        });
      });
      return (await read()) ?? text;
    },
  };
}
