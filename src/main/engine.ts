/** What a repository is kept in: the one place that chooses between SQLite and MongoDB. A part of the composition root. */
import { join } from "node:path";
import type { openIndex as openSqliteIndex, OpenedIndex } from "../adapters/sqlite/open-index.ts";
import type { OpenOptions, OpenedSqlite } from "../adapters/sqlite/open.ts";
import type { openSessionRows } from "../adapters/sqlite/session-rows.ts";
import type { openEventRows } from "../adapters/sqlite/event-rows.ts";
import type { openCosignedFile } from "../adapters/sqlite/cosigned-file.ts";
import type { OpenedMongo } from "../adapters/mongo/open.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import type { openJobRows } from "../adapters/sqlite/job-rows.ts";
import type { EventRows } from "../events/event-rows.ts";
import type { JobRows } from "../jobs/job-rows.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { Instances } from "../pipeline/epochs/instances.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { EngineFigures } from "../pipeline/store/figures.ts";
import type { RecordInventory } from "../pipeline/store/record-inventory.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { CosignedStore } from "../pipeline/witness/witness-port.ts";
import type { SessionRows } from "../pipeline/store/session-rows.ts";
import { indexTag } from "../search/describe-document.ts";
import type { IndexInventory } from "../search/index-inventory.ts";
import { holdKeys, type HeldKeys } from "./shared-keys.ts";

/** Everything that one database gives. Closing the store closes all but the index. */
export interface Engine {
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  readonly positions: FollowerPositions;
  /** Everything that is kept, row by row. Close it before the store. */
  openInventory(): RecordInventory;
  /** The index row by row, as it is kept, where there is one. Close it before the store. */
  openIndexInventory(): Promise<IndexInventory>;
  figures(): Promise<EngineFigures>;
  /** The instances that work on the database, where they may be on several machines. */
  readonly instances?: Instances;
  /** Whether nobody has begun a repository in it: then its keys may be made. */
  isNew(): Promise<boolean>;
  /** Refuses keys that are not those of the repository in it. AppError `damaged`. */
  holdKeys(keys: HeldKeys): Promise<void>;
  /** The index, and the verdicts on narratives. One that was made otherwise is emptied. */
  openIndex(): Promise<OpenedIndex>;
  /** Checkpoints that witnesses cosigned, made where there are none. Close it before the store. */
  openCosigned(): Promise<CosignedStore>;
  /** What is kept for a time, made where there is none. Close it before the store. */
  openSessions(): Promise<SessionRows>;
  /** What subscriptions were told and are to be told, made where there is none. Close it before the store. */
  openEvents(): Promise<EventRows>;
  /** Work that goes on behind requests, made where there is none. Close it before the store. */
  openJobs(): Promise<JobRows>;
  /** By which version of the indexer and under which settings the index that is there was made; undefined when there is none. */
  heldIndexTag(): Promise<string | undefined>;
}

export interface EngineOptions {
  /** Whether the database may be made, of SQLite. */
  readonly mayCreate?: boolean;
  /** Whether another process may have it open, of SQLite. */
  readonly mayBeOpen?: boolean;
  /** Whether SQLite works in threads of its own, so that nothing of it holds up who asks: for a service. */
  readonly inThreads?: boolean;
  /** Told when the database was looked at as a whole, and how many milliseconds that took. */
  readonly onCheck?: (milliseconds: number) => void;
}

export function openEngine(config: Config, options: EngineOptions = {}): Promise<Engine> {
  const { mongodbUrl } = config;
  return mongodbUrl === undefined ? openFiles(config, options) : openDatabase(config, mongodbUrl);
}

async function openFiles({ dataFolder, patientSystems, hasFullText }: Config, { inThreads = false, ...options }: EngineOptions): Promise<Engine> {
  const { openRecord, openIndex, openSessions, openEvents, openJobs, openCosigned } = inThreads ? await threads() : await here();
  const { openInventory } = await import("../adapters/sqlite/inventory.ts");
  const file = join(dataFolder, "chartulary.db");
  const room = await openRecord(file, options);
  return {
    ...room,
    openInventory: () => openInventory(file),
    openIndexInventory: async () => (await import("../adapters/sqlite/index-inventory.ts")).openIndexInventory(join(dataFolder, "index.db")),
    figures: async () => (await import("../adapters/sqlite/figures.ts")).figuresOf(file, join(dataFolder, "index.db")),
    isNew: async () => (await room.store.checkpoint()) === undefined,
    // The file lies beside its keys, or its first checkpoint was signed with them: nobody else ever wrote to it.
    holdKeys: () => Promise.resolve(),
    openCosigned: () => openCosigned(join(dataFolder, "cosigned.db")),
    openSessions: () => openSessions(join(dataFolder, "sessions.db"), {}),
    openEvents: () => openEvents(join(dataFolder, "events.db"), {}),
    openJobs: () => openJobs(join(dataFolder, "jobs.db"), {}),
    openIndex: () => openIndex(join(dataFolder, "index.db"), { tag: indexTag(patientSystems, hasFullText) }),
    heldIndexTag: async () => (await import("../adapters/sqlite/open-index.ts")).indexTagIn(join(dataFolder, "index.db")),
  };
}

