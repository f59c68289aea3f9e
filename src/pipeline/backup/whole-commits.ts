/** What the log has from a place on, in runs of whole commits: what a backup writes down and a copy makes again. */
import { AppError } from "../../core/errors.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { StoredCheckpoint, Claim, LogEntry, RecordStore } from "../store/record-store.ts";
import type { KeptEntry } from "./segment.ts";

export interface CommitSource {
  readonly store: Pick<RecordStore, "checkpoint" | "entries">;
  readonly inventory: Pick<RecordInventory, "bodies" | "claimsOf" | "checkpoints">;
}

/** Entries with all that belongs to them. */
export interface WholeCommits {
  readonly from: number;
  readonly to: number;
  readonly entries: readonly KeptEntry[];
  readonly checkpoints: readonly StoredCheckpoint[];
  /** The wrapped keys, by place, of those that have one. */
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/** Entries of a run, bytes of their parts, and entries whose claims are looked for together. */
const RUN = 500;
const RUN_BYTES = 16_000_000;
const CHUNK = 100_000;
const PAGE = 250;

/** @param size where a commit ends. @throws AppError `damaged` when what is kept is not whole. */
export async function* wholeCommits(from: number, size: number, source: CommitSource): AsyncGenerator<WholeCommits, undefined> {
  let claims = new Map<number, Claim[]>();
  let claimsTo = from;
  for (let next = from; next < size;) {
    if (next >= claimsTo) {
      claimsTo = Math.min(size, next + CHUNK);
      claims = byPlace(await source.inventory.claimsOf(next, Math.min(size, claimsTo + RUN)));
    }
    const run = await nextRun(next, size, source, claims);
    yield run;
    next = run.to;
  }
}

/** Whole commits from a place on, as many as a run takes, one at least. */
async function nextRun(
  from: number,
  size: number,
  { store, inventory }: CommitSource,
  claims: ReadonlyMap<number, readonly Claim[]>,
): Promise<WholeCommits> {
  const rows: LogEntry[] = [];
  let bytes = 0;
  let isFull = false;
  while (!isFull && from + rows.length < size) {
    const page = await store.entries(from + rows.length, Math.min(PAGE, size - from - rows.length));
    if (page.length === 0) throw new AppError("damaged", `the log has no entry ${from + rows.length}`);
    for (const entry of page) {
      // A commit is never divided.
      const isNext = rows.length > 0 && entry.treeSize !== rows.at(-1)?.treeSize;
      if (isNext && (rows.length >= RUN || bytes + entry.contentBytes > RUN_BYTES)) {
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
  const keys = new Map([...bodies].flatMap(([index, { wrappedKey }]) => (wrappedKey ? [[index, wrappedKey] as const] : [])));
  return { from, to, entries, checkpoints, keys };
}

function byPlace(rows: readonly { readonly key: string; readonly value: Uint8Array; readonly index: number | undefined }[]): Map<number, Claim[]> {
  const claims = new Map<number, Claim[]>();
  for (const { key, value, index } of rows) {
    if (index === undefined) continue;
    const those = claims.get(index);
    if (those) those.push({ key, value });
    else claims.set(index, [{ key, value }]);
  }
  return claims;
}
