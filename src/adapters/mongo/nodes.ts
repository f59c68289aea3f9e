import type { Collection } from "mongodb";
import { leafHash, type NodePosition } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { isComplete } from "../../pipeline/store/commit-shape.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import type { Connection } from "./connection.ts";
import { bytesOf, type CommitRow } from "./rows.ts";

/** Inner nodes that are remembered; they never change. */
const REMEMBERED = 10_000;

export interface NodeSource {
  /** An inner node that is at hand, by its name. */
  readonly known: (at: string) => Uint8Array | undefined;
  /** Inner nodes that were read before, by their names. */
  readonly remembered: Map<string, Uint8Array>;
  readonly connection: Connection;
  readonly commits: Collection<CommitRow>;
  readonly entries: RecordStore["entries"];
}

/** The nodes at places of the tree of `size` leaves, in that order. A leaf's hash follows from its entry and is kept nowhere else. */
export async function readNodes(positions: readonly NodePosition[], size: number, source: NodeSource): Promise<Uint8Array[]> {
  const outside = positions.find((position) => !isComplete(position, size));
  if (outside) throw missing(outside, size);
  const [leaves, nodes] = await Promise.all([readLeaves(positions, source), readInner(positions, source)]);
  return positions.map((position) => {
    const hash = position.level === 0 ? leaves.get(position.index) : nodes.get(nameOf(position));
    if (!hash) throw missing(position, size);
    return hash;
  });
}

/** By index. Neighbours are read together: tiles ask for 256 in a row. */
async function readLeaves(positions: readonly NodePosition[], { entries }: NodeSource): Promise<Map<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  const indexes = [...new Set(positions.filter(({ level }) => level === 0).map(({ index }) => index))].sort((one, other) => one - other);
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
async function readInner(
  positions: readonly NodePosition[],
  { connection, commits, known, remembered }: NodeSource,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const names = new Set<string>();
  for (const position of positions) {
    if (position.level === 0) continue;
    const name = nameOf(position);
    const hash = known(name) ?? remembered.get(name);
    if (hash) found.set(name, hash);
    else names.add(name);
  }
  if (names.size === 0) return found;
  const rows = await connection.ask((session) => commits.find({ "nodes.at": { $in: [...names] } }, { session, projection: { nodes: 1 } }).toArray());
  for (const { nodes } of rows) for (const { at, hash } of nodes) if (names.has(at)) found.set(at, bytesOf(hash, "nodes"));
  if (remembered.size > REMEMBERED) remembered.clear();
  for (const [name, hash] of found) remembered.set(name, hash);
  return found;
}

function nameOf({ level, index }: NodePosition): string {
  return `${level}/${index}`;
}

function missing({ level, index }: NodePosition, size: number): AppError {
  return new AppError("damaged", `the log has no node ${level}/${index} in its tree of ${size}`);
}
