import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { parseTrailSegment, rangeOf, type TrailSegment } from "./trail-segment.ts";
import type { Archive } from "./write-backup.ts";

/**
 * The segments of a trail's archive in the order in which they were written, each held against the one before. What an interrupted run left behind the last whole segment is passed over.
 * AppError `damaged` when one is not what was written, or is missing.
 */
export async function* readTrailSegments(archive: Pick<Archive, "members" | "read">): AsyncGenerator<TrailSegment> {
  const { members } = archive;
  const ends = new Map<string, number>();
  let previous = "";
  for (let at = 0; at + 1 < members.length; at += 2) {
    const [parts, manifest] = [members[at], members[at + 1]];
    if (parts === undefined || manifest?.name !== parts.name.replace(/\.parts$/, ".json"))
      throw new AppError("damaged", `the backup's audit trail is not whole: ${parts?.name ?? ""} has no manifest behind it`);
    const text = await archive.read(manifest);
    const segment = parseTrailSegment(text, await archive.read(parts));
    const { log, from, to } = segment;
    if (from !== (ends.get(log) ?? 0) || segment.previous !== previous || rangeOf(manifest.name)?.log !== log)
      throw new AppError("damaged", `the backup's audit trail is not whole: a segment before ${manifest.name} is missing, or another`);
    yield segment;
    previous = digestOf(text);
    ends.set(log, to);
  }
}

/** About how many batches an archive has, by the names of its members. */
export function batchesIn({ members }: Pick<Archive, "members">): number {
  return members.reduce((sum, { name }) => {
    const range = rangeOf(name);
    return range?.isManifest === true ? sum + range.to - range.from : sum;
  }, 0);
}
