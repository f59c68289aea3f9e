/** Cosigned checkpoints in a backup, and back from there, and in a copy. A part of the composition root. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TarFile } from "../adapters/archive/tar-file.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { copyCosigned, readCosigned, writeCosigned } from "../pipeline/backup/cosigned-archive.ts";
import type { CosignedStore } from "../pipeline/witness/witness-port.ts";
import type { Arrival } from "./arrival.ts";
import type { Engine } from "./engine.ts";

/** What a backup's folder holds of them, where there are any. */
const COSIGNED = "cosigned.tar";
/** The file in a data folder. */
const FILE = "cosigned.db";

type Kept = Pick<Engine, "openCosigned">;

/** Adds to a backup what witnesses cosigned since; gives how many. @param size of the backup's record */
export function backupCosigned(
  folder: string,
  config: Config,
  { engine, keys, size }: { readonly engine: Kept; readonly keys: Keys; readonly size: number },
): Promise<number> {
  return withKept(config, engine, async (store) => {
    const archive = await TarFile.open(join(folder, COSIGNED), "w");
    try {
      return await writeCosigned(store, archive, { logs: logsOf(keys), upTo: size });
    } finally {
      await archive.close();
    }
  });
}

/** Puts those of a backup where a repository arrives; gives how many: none of a backup of an earlier version. AppError `damaged`. */
export async function restoreCosigned(
  folder: string,
  { arrival, keys, roots }: { readonly arrival: Pick<Arrival, "openCosigned">; readonly keys: Keys; readonly roots: ReadonlyMap<number, Uint8Array> },
): Promise<number> {
  const file = join(folder, COSIGNED);
  if (!(await isThere(file))) return 0;
  const archive = await TarFile.open(file, "r");
  try {
    const store = await arrival.openCosigned();
    try {
      return await readCosigned(archive, store, { logs: logsOf(keys), roots });
    } finally {
      await store.close();
    }
  } finally {
    await archive.close();
  }
}

/** Copies them to where a repository arrives; gives how many. */
export function bringCosigned(
  config: Config,
  {
    engine,
    keys,
    arrival,
    size,
  }: { readonly engine: Kept; readonly keys: Keys; readonly arrival: Pick<Arrival, "openCosigned">; readonly size: number },
): Promise<number> {
  return withKept(config, engine, async (from) => {
    const to = await arrival.openCosigned();
    try {
      return await copyCosigned(from, to, { logs: logsOf(keys), upTo: size });
    } finally {
      await to.close();
    }
  });
}

/** Nothing is made where a folder has none. */
async function withKept(config: Config, engine: Kept, work: (store: CosignedStore) => Promise<number>): Promise<number> {
  if (config.mongodbUrl === undefined && !(await isThere(join(config.dataFolder, FILE)))) return 0;
  const store = await engine.openCosigned();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function logsOf({ log, pastLogs }: Keys): Keys["pastLogs"] {
  return [log, ...pastLogs];
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
