/** What is kept, by the position in the log: each backup adds what came since the one before. Documents stay encrypted as they are; no key is among them. */
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import type { RecordStore } from "../store/record-store.ts";
import { formatSegment, parseSegment } from "./segment.ts";
import { wholeCommits, type CommitSource } from "./whole-commits.ts";

/** Members of an archive that are only ever added to. */
export interface Archive {
  readonly members: readonly { readonly name: string; readonly at: number; readonly bytes: number }[];
  read(member: { readonly at: number; readonly bytes: number }): Promise<Uint8Array>;
  /** Durable together, or none of them. */
  add(members: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void>;
  /** Forgets the members from number `from` on. */
  cut(from: number): void;
}

/**
 * Adds to an archive what the log has beyond it. An archive that an interrupted run left goes on behind its last whole segment.
 *
 * @throws AppError `conflict` when the archive is of another log, or has more of it than there is; `damaged` when it, or what is kept, is not whole.
 */
export async function writeBackup(
  source: CommitSource,
  archive: Archive,
  onProgress: (done: number, all: number) => void,
): Promise<{ readonly size: number; readonly added: number }> {
  const { store } = source;
  const size = (await store.checkpoint())?.size ?? 0;
  const { to: begun, manifest: last } = await lastSegment(archive);
  if (begun > size) throw new AppError("conflict", `the backup has ${begun} entries, and the log has ${size}: the log is an older copy, or another`);
  if (begun > 0) await holdAgainst(archive, begun, store);
  let manifest = last;
  for await (const { from, to, entries, checkpoints } of wholeCommits(begun, size, source)) {
    const formatted = formatSegment({ from, to, previous: manifest === undefined ? "" : digestOf(manifest), checkpoints, entries });
    const name = `segments/${String(from).padStart(12, "0")}-${String(to).padStart(12, "0")}`;
    await archive.add([
      { name: `${name}.parts`, bytes: formatted.parts },
      { name: `${name}.json`, bytes: formatted.manifest },
    ]);
    manifest = formatted.manifest;
    onProgress(to, size);
  }
  return { size, added: size - begun };
}

/** Where the archive ends: behind the last segment that is there wholly. Whatever follows is cut off. */
async function lastSegment(archive: Archive): Promise<{ to: number; manifest: Uint8Array | undefined }> {
  const whole = archive.members.findLastIndex(
    ({ name }, at) => name.endsWith(".json") && archive.members[at - 1]?.name === name.replace(/\.json$/, ".parts"),
  );
  archive.cut(whole + 1);
  const [parts, last] = [archive.members[whole - 1], archive.members[whole]];
  if (parts === undefined || last === undefined) return { to: 0, manifest: undefined };
  const manifest = await archive.read(last);
  return { to: parseSegment(manifest, await archive.read(parts)).to, manifest };
}

/** The archive must be of this log: its last checkpoint is one of ours. */
async function holdAgainst(archive: Archive, size: number, store: Pick<RecordStore, "checkpoint">): Promise<void> {
  const [parts, last] = archive.members.slice(-2);
  if (parts === undefined || last === undefined) return;
  const theirs = parseSegment(await archive.read(last), await archive.read(parts)).checkpoints.at(-1);
  if (theirs === undefined || (await store.checkpoint(size))?.note !== theirs.note)
    throw new AppError("conflict", "the backup is of another log, or of another state of this one: begin one in another folder");
}
