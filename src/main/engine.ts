/** What a repository is kept in: the one place that chooses between SQLite and MongoDB. A part of the composition root. */
import { join } from "node:path";
import type { IndexRoom } from "../adapters/sqlite/open-index.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { indexTag } from "../search/summary.ts";
import { holdKeys } from "./shared-keys.ts";

/** Everything that one database gives. Closing the store closes all but the index. */
export interface Engine {
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  readonly positions: FollowerPositions;
  /** Whether nobody has begun a repository in it: then its keys may be made. */
  isNew(): Promise<boolean>;
  /** Refuses keys that are not those of the repository in it. AppError `damaged`. */
  holdKeys(keys: Pick<Keys, "wrap" | "unwrap" | "identityKeyOf">): Promise<void>;
  /** The index, and the verdicts on narratives. */
  openIndex(): Promise<IndexRoom>;
}

export interface EngineOptions {
  /** Whether the database may be made, of SQLite. */
  readonly mayCreate?: boolean;
  /** Whether another process may have it open, of SQLite. */
  readonly mayBeOpen?: boolean;
  /** Told when the database was looked at as a whole, and how many milliseconds that took. */
  readonly onCheck?: (milliseconds: number) => void;
}

export function openEngine(config: Config, options: EngineOptions = {}): Promise<Engine> {
  const { mongodbUrl } = config;
  return mongodbUrl === undefined ? openFiles(config, options) : openDatabase(config, mongodbUrl);
}

async function openFiles({ dataFolder, patientSystems }: Config, options: EngineOptions): Promise<Engine> {
  const { openSqlite } = await import("../adapters/sqlite/open.ts");
  const { openIndex } = await import("../adapters/sqlite/open-index.ts");
  const room = await openSqlite(join(dataFolder, "chartulary.db"), options);
  return {
    ...room,
    isNew: async () => (await room.store.checkpoint()) === undefined,
    // The file lies beside its keys, or its first checkpoint was signed with them: nobody else ever wrote to it.
    holdKeys: () => Promise.resolve(),
    openIndex: () => openIndex(join(dataFolder, "index.db"), { tag: indexTag(patientSystems) }),
  };
}

async function openDatabase({ patientSystems }: Config, url: string): Promise<Engine> {
  const { openMongo } = await import("../adapters/mongo/open.ts");
  const room = await openMongo(url);
  return {
    ...room,
    isNew: async () => (await room.store.checkpoint()) === undefined && (await room.laidDown.read()) === undefined,
    holdKeys: (keys) => holdKeys(keys, room.laidDown),
    openIndex: () => room.openIndex(indexTag(patientSystems)),
  };
}
