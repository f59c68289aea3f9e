import type { RecordStore } from "../../pipeline/store/record-store.ts";

/** A tile of the log: 256 hashes, or leaves, or as many as there are yet. */
export interface Tile {
  readonly bytes: Uint8Array;
  readonly isFull: boolean;
}

/** Hashes in a full tile, and the tree levels that one tile level spans (C2SP tlog-tiles). */
const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const HIGHEST_LEVEL = 5;

/**
 * A tile by its path below `tile/` (C2SP tlog-tiles): `L/N`, `L/N.p/W`, `entries/N`, `entries/N.p/W`, N in groups of three digits (`x001/234`). Undefined when
 * the path is none, or the log does not reach there yet.
 */
export async function tileAt(path: string, store: Pick<RecordStore, "checkpoint" | "nodes" | "entries">): Promise<Tile | undefined> {
  const place = parsePlace(path);
  const size = (await store.checkpoint())?.size ?? 0;
  if (!place) return undefined;
  const { level, index, width } = place;
  const hashesAtLevel = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  const first = index * TILE_WIDTH;
  if (first + width > hashesAtLevel) return undefined;
  const isFull = width === TILE_WIDTH;
  if (level === "entries") return { bytes: bundleOf((await store.entries(first, width)).map(({ leaf }) => leaf)), isFull };
  const places = Array.from({ length: width }, (_, at) => ({ level: level * TILE_HEIGHT, index: first + at }));
  return { bytes: Buffer.concat(await store.nodes(places)), isFull };
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
