/** What is there: the record, the index, files beside them. A part of the composition root. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Stats } from "../cli/command.ts";
import type { TrailStats } from "../cli/told.ts";
import type { Config } from "../config.ts";
import { FEED_KIND } from "../core/formats/identity-feed.ts";
import { statisticsOf } from "../pipeline/statistics.ts";
import type { KeptRecord } from "./kept-record.ts";
import { withKeptTrail } from "./kept-trail.ts";
import { nameOf } from "./repository-address.ts";
import { spoolOf, trailFile } from "./trail.ts";

/** Folders of files that can be made again, or lie there for moments. */
const FOLDERS = ["renditions", "spool"] as const;

export async function statsOf(config: Config, { keys, store, engine }: KeptRecord): Promise<Stats> {
  const inventory = engine.openInventory();
  try {
    const place =
      config.mongodbUrl === undefined
        ? ({ kind: "folder", folder: config.dataFolder } as const)
        : ({ kind: "mongodb", url: config.mongodbUrl } as const);
    const record = await statisticsOf({ store, inventory, pastLogs: keys.pastLogs.length, epochs: keys.master.epochs() });
    const { bytes, index: rows } = await engine.figures();
    // Messages of identity feeds have rows as documents have.
    const index = rows && { ...rows, documents: Math.max(0, rows.documents - (record.kinds[FEED_KIND] ?? 0)) };
    const folders = await Promise.all(FOLDERS.map(async (name) => ({ what: name, ...(await contentsOf(join(config.dataFolder, name))) })));
    const { trail, files } = await trailStats(config);
    return { place: nameOf(place), origin: keys.log.origin, ...record, bytes: [...bytes, ...files, ...folders], index, trail, closure: await store.closure() }; // prettier-ignore
  } finally {
    await inventory.close();
  }
}

/** What is in the audit trail, counted; a file that is not there is not made. */
async function trailStats(config: Config): Promise<{ readonly trail: TrailStats | undefined; readonly files: Stats["bytes"] }> {
  const spooled = (await spoolOf(config).waiting()).length;
  const trail = await withKeptTrail(config, async (kept) => {
    if (!kept) return undefined;
    const logs = await Promise.all((await kept.logs()).map(async (log) => ({ log, size: (await kept.checkpoint(log))?.size ?? 0 })));
    return { ...(await kept.tally()), logs, spooled };
  });
  if (config.mongodbUrl !== undefined || !trail) return { trail, files: [] };
  const file = trailFile(config);
  const files = [["audit trail", file], ["audit trail's write-ahead log", `${file}-wal`]] as const; // prettier-ignore
  return {
    trail,
    files: await Promise.all(files.map(async ([what, path]) => ({ what, bytes: (await stat(path).catch(() => undefined))?.size ?? 0 }))),
  };
}

/** How many files are in a folder, and how large; nothing when there is none. */
async function contentsOf(folder: string): Promise<{ readonly files: number; readonly bytes: number }> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  let bytes = 0;
  for (const { parentPath, name } of files) bytes += (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0;
  return { files: files.length, bytes };
}
