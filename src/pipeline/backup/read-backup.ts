import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { parseSegment, type Segment } from "./segment.ts";
import type { Archive } from "./write-backup.ts";

/**
 * The segments of an archive, in order, each held against the one before; `all` is about how many entries there are. What an interrupted run left behind the last whole segment is passed over.
 * AppError `damaged` when one is not what was written, or is missing.
 */
export async function* readSegments(archive: Pick<Archive, "members" | "read">): AsyncGenerator<{ readonly segment: Segment; readonly all: number }> {
  const { members } = archive;
  const all = Number(/-(\d+)\.json$/.exec(members.at(-1)?.name ?? "")?.[1] ?? 0);
  let previous = "";
  let to = 0;
  for (let at = 0; at + 1 < members.length; at += 2) {
    const [parts, manifest] = [members[at], members[at + 1]];
    if (parts === undefined || manifest === undefined || manifest.name !== parts.name.replace(/\.parts$/, ".json"))
      throw new AppError("damaged", `the backup is not whole: ${parts?.name ?? ""} has no manifest behind it`);
    const text = await archive.read(manifest);
    const segment = parseSegment(text, await archive.read(parts));
    if (segment.from !== to || segment.previous !== previous)
      throw new AppError("damaged", `the backup is not whole: a segment before ${manifest.name} is missing, or another`);
    yield { segment, all };
    previous = digestOf(text);
    to = segment.to;
  }
}
