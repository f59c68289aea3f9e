/** The audit trail in a backup, and back from there. A part of the composition root. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TarFile } from "../adapters/archive/tar-file.ts";
import type { AuditTold } from "../cli/command.ts";
import type { BackedUpTrail, RestoredTrail } from "../cli/told.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { formatTrailKeys, parseTrailKeys } from "../pipeline/backup/kept-trail-keys.ts";
import { batchesIn, readTrailSegments } from "../pipeline/backup/read-trail-backup.ts";
import { TrailReplay } from "../pipeline/backup/replay-trail.ts";
import { writeTrail } from "../pipeline/backup/write-trail.ts";
import { TrailKeys } from "../pipeline/trail/trail-keys.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import { batchWord } from "../pipeline/trail/trail-words.ts";
import { verifyTrail } from "../pipeline/trail/verify-trail.ts";
import { onlyMember, replaceArchive, type ArchiveMember } from "./archives.ts";
import type { Arrival } from "./arrival.ts";
import { lackingByMarks, openKeptTrail } from "./kept-trail.ts";
import { spoolOf, trailFile } from "./trail.ts";

/** What a backup's folder holds of the trail. */
const TRAIL = "audit-trail.tar";
const SPOOL = "audit-spool.tar";
export const TRAIL_KEYS = "audit-keys.tar";
const SPOOLED = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.events$/;

/** Adds to a backup what the trail has beyond it. AppErrors as of `writeTrail`; `conflict` where there is none any more. */
export async function backupTrail(
  folder: string,
  config: Config,
  { keys, told }: { readonly keys: Keys; readonly told: AuditTold },
): Promise<BackedUpTrail> {
  // First what waits, then the trail: what is brought in meanwhile is in both, and is known by its id.
  const spooled = (await spoolOf(config).waiting()).length;
  await replaceArchive(join(folder, SPOOL), spooledMembers(config));
  const store = await openKeptTrail(config);
  if (!store) {
    const lacking = await lackingByMarks(config, keys.audit, undefined);
    if (lacking.length > 0 || (await isThere(join(folder, TRAIL))))
      throw new AppError("conflict", `documents were backed up, the audit trail was not: there is no ${trailFile(config)} any more (${lacking.join("; ") || "the backup has one"}). Put it back where it was, or stop the service and restore it`); // prettier-ignore
    return { batches: 0, added: 0, spooled, bytes: 0 };
  }
  const archive = await TarFile.open(join(folder, TRAIL), "w");
  try {
    const written = await writeTrail(store, archive, told.onProgress);
    await replaceArchive(join(folder, TRAIL_KEYS), [{ name: "audit-keys", bytes: formatTrailKeys(await store.keys()) }]);
    return { ...written, spooled, bytes: archive.members.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    await archive.close();
    await store.close();
  }
}

async function* spooledMembers(config: Config): AsyncGenerator<ArchiveMember> {
  const spool = spoolOf(config);
  for (const id of await spool.waiting()) {
    const bytes = await spool.read(id);
    if (bytes) yield { name: `${id}.events`, bytes };
  }
}

/** The days' wrapped keys in a backup, by name; none where it has no trail. AppError `damaged`. */
export async function trailKeysIn(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  return (await isThere(join(folder, TRAIL_KEYS))) ? parseTrailKeys(await onlyMember(join(folder, TRAIL_KEYS))) : new Map<string, Uint8Array>();
}

/**
 * Makes the trail of a backup again where the repository arrives, upon what is there of it already, and verifies all of it. What it lacks by the marks is told.
 *
 * @throws AppError `damaged` when anything in it is not what was written, `conflict` when there is another trail already.
 */
export async function restoreTrail(
  folder: string,
  config: Config,
  { arrival, keys, told }: { readonly arrival: Pick<Arrival, "openTrail" | "name">; readonly keys: Keys; readonly told: AuditTold },
): Promise<RestoredTrail> {
  const store = await arrival.openTrail();
  try {
    const wrapped = await trailKeysIn(folder);
    const isKept = await isThere(join(folder, TRAIL));
    const replay = new TrailReplay({ store, keys, name: arrival.name, dayKey: (name) => Promise.resolve(wrapped.get(name)) });
    if (isKept) await replayArchive(join(folder, TRAIL), replay, told);
    await replay.finish();
    const { batches, events } = await verifyArrived(store, keys, told);
    const spooled = await restoreSpool(join(folder, SPOOL), config, { store, keys });
    return { isKept, batches, events, ...replay.made, spooled, lacking: await lackingByMarks(config, keys.audit, store) };
  } finally {
    await store.close();
  }
}

async function replayArchive(file: string, replay: TrailReplay, told: AuditTold): Promise<void> {
  const archive = await TarFile.open(file, "r");
  try {
    const all = batchesIn(archive);
    let done = 0;
    for await (const { log, batches } of readTrailSegments(archive)) {
      await replay.take(log, batches);
      told.onProgress((done += batches.length), all);
    }
  } finally {
    await archive.close();
  }
}

/** Everything in a trail that came from elsewhere. AppError `damaged`. */
export async function verifyArrived(store: TrailStore, keys: Keys, told: AuditTold): Promise<{ readonly batches: number; readonly events: number }> {
  const { findings, logs } = await verifyTrail({
    ...{ store, keys: keys.audit, dayKeys: new TrailKeys(keys, store), marked: [] },
    // Marks are looked at on their own: what is missing is told, and is no damage.
    mark: () => Promise.resolve(undefined),
    onProgress: (done) => told.onProgress(done, done),
  });
  if (findings[0] !== undefined) throw new AppError("damaged", `the audit trail that has arrived is not what was written (${findings.length} findings): ${findings[0]}`); // prettier-ignore
  return logs.reduce((sum, { size, events }) => ({ batches: sum.batches + size, events: sum.events + events }), { batches: 0, events: 0 });
}

/** What waited when the backup was made waits again, unless it was brought into the trail before its end; gives how many. */
async function restoreSpool(
  file: string,
  config: Config,
  { store, keys }: { readonly store: Pick<TrailStore, "find">; readonly keys: Keys },
): Promise<number> {
  if (!(await isThere(file))) return 0;
  const spool = spoolOf(config);
  const waiting = new Set(await spool.waiting());
  const archive = await TarFile.open(file, "r");
  let count = 0;
  try {
    for (const member of archive.members) {
      const id = SPOOLED.exec(member.name)?.[1];
      if (id === undefined) throw new AppError("damaged", `${file} holds ${member.name}, which is no events`);
      if (waiting.has(id) || (await store.find({ tokens: [keys.audit.tokenOf(batchWord(id))] }, 1)).length > 0) continue;
      await spool.keep(id, await archive.read(member));
      count += 1;
    }
    return count;
  } finally {
    await archive.close();
  }
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
