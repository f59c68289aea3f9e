/** Events of subscriptions in a backup, and back from there, and in a copy. A part of the composition root. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import { copyEvents, readEvents, writeEvents } from "../events/events-archive.ts";
import { MATCHING } from "../events/matching-follower.ts";
import type { Arrival } from "./arrival.ts";
import type { Engine } from "./engine.ts";
import { during, isThere, withArchive, withKept } from "./kept-aside.ts";

/** What a backup's folder holds of them. */
const EVENTS = "events.tar";
/** The file in a data folder. */
const FILE = "events.db";

type Kept = Pick<Engine, "openEvents" | "positions">;

const kept = (engine: Kept) => ({ file: FILE, open: () => engine.openEvents() });

/** Adds to a backup what was matched since; gives how many. @param size of the backup's record */
export function backupEvents(folder: string, config: Config, { engine, size }: { readonly engine: Kept; readonly size: number }): Promise<number> {
  return withKept(config, kept(engine), async (rows) => {
    const matched = (await engine.positions.read(MATCHING))?.position;
    return withArchive(join(folder, EVENTS), "w", (archive) => writeEvents(rows, archive, { upTo: size, matched }));
  });
}

/** Puts those of a backup where a repository arrives; gives how many: none of a backup of an earlier version. AppError `damaged`. */
export async function restoreEvents(folder: string, arrival: Pick<Arrival, "openEvents" | "positions">): Promise<number> {
  const file = join(folder, EVENTS);
  if (!(await isThere(file))) return 0;
  return withArchive(file, "r", (archive) =>
    during(arrival.openEvents(), async (rows) => {
      const { count, matched } = await readEvents(archive, rows);
      if (matched !== undefined) await arrival.positions.begin(MATCHING, matched);
      return count;
    }),
  );
}

/** Copies them to where a repository arrives; gives how many. */
export function bringEvents(
  config: Config,
  { engine, arrival, size }: { readonly engine: Kept; readonly arrival: Pick<Arrival, "openEvents" | "positions">; readonly size: number },
): Promise<number> {
  return withKept(config, kept(engine), (from) =>
    during(arrival.openEvents(), async (to) => {
      const count = await copyEvents(from, to, size);
      await arrival.positions.begin(MATCHING, Math.min((await engine.positions.read(MATCHING))?.position ?? size, size));
      return count;
    }),
  );
}
