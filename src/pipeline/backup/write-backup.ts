/** What is kept, by the position in the log: each backup adds what came since the one before. Documents stay encrypted as they are; no key is among them. */
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { StoredCheckpoint, Claim, LogEntry, RecordStore } from "../store/record-store.ts";
import { formatSegment, parseSegment, type KeptEntry } from "./segment.ts";

/** Members of an archive that are only ever added to. */
export interface Archive {
  readonly members: readonly { readonly name: string; readonly at: number; readonly bytes: number }[];
  read(member: { readonly at: number; readonly bytes: number }): Promise<Uint8Array>;
  /** Durable together, or none of them. */
  add(members: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void>;
  /** Forgets the members from number `from` on. */
  cut(from: number): void;
}

export interface BackupSource {
  readonly store: Pick<RecordStore, "checkpoint" | "entries">;
  readonly inventory: Pick<RecordInventory, "bodies" | "claimsOf" | "checkpoints">;
}

/** Entries of a segment, bytes of their parts, and entries whose claims are looked for together. */
const SEGMENT = 500;
const SEGMENT_BYTES = 16_000_000;
const CHUNK = 100_000;
const PAGE = 250;

/**
 * Adds to an archive what the log has beyond it. An archive that an interrupted run left goes on behind its last whole segment.
 *
 * @throws AppError `conflict` when the archive is of another log, or has more of it than there is; `damaged` when it, or what is kept, is not whole.
 */
export async function writeBackup(
  { store, inventory }: BackupSource,
  archive: Archive,
  onProgress: (done: number, all: number) => void,
): Promise<{ readonly size: number; readonly added: number }> {
  const size = (await store.checkpoint())?.size ?? 0;
  let { to: from, manifest } = await lastSegment(archive);
  const begun = from;
  if (from > size) throw new AppError("conflict", `the backup has ${from} entries, and the log has ${size}: the log is an older copy, or another`);
  if (from > 0) await holdAgainst(archive, from, store);
  let claims = new Map<number, Claim[]>();
  let claimsTo = from;
  while (from < size) {
    if (from >= claimsTo) {
      claimsTo = Math.min(size, from + CHUNK);
      claims = byPlace(await inventory.claimsOf(from, Math.min(size, claimsTo + SEGMENT)));
    }
    const { entries, checkpoints } = await nextCommits(from, size, { store, inventory }, claims);
    const to = from + entries.length;
    const formatted = formatSegment({ from, to, previous: manifest === undefined ? "" : digestOf(manifest), checkpoints, entries });
    const name = `segments/${String(from).padStart(12, "0")}-${String(to).padStart(12, "0")}`;
    await archive.add([
      { name: `${name}.parts`, bytes: formatted.parts },
      { name: `${name}.json`, bytes: formatted.manifest },
    ]);
    manifest = formatted.manifest;
    from = to;
    onProgress(from, size);
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

/** Whole commits from a place on, as many as a segment takes, one at least. */
async function nextCommits(
  from: number,
  size: number,
  { store, inventory }: BackupSource,
  claims: ReadonlyMap<number, readonly Claim[]>,
): Promise<{ readonly entries: readonly KeptEntry[]; readonly checkpoints: readonly StoredCheckpoint[] }> {
  const rows: LogEntry[] = [];
  let bytes = 0;
  let isFull = false;
  while (!isFull && from + rows.length < size) {
    const page = await store.entries(from + rows.length, Math.min(PAGE, size - from - rows.length));
    if (page.length === 0) throw new AppError("damaged", `the log has no entry ${from + rows.length}`);
    for (const entry of page) {
      // A commit is never divided.
      const isNext = rows.length > 0 && entry.treeSize !== rows.at(-1)?.treeSize;
      if (isNext && (rows.length >= SEGMENT || bytes + entry.contentBytes > SEGMENT_BYTES)) {
        isFull = true;
        break;
      }
      rows.push(entry);
      bytes += entry.contentBytes;
    }
  }
  const to = from + rows.length;
  const checkpoints = (await inventory.checkpoints(from, rows.length)).filter((checkpoint) => checkpoint.size <= to);
  const bodies = new Map((await inventory.bodies(from, to)).map((body) => [body.index, body]));
  const entries = rows.map(({ index, contentBytes: _, ...entry }): KeptEntry => {
    const { content, evidence } = bodies.get(index) ?? {};
    return { ...entry, claims: claims.get(index) ?? [], ...(evidence && { evidence }), ...(content && { content }) };
  });
  return { entries, checkpoints };
}

function byPlace(rows: readonly { readonly key: string; readonly value: Uint8Array; readonly index: number | undefined }[]): Map<number, Claim[]> {
  const claims = new Map<number, Claim[]>();
  for (const { key, value, index } of rows) if (index !== undefined) claims.set(index, [...(claims.get(index) ?? []), { key, value }]);
  return claims;
}
