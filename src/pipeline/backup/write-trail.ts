/** The audit trail, by the place in each of its logs: a backup adds what came since the one before. Events stay encrypted as they are. */
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import type { MarkedBatch, TrailStore } from "../trail/trail-store.ts";
import { formatTrailSegment, parseTrailSegment, rangeOf } from "./trail-segment.ts";
import type { Archive } from "./write-backup.ts";

/** Batches that are read at once, and of which one segment is made; one that has so many bytes ends before. */
export const BATCHES = 500;
export const BYTES = 8_000_000;

export interface WrittenTrail {
  /** Batches in the backup, and how many of them are new. */
  readonly batches: number;
  readonly added: number;
}

/**
 * Adds to an archive what the logs of the trail have beyond it, however large that is, in bounded memory. An archive that an interrupted run left goes on behind its last whole segment.
 *
 * @throws AppError `conflict` when the archive is of another trail, or has more of a log than there is; `damaged` when it is not whole.
 */
export async function writeTrail(
  store: Pick<TrailStore, "logs" | "checkpoint" | "batches">,
  archive: Archive,
  onProgress: (done: number, all: number) => void,
): Promise<WrittenTrail> {
  const ends = keptEnds(archive);
  const sizes = new Map<string, number>();
  for (const log of new Set([...(await store.logs()), ...ends.keys()])) sizes.set(log, (await store.checkpoint(log))?.size ?? 0);
  for (const [log, end] of ends) await holdAgainst(archive, { log, ...end, size: sizes.get(log) ?? 0 }, store);
  const all = sumOf(sizes.values());
  let done = sumOf([...ends.values()].map(({ to }) => to));
  const begun = done;
  const last = archive.members.at(-1);
  let previous = last ? digestOf(await archive.read(last)) : "";
  for (const [log, size] of sizes)
    for (let from = ends.get(log)?.to ?? 0; from < size;) {
      const batches = upTo(BYTES, await store.batches(log, from, Math.min(BATCHES, size - from)));
      const gap = batches.findIndex(({ index }, at) => index !== from + at);
      if (batches.length === 0 || gap >= 0)
        throw new AppError("damaged", `the audit log ${log} is not whole: the batch ${from + Math.max(gap, 0)} is missing`);
      const to = from + batches.length;
      const members = formatTrailSegment({ ...{ log, from, to, previous }, batches });
      await archive.add(members);
      previous = digestOf(members.at(-1)?.bytes ?? "");
      done += batches.length;
      from = to;
      onProgress(done, all);
    }
  return { batches: done, added: done - begun };
}

interface KeptEnd {
  readonly to: number;
  /** The member's number that is the log's last manifest. */
  readonly at: number;
}

/** Where each log ends in the archive; whatever follows the last whole segment is cut off. */
function keptEnds(archive: Archive): Map<string, KeptEnd> {
  const { members } = archive;
  archive.cut(members.length - (members.length % 2));
  const ends = new Map<string, KeptEnd>();
  archive.members.forEach(({ name }, at) => {
    const range = rangeOf(name);
    if (at % 2 === 0) return;
    if (range?.isManifest !== true || range.from !== (ends.get(range.log)?.to ?? 0))
      throw new AppError("damaged", `the backup's audit trail is not whole: ${name} does not follow upon what is before it`);
    ends.set(range.log, { to: range.to, at });
  });
  return ends;
}

/** The archive must be of this log: the checkpoint of its last batch is ours. */
async function holdAgainst(
  archive: Archive,
  { log, to, at, size }: KeptEnd & { readonly log: string; readonly size: number },
  store: Pick<TrailStore, "batches">,
): Promise<void> {
  if (to > size)
    throw new AppError("conflict", `the backup has ${to} batches of the audit log ${log}, and the audit trail has ${size}: it lost its newest, or an older copy is in its place. Nothing was taken from the backup; \`chartulary audit --trail\` tells more`); // prettier-ignore
  const [parts, manifest] = [archive.members[at - 1], archive.members[at]];
  const theirs = parts && manifest && parseTrailSegment(await archive.read(manifest), await archive.read(parts)).batches.at(-1);
  const [ours] = await store.batches(log, to - 1, 1);
  if (theirs === undefined || ours?.note !== theirs.note)
    throw new AppError("conflict", `the backup's first ${to} batches of the audit log ${log} are not those of the audit trail: one of the two was replaced. Begin a backup in another folder`); // prettier-ignore
}

/** The first of them that have so many bytes together: at least one, however large it is. */
export function upTo(bytes: number, batches: readonly MarkedBatch[]): readonly MarkedBatch[] {
  let sum = 0;
  const end = batches.findIndex(({ sealed, leaf }, at) => (sum += sealed.length + leaf.length) > bytes && at > 0);
  return end < 0 ? batches : batches.slice(0, end);
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
