/** The audit trail: whether it can be read and written, is the one that was marked, and nothing waits for it that should not. */
import { constants } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { openEvents } from "../../pipeline/trail/open-batch.ts";
import { TrailKeys } from "../../pipeline/trail/trail-keys.ts";
import { openTreeOf } from "../../pipeline/trail/trail-log.ts";
import type { TrailStore } from "../../pipeline/trail/trail-store.ts";
import { lackingByMarks, withKeptTrail } from "../kept-trail.ts";
import { codeOf } from "../surroundings.ts";
import { spoolFolderOf, spoolOf, trailFile } from "../trail.ts";
import { LEAST_FREE, nearest } from "./free-space.ts";
import { notice, wordsOf, wrong, type Check, type Tell } from "./examination.ts";

/** A batch that waits for longer is not being brought in. Milliseconds: a service tries every 2 seconds. */
const LONG = 30_000;
const RESTORE = "keep what is there, and restore the trail from a backup (`chartulary restore`); `chartulary audit --trail` tells more";

/** @param openKeys gives the keys that are there; undefined where they cannot be opened, which is told elsewhere */
export function trailChecks(openKeys: (config: Config) => Promise<Keys | undefined>): readonly Check[] {
  return [
    { what: "audit trail", remedy: RESTORE, look: (config, tell) => lookAtTrail(openKeys, config, tell) },
    { what: "audit spool", remedy: "give DATA_DIR/audit-spool to the service's user (mode 700); keep what is in it", look: (config, tell) => lookAtSpool(openKeys, config, tell) }, // prettier-ignore
  ];
}

async function lookAtTrail(openKeys: (config: Config) => Promise<Keys | undefined>, config: Config, tell: Tell): Promise<void> {
  const keys = await openKeys(config);
  if (!keys) return;
  await withKeptTrail(config, async (store) => {
    for (const lacking of await lackingByMarks(config, keys.audit, store)) tell(wrong(`the audit trail lacks events: ${lacking}`, "put the newest trail back in its place, or restore it; what cannot be had any more stays told, since the mark beside the keys stays")); // prettier-ignore
    if (!store) return;
    if (config.mongodbUrl === undefined)
      await access(trailFile(config), constants.R_OK | constants.W_OK).catch((cause: unknown) => tell(wrong(`${trailFile(config)} can't be read and written (${codeOf(cause)}): events wait in the spool`, "give it, with its -wal and -shm, to the service's user"))); // prettier-ignore
    const logs = await store.logs();
    for (const log of logs) await lookAtLog(log, { store, keys, config }, tell).catch((error: unknown) => tell(wrong(wordsOf(error), RESTORE)));
  });
}

/** Its newest checkpoint is ours and that of its nodes, its newest batch opens under its day's key, and it is not of the future. */
async function lookAtLog(
  log: string,
  { store, keys, config }: { readonly store: TrailStore; readonly keys: Keys; readonly config: Config },
  tell: Tell,
): Promise<void> {
  const { size } = await openTreeOf(log, store, keys.audit.signerOf(log).vkey);
  const [newest] = size === 0 ? [] : await store.batches(log, size - 1, 1);
  if (!newest) return;
  const events = await openEvents(newest, new TrailKeys(keys, store));
  const today = new Date().toISOString().slice(0, 10);
  if (!events && newest.day === today) tell(wrong(`the key of ${newest.day} is missing in the audit trail (log ${log}): what was written today cannot be read`, RESTORE)); // prettier-ignore
  const ahead = Date.parse(newest.to) - Date.now();
  if (ahead > config.maxClockSkew) tell(wrong(`this machine's clock says ${new Date().toISOString()}, and the newest event of the audit trail (log ${log}) is of ${newest.to}`, "set the clock right, by NTP: events tell when something was read by this clock")); // prettier-ignore
}

async function lookAtSpool(openKeys: (config: Config) => Promise<Keys | undefined>, config: Config, tell: Tell): Promise<void> {
  const folder = spoolFolderOf(config);
  const disk = await statfs(await nearest(folder));
  if (disk.bavail * disk.bsize < LEAST_FREE)
    tell(wrong(`the disk of ${folder} is full: what cannot be written into the audit trail cannot wait there either, and then nothing is answered but 503`, "make room: it goes on by itself")); // prettier-ignore
  const found = await stat(folder).catch(() => undefined);
  if (!found) return;
  if (process.platform !== "win32" && (found.mode & 0o077) !== 0) tell(wrong(`${folder} may be read or written by others (mode ${(found.mode & 0o777).toString(8)})`, `chmod 700 ${folder}`)); // prettier-ignore
  const names = await readdir(folder).catch((cause: unknown) => {
    tell(
      wrong(`${folder} can't be read (${codeOf(cause)}): no event can wait there`, "give it to the service's user (mode 700); keep what is in it"),
    );
    return undefined;
  });
  const keys = await openKeys(config);
  if (!names || !keys) return;
  const spool = spoolOf(config);
  let [waiting, oldest] = [0, Infinity];
  for (const id of await spool.waiting()) {
    const file = join(folder, `${id}.events`);
    try {
      const bytes = await spool.read(id);
      if (!bytes) continue;
      keys.audit.openSpooled(bytes, id);
      waiting += 1;
      oldest = Math.min(oldest, (await stat(file)).mtimeMs);
    } catch (error) {
      tell(notice(`${file} does not open (${wordsOf(error)}): a crash left half of it, and then nobody was answered; or it was changed`, "move it away, and keep it")); // prettier-ignore
    }
  }
  if (waiting === 0) return;
  const since = new Date(oldest).toISOString();
  if (Date.now() - oldest > LONG)
    tell(wrong(`${waiting} batches of events wait in ${folder} since ${since}, and nobody brings them into the audit trail`, `start the service: it brings them in at its start. If it runs, look at what it logs: ${config.mongodbUrl === undefined ? `whether its user may write ${trailFile(config)}, and the disk has room` : "whether it reaches MongoDB, and may write audit_batches"}. Never empty the folder by hand`)); // prettier-ignore
  else
    tell(
      notice(
        `${waiting} batches of events wait in ${folder} for the audit trail, since ${since}`,
        "the service brings them in; where none runs, start it",
      ),
    );
}
