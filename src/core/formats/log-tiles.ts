/** Tiles of a log as they are asked for from outside (c2sp.org/tlog-tiles): their paths, and what is in them. */
import { AppError } from "../errors.ts";
import { nodeHash, type FetchNodes, type NodePosition } from "../crypto/merkle.ts";

/** Hashes in a full tile, and the tree levels that one tile level spans. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const HASH = 32;

/** The number of a tile in groups of three digits, with its width where it is not full. */
export function tilePath(index: number, width: number): string {
  const groups = [String(index % 1_000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000)) groups.unshift(`x${String(rest % 1_000).padStart(3, "0")}`);
  return groups.join("/") + (width === TILE_WIDTH ? "" : `.p/${width}`);
}

/** Leaves one after the other, each behind its length as two bytes, big-endian. AppError `unavailable` when there are not so many. */
export function leavesIn(bytes: Uint8Array, count: number): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 2 <= bytes.length;) {
    const end = at + 2 + view.getUint16(at);
    leaves.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (leaves.length !== count) throw new AppError("unavailable", `a tile of ${count} entries has ${leaves.length}`);
  return leaves;
}

/**
 * The nodes of a tree of `size` leaves, out of the tiles that it has; each tile is asked for once. What they say is not proved by that: whoever computes a root or a proof of it compares.
 *
 * @param get gives a tile by its path below `tile/`
 */
export function nodesOfTiles(size: number, get: (path: string) => Promise<Uint8Array>): FetchNodes {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const tileOf = (level: number, index: number): Promise<Uint8Array> => {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
    const path = `${level}/${tilePath(index, width)}`;
    const tile = tiles.get(path) ?? get(path);
    tiles.set(path, tile);
    return tile.then((bytes) => {
      if (bytes.length !== width * HASH) throw new AppError("unavailable", `the tile ${path} has ${bytes.length} bytes, not ${width * HASH}`);
      return bytes;
    });
  };
  const nodeAt = async ({ level, index }: NodePosition): Promise<Uint8Array> => {
    const height = level % TILE_HEIGHT;
    const first = index * 2 ** height;
    const bytes = await tileOf(Math.floor(level / TILE_HEIGHT), Math.floor(first / TILE_WIDTH));
    const from = first % TILE_WIDTH;
    let hashes = Array.from({ length: 2 ** height }, (_, at) => bytes.subarray(HASH * (from + at), HASH * (from + at + 1)));
    while (hashes.length > 1) hashes = hashes.flatMap((hash, at) => (at % 2 === 1 ? [nodeHash(hashes[at - 1] as Uint8Array, hash)] : []));
    return hashes[0] as Uint8Array;
  };
  return (positions) => Promise.all(positions.map(nodeAt));
}
