import { AppError } from "../../core/errors.ts";
import type { NodePosition } from "../../core/crypto/merkle.ts";
import { isComplete } from "../../pipeline/store/commit-shape.ts";
import type { Database } from "./database.ts";
import { bytesAt } from "./rows.ts";

/** Hashes that are read and kept together: neighbours on one level of the tree, as many as a tile of the log has. */
const WIDTH = 256;
const HASH = 32;
/** How many such stretches are kept: 64 MB. */
const MOST_STRETCHES = 8_192;
/** Below that level, a proof's nodes are its leaf's neighbours, which hardly another proof needs. */
const LOWEST_KEPT = 5;

/** How many nodes one statement looks up. */
const TOGETHER = 8;
const ONE = "(SELECT hash FROM tree_nodes WHERE level = ? AND node_index = ?)";
const STRETCH = "SELECT hash FROM tree_nodes WHERE level = ? AND node_index >= ? AND node_index < ? ORDER BY node_index";

/**
 * The nodes of the log's tree. Those of its upper levels, which every proof leads through, are read once: a complete subtree's hash never changes. That nobody else changes the file is the file watch's
 * to see.
 */
export class TreeNodes {
  readonly #database: Database;
  /** By level and place of the first hash; the oldest first. */
  readonly #kept = new Map<number, Uint8Array>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The hashes at places of a tree of `size` leaves, in their order. AppError `damaged` for one that is not there. */
  at(positions: readonly NodePosition[], size: number): Uint8Array[] {
    const lowest = lowestKept(size);
    const hashes = positions.map((position) => (position.level < lowest ? undefined : this.#ofStretch(position, size)));
    const missing = positions.filter((position, at) => hashes[at] === undefined && isComplete(position, size));
    const read = this.#read(missing);
    return positions.map((position, at) => {
      const hash = hashes[at] ?? (isComplete(position, size) ? read.shift() : undefined);
      if (!hash) throw new AppError("damaged", `the log has no node ${position.level}/${position.index} in its tree of ${size}`);
      return hash;
    });
  }

  /** Undefined for one that is not there. */
  #read(positions: readonly NodePosition[]): (Uint8Array | undefined)[] {
    const hashes: (Uint8Array | undefined)[] = [];
    for (let from = 0; from < positions.length; from += TOGETHER) {
      const few = positions.slice(from, from + TOGETHER);
      const row = this.#database.get(
        `SELECT ${few.map((_, at) => `${ONE} AS hash${at}`).join()}`,
        ...few.flatMap(({ level, index }) => [level, index]),
      );
      few.forEach((_, at) => hashes.push(row === undefined || row[`hash${at}`] === null ? undefined : bytesAt(row, `hash${at}`)));
    }
    return hashes;
  }

  /** Undefined where the stretch is not full yet, or not whole. */
  #ofStretch({ level, index }: NodePosition, size: number): Uint8Array | undefined {
    const first = index - (index % WIDTH);
    if (!isComplete({ level, index: first + WIDTH - 1 }, size)) return undefined;
    // Places of first hashes are multiples of 256, and levels are fewer.
    const name = first + level;
    const hashes = this.#kept.get(name) ?? this.#keep(name, this.#readStretch(level, first));
    // A copy: a part of a stretch would take all of it along to another thread.
    return hashes?.slice((index - first) * HASH, (index - first + 1) * HASH);
  }

  #keep(name: number, hashes: Uint8Array | undefined): Uint8Array | undefined {
    if (!hashes) return undefined;
    const [oldest = -1] = this.#kept.size >= MOST_STRETCHES ? this.#kept.keys() : [];
    this.#kept.delete(oldest);
    this.#kept.set(name, hashes);
    return hashes;
  }

  #readStretch(level: number, first: number): Uint8Array | undefined {
    const rows = this.#database.all(STRETCH, level, first, first + WIDTH).map((row) => bytesAt(row, "hash"));
    if (rows.length !== WIDTH || rows.some((hash) => hash.length !== HASH)) return undefined;
    const hashes = new Uint8Array(WIDTH * HASH);
    rows.forEach((hash, at) => hashes.set(hash, at * HASH));
    return hashes;
  }
}

/** The lowest level from which on all of the tree can be kept. */
function lowestKept(size: number): number {
  let level = LOWEST_KEPT;
  while (size / 2 ** (level - 1) > MOST_STRETCHES * WIDTH) level++;
  return level;
}
