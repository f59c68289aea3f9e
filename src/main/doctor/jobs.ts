/** Work that goes on behind requests: whether somebody does it, and comes further. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { isKnown } from "../../core/asked.ts";
import { MOST_OF_ALL, MOST_OF_UNKNOWN } from "../../jobs/job-desk.ts";
import { LATE, type ToldJob } from "../../jobs/job.ts";
import type { Engine } from "../engine.ts";
import { deskBeside } from "../jobs.ts";
import { codeOf } from "../surroundings.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const HOUR = 3_600_000;
/** Jobs that are named. */
const MOST = 20;
/** Bytes of a file that holds nothing any more. */
const LARGE = 1_000_000_000;

export async function lookAtJobs(
  engine: Pick<Engine, "openJobs">,
  keys: Keys,
  { mongodbUrl, dataFolder }: Pick<Config, "mongodbUrl" | "dataFolder">,
  tell: Tell,
): Promise<void> {
  const file = join(dataFolder, "jobs.db");
  const found = mongodbUrl === undefined ? await stat(file).catch(() => undefined) : undefined;
  // Where no service has started yet there is nothing, and nothing is made.
  if (mongodbUrl === undefined && !found) return;
  const denied = found && (await access(file, constants.R_OK | constants.W_OK).then(() => undefined, codeOf)); // prettier-ignore
  if (denied !== undefined) return tell(wrong(`${file} can't be read and written (${denied}): nothing is answered later`, "give it, with its -wal and -shm, to the service's user")); // prettier-ignore
  const rows = await engine.openJobs();
  try {
    const all = await (await deskBeside(rows, keys)).list(2 * MOST_OF_ALL);
    tellJobs(all, tell);
    if (found && all.length === 0 && found.size > LARGE) tell(notice(`${file} takes ${found.size} bytes, and no job is kept: its room is used again, and not given back`, "to have it back, stop the service and remove the file, with its -wal and -shm")); // prettier-ignore
  } finally {
    await rows.close();
  }
}

/** Tells of those that nobody does, that wait for long, that come no further, and when no more are taken. */
export function tellJobs(
  all: readonly Pick<ToldJob, "name" | "kind" | "state" | "owner" | "dueSince" | "fruitless">[],
  tell: Tell,
  now: number = Date.now(),
): void {
  const underWay = all.filter(({ state }) => state === "waiting" || state === "running");
  for (const [kind, ofKind] of Map.groupBy(underWay, (one) => one.kind)) {
    const since = ofKind.flatMap(({ dueSince }) => (dueSince !== undefined && now - Date.parse(dueSince) > LATE ? [dueSince] : [])).sort();
    const [oldest] = since;
    if (oldest === undefined) continue;
    const working = ofKind.filter(({ state, dueSince }) => state === "running" && dueSince === undefined).length;
    const text = `${since.length} jobs (${kind}) wait, the first since ${oldest}`;
    if (working === 0) tell(wrong(`${text}, and nobody works upon any`, "start the service: it goes on with them at once; if it runs, look at what it logs")); // prettier-ignore
    else if (now - Date.parse(oldest) > HOUR) tell(notice(`${text}, behind ${working} that somebody works upon`, "let them wait, or start another instance; `chartulary jobs list` names them, `cancel` ends one")); // prettier-ignore
  }
  const stuck = underWay.filter(({ fruitless }) => fruitless > 1);
  for (const { name, kind, fruitless } of stuck.slice(0, MOST))
    tell(notice(`job ${name.slice(0, 12)} (${kind}) was begun ${fruitless} times without coming further: its process ended, or was killed`, "look at what the service logged then; after five times it is given up, and `chartulary jobs cancel` ends it now")); // prettier-ignore
  if (stuck.length > MOST) tell(notice(`and so it is with ${stuck.length - MOST} others`, "`chartulary jobs list` names them"));
  const unknown = underWay.filter(({ owner }) => !isKnown(owner)).length;
  const full = underWay.length >= MOST_OF_ALL ? "all" : unknown >= MOST_OF_UNKNOWN ? "whoever does not say who they are" : undefined;
  if (full !== undefined) tell(notice(`${underWay.length} jobs are under way: no more are taken of ${full} (429)`, "`chartulary jobs list` names them, `cancel` ends one")); // prettier-ignore
}
