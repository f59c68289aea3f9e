/** Cosigned checkpoints in a backup, and back from there, and in a copy. A part of the composition root. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { copyCosigned, readCosigned, writeCosigned } from "../pipeline/backup/cosigned-archive.ts";
import type { Arrival } from "./arrival.ts";
import type { Engine } from "./engine.ts";
import { during, isThere, withArchive, withKept } from "./kept-aside.ts";

/** What a backup's folder holds of them, where there are any. */
const COSIGNED = "cosigned.tar";
/** The file in a data folder. */
const FILE = "cosigned.db";

type Kept = Pick<Engine, "openCosigned">;

const kept = (engine: Kept) => ({ file: FILE, open: () => engine.openCosigned() });

/** Adds to a backup what witnesses cosigned since; gives how many. @param size of the backup's record */
export function backupCosigned(
  folder: string,
  config: Config,
  { engine, keys, size }: { readonly engine: Kept; readonly keys: Keys; readonly size: number },
): Promise<number> {
  return withKept(config, kept(engine), (store) =>
    withArchive(join(folder, COSIGNED), "w", (archive) => writeCosigned(store, archive, { logs: logsOf(keys), upTo: size })),
  );
}

/** Puts those of a backup where a repository arrives; gives how many: none of a backup of an earlier version. AppError `damaged`. */
export async function restoreCosigned(
  folder: string,
  { arrival, keys, roots }: { readonly arrival: Pick<Arrival, "openCosigned">; readonly keys: Keys; readonly roots: ReadonlyMap<number, Uint8Array> },
): Promise<number> {
  const file = join(folder, COSIGNED);
  if (!(await isThere(file))) return 0;
  return withArchive(file, "r", (archive) => during(arrival.openCosigned(), (store) => readCosigned(archive, store, { logs: logsOf(keys), roots })));
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
  return withKept(config, kept(engine), (from) => during(arrival.openCosigned(), (to) => copyCosigned(from, to, { logs: logsOf(keys), upTo: size })));
}

function logsOf({ log, pastLogs }: Keys): Keys["pastLogs"] {
  return [log, ...pastLogs];
}
