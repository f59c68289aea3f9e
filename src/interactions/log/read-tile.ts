import { AppError } from "../../core/errors.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";

/** A tile of the log: 256 hashes, or leaves, or as many as there are yet. */
export interface Tile {
  readonly bytes: Uint8Array;
}

/** Hashes in a full tile, and the tree levels that one tile level spans (C2SP tlog-tiles). */
const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const HIGHEST_LEVEL = 5;

/** What tiles are read from. */
export type TileStore = Pick<RecordStore, "nodes" | "entries">;

/**
 * A tile by its path below `tile/` (C2SP tlog-tiles): `L/N`, `L/N.p/W`, `entries/N`, `entries/N.p/W`, N in groups of three digits (`x001/234`). Undefined when
 * the path is none, or the log does not reach there yet. AppError `damaged` when entries are missing that the log has.
 *
 * @param size of the log
 */
export async function tileAt(path: string, size: number, store: TileStore): Promise<Tile | undefined> {
  const place = parsePlace(path);
  if (!place) return undefined;
  const { level, index, width } = place;
  const hashesAtLevel = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  const first = index * TILE_WIDTH;
  if (first + width > hashesAtLevel) return undefined;
  if (level === "entries") {
    const entries = await store.entries(first, width);
    // A tile that is too short would be one that no log of this size has.
    if (entries.length !== width || entries.some(({ index: at }, offset) => at !== first + offset))
      throw new AppError("damaged", `entries of the log from ${first} on are missing`);
    return { bytes: bundleOf(entries.map(({ leaf }) => leaf)) };
  }
  const places = Array.from({ length: width }, (_, at) => ({ level: level * TILE_HEIGHT, index: first + at }));
  return { bytes: Buffer.concat(await store.nodes(places)) };
}

function parsePlace(path: string): { readonly level: number | "entries"; readonly index: number; readonly width: number } | undefined {
  const [, head, groups, last, partial] = /^(entries|\d{1,2})\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (head === undefined || groups === undefined || last === undefined || /^0\d/.test(head)) return undefined;
  const digits = groups.replace(/[x/]/g, "") + last;
  const isMinimal = groups === "" || !groups.startsWith("x000");
  const level = head === "entries" ? head : Number(head);
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const isSane =
    isMinimal &&
    digits.length <= 12 &&
    (level === "entries" || level <= HIGHEST_LEVEL) &&
    (partial === undefined || (/^[1-9]/.test(partial) && width < TILE_WIDTH));
  return isSane ? { level, index: Number(digits), width } : undefined;
}

/** Leaves one after the other, each behind its length as two bytes, big-endian. */
function bundleOf(leaves: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    }),
  );
}
