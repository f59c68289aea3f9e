/** Events of subscriptions in a backup, and back from there, and in a copy. A part of the composition root. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TarFile } from "../adapters/archive/tar-file.ts";
import type { Config } from "../config.ts";
import type { EventRows } from "../events/event-rows.ts";
import { copyEvents, readEvents, writeEvents } from "../events/events-archive.ts";
import { MATCHING } from "../events/matching-follower.ts";
import type { Arrival } from "./arrival.ts";
import type { Engine } from "./engine.ts";

/** What a backup's folder holds of them. */
const EVENTS = "events.tar";
/** The file in a data folder. */
const FILE = "events.db";

type Kept = Pick<Engine, "openEvents" | "positions">;

/** Adds to a backup what was matched since; gives how many events. @param size of the backup's record */
export function backupEvents(folder: string, config: Config, { engine, size }: { readonly engine: Kept; readonly size: number }): Promise<number> {
  return withKept(config, engine, async (rows) => {
    const matched = (await engine.positions.read(MATCHING))?.position;
    const archive = await TarFile.open(join(folder, EVENTS), "w");
    try {
      return await writeEvents(rows, archive, { upTo: size, matched });
    } finally {
      await archive.close();
    }
  });
}

/** Puts those of a backup where a repository arrives; gives how many: none of a backup of an earlier version. AppError `damaged`. */
export async function restoreEvents(folder: string, arrival: Pick<Arrival, "openEvents" | "positions">): Promise<number> {
  const file = join(folder, EVENTS);
  if (!(await isThere(file))) return 0;
  const archive = await TarFile.open(file, "r");
  const rows = await arrival.openEvents();
  try {
    const { count, matched } = await readEvents(archive, rows);
    if (matched !== undefined) await arrival.positions.begin(MATCHING, matched);
    return count;
  } finally {
    await rows.close();
    await archive.close();
  }
}

/** Copies them to where a repository arrives; gives how many. */
export function bringEvents(
  config: Config,
  { engine, arrival, size }: { readonly engine: Kept; readonly arrival: Pick<Arrival, "openEvents" | "positions">; readonly size: number },
): Promise<number> {
  return withKept(config, engine, async (from) => {
    const to = await arrival.openEvents();
    try {
      const count = await copyEvents(from, to, size);
      await arrival.positions.begin(MATCHING, Math.min((await engine.positions.read(MATCHING))?.position ?? size, size));
      return count;
    } finally {
      await to.close();
    }
  });
}

/** Nothing is made where a folder has none. */
async function withKept(config: Config, engine: Kept, work: (rows: EventRows) => Promise<number>): Promise<number> {
  if (config.mongodbUrl === undefined && !(await isThere(join(config.dataFolder, FILE)))) return 0;
  const rows = await engine.openEvents();
  try {
    return await work(rows);
  } finally {
    await rows.close();
  }
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
