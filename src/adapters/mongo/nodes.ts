import type { Collection } from "mongodb";
import { leafHash, type TreePlace } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { isComplete } from "../../pipeline/store/commit-shape.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import type { Connection } from "./connection.ts";
import { bytesOf, type CommitRow } from "./rows.ts";

export interface NodeSource {
  readonly connection: Connection;
  readonly commits: Collection<CommitRow>;
  readonly entries: RecordStore["entries"];
}

/** The nodes at places of the tree of `size` leaves, in that order. A leaf's hash follows from its entry and is kept nowhere else. */
export async function readNodes(places: readonly TreePlace[], size: number, source: NodeSource): Promise<Uint8Array[]> {
  const outside = places.find((place) => !isComplete(place, size));
  if (outside) throw missing(outside, size);
  const [leaves, nodes] = await Promise.all([readLeaves(places, source), readInner(places, source)]);
  return places.map((place) => {
    const hash = place.level === 0 ? leaves.get(place.index) : nodes.get(nameOf(place));
    if (!hash) throw missing(place, size);
    return hash;
  });
}

/** By index. Neighbours are read together: tiles ask for 256 in a row. */
async function readLeaves(places: readonly TreePlace[], { entries }: NodeSource): Promise<Map<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  const indexes = [...new Set(places.filter(({ level }) => level === 0).map(({ index }) => index))].sort((one, other) => one - other);
  const runs: { readonly from: number; count: number }[] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last && last.from + last.count === index) last.count++;
    else runs.push({ from: index, count: 1 });
  }
  await Promise.all(
    runs.map(async ({ from, count }) => {
      for (const { index, leaf } of await entries(from, count)) found.set(index, leafHash(leaf));
    }),
  );
  return found;
}

/** By `{level}/{index}`. */
async function readInner(places: readonly TreePlace[], { connection, commits }: NodeSource): Promise<Map<string, Uint8Array>> {
  const names = new Set(places.filter(({ level }) => level > 0).map(nameOf));
  const found = new Map<string, Uint8Array>();
  if (names.size === 0) return found;
  const rows = await connection.ask((session) => commits.find({ "nodes.at": { $in: [...names] } }, { session, projection: { nodes: 1 } }).toArray());
  for (const { nodes } of rows) for (const { at, hash } of nodes) if (names.has(at)) found.set(at, bytesOf(hash, "nodes"));
  return found;
}

function nameOf({ level, index }: TreePlace): string {
  return `${level}/${index}`;
}

function missing({ level, index }: TreePlace, size: number): AppError {
  return new AppError("damaged", `the log has no node ${level}/${index} in its tree of ${size}`);
}
