/** What is there: the record, the index, files beside them. A part of the composition root. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Stats } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { FEED_KIND } from "../core/formats/identity-feed.ts";
import { statisticsOf } from "../pipeline/statistics.ts";
import type { KeptRecord } from "./kept-record.ts";
import { nameOf } from "./repository-address.ts";

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
    return { place: nameOf(place), origin: keys.log.origin, ...record, bytes: [...bytes, ...folders], index, closure: await store.closure() };
  } finally {
    await inventory.close();
  }
}

/** How many files are in a folder, and how large; nothing when there is none. */
async function contentsOf(folder: string): Promise<{ readonly files: number; readonly bytes: number }> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  let bytes = 0;
  for (const { parentPath, name } of files) bytes += (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0;
  return { files: files.length, bytes };
}