/** The ways to open SQLite's files. */
interface Openers {
  readonly openRecord: (file: string, options: OpenOptions) => Promise<OpenedSqlite>;
  readonly openIndex: typeof openSqliteIndex;
  readonly openSessions: typeof openSessionRows;
  readonly openEvents: typeof openEventRows;
  readonly openJobs: typeof openJobRows;
  readonly openCosigned: typeof openCosignedFile;
}

async function here(): Promise<Openers> {
  const [record, index, sessions, { openEventRows: openEvents }, { openJobRows: openJobs }, { openCosignedFile: openCosigned }] = await Promise.all([
    import("../adapters/sqlite/open.ts"),
    import("../adapters/sqlite/open-index.ts"),
    import("../adapters/sqlite/session-rows.ts"),
    import("../adapters/sqlite/event-rows.ts"),
    import("../adapters/sqlite/job-rows.ts"),
    import("../adapters/sqlite/cosigned-file.ts"),
  ]);
  return { openRecord: record.openSqlite, openIndex: index.openIndex, openSessions: sessions.openSessionRows, openEvents, openJobs, openCosigned };
}

async function threads(): Promise<Openers> {
  const [record, index, sessions, { openEventThread: openEvents }, { openJobThread: openJobs }, { openCosignedThread: openCosigned }] =
    await Promise.all([
      import("../adapters/sqlite/thread/sqlite-thread.ts"),
      import("../adapters/sqlite/thread/index-thread.ts"),
      import("../adapters/sqlite/thread/session-thread.ts"),
      import("../adapters/sqlite/thread/event-thread.ts"),
      import("../adapters/sqlite/thread/job-thread.ts"),
      import("../adapters/sqlite/thread/cosigned-thread.ts"),
    ]);
  return {
    openRecord: record.openSqliteThread,
    openIndex: index.openIndexThread,
    openSessions: sessions.openSessionThread,
    openEvents,
    openJobs,
    openCosigned,
  };
}

async function openDatabase({ patientSystems, hasFullText }: Config, url: string): Promise<Engine> {
  const { openMongo } = await import("../adapters/mongo/open.ts");
  const room = await openMongo(url);
  try {
    await refuseArriving(room);
  } catch (error) {
    await room.store.close();
    throw error;
  }
  const keysLaidDown = room.laidDown("keys");
  return {
    ...room,
    openIndexInventory: () => Promise.resolve(room.openIndexInventory()),
    isNew: async () => (await room.store.checkpoint()) === undefined && (await keysLaidDown.read()) === undefined,
    holdKeys: async (keys) => {
      await holdKeys(keys, keysLaidDown);
      // Whoever begins to fill a database looks for these keys after saying so: one of the two sees the other.
      await refuseArriving(room);
    },
    openCosigned: () => Promise.resolve(room.cosigned),
    openSessions: () => Promise.resolve(room.sessions),
    openEvents: () => Promise.resolve(room.events),
    openJobs: () => Promise.resolve(room.jobs),
    openIndex: () => room.openIndex(indexTag(patientSystems, hasFullText)),
    heldIndexTag: () => room.heldIndexTag(),
  };
}

/** A database that is being filled from elsewhere is nobody's yet. AppError `conflict`. */
async function refuseArriving(room: Pick<OpenedMongo, "laidDown">): Promise<void> {
  const [arriving, arrived] = await Promise.all([room.laidDown("arriving").read(), room.laidDown("arrived").read()]);
  if (arriving !== undefined && arrived === undefined)
    throw new AppError(
      "conflict",
      "the database (MONGODB_URL) is being filled by `chartulary copy` or `chartulary restore`, which has not come to its end: run it once more, or drop the database",
    );
}
