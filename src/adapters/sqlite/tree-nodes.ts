import { AppError } from "../../core/errors.ts";
import type { NodePosition } from "../../core/crypto/merkle.ts";
import { isComplete } from "../../pipeline/store/commit-shape.ts";
import type { Database } from "./database.ts";
import { bytesAt, textAt } from "./rows.ts";

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
// As one text: each of a row's blobs would be a buffer of its own, 600,000 of them in a tree of ten million leaves.
const STRETCH = `SELECT group_concat(hex(hash), '' ORDER BY node_index) AS hashes, count(*) FILTER (WHERE length(hash) = ${HASH}) AS whole
  FROM tree_nodes WHERE level = ? AND node_index >= ? AND node_index < ?`;

/**
 * The nodes of the log's tree. Those of its upper levels, which every proof leads through, are read once: a complete subtree's hash never changes. That nobody else changes the file is the file watch's
 * to see.
 */
export class TreeNodes {
  readonly #database: Database;
  /** By level and place of the first hash; the oldest first. */
  readonly #kept = new Map<number, Buffer>();
  /** By how many they look up. */
  readonly #statements: string[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** The hashes at places of a tree of `size` leaves, in their order. AppError `damaged` for one that is not there. */
  at(positions: readonly NodePosition[], size: number): Uint8Array[] {
    const lowest = lowestKept(size);
    // Copies, and of all in one piece: a part of a stretch would take all of it along to another thread.
    const copies = Buffer.allocUnsafeSlow(positions.length * HASH);
    const hashes: (Uint8Array | undefined)[] = [];
    const missing: NodePosition[] = [];
    positions.forEach((position, at) => {
      const { level, index } = position;
      if (!isComplete(position, size)) throw missingNode(position, size);
      const first = index - (index % WIDTH);
      const stretch = level >= lowest && isComplete({ level, index: first + WIDTH - 1 }, size) ? this.#stretch(level, first) : undefined;
      if (stretch) stretch.copy(copies, at * HASH, (index - first) * HASH, (index - first + 1) * HASH);
      else missing.push(position);
      hashes.push(stretch && new Uint8Array(copies.buffer, at * HASH, HASH));
    });
    const read = this.#read(missing);
    let next = 0;
    return hashes.map((hash, at) => {
      const found = hash ?? read[next++];
      if (found === undefined) throw missingNode(positions[at] as NodePosition, size);
      return found;
    });
  }

  /** Undefined for one that is not there. */
  #read(positions: readonly NodePosition[]): (Uint8Array | undefined)[] {
    const hashes: (Uint8Array | undefined)[] = [];
    for (let from = 0; from < positions.length; from += TOGETHER) {
      const few = positions.slice(from, from + TOGETHER);
      const row = this.#database.get(
        (this.#statements[few.length] ??= statementFor(few.length)),
        ...few.flatMap(({ level, index }) => [level, index]),
      );
      few.forEach((_, at) => hashes.push(row === undefined || row[`hash${at}`] === null ? undefined : bytesAt(row, `hash${at}`)));
    }
    return hashes;
  }

  /** The hashes from a place on; undefined where they are not whole. */
  #stretch(level: number, first: number): Buffer | undefined {
    // Places of first hashes are multiples of 256, and levels are fewer.
    const name = first + level;
    const known = this.#kept.get(name);
    if (known) return known;
    const hashes = this.#readStretch(level, first);
    if (!hashes) return undefined;
    const [oldest = -1] = this.#kept.size >= MOST_STRETCHES ? this.#kept.keys() : [];
    this.#kept.delete(oldest);
    this.#kept.set(name, hashes);
    return hashes;
  }

  #readStretch(level: number, first: number): Buffer | undefined {
    const row = this.#database.get(STRETCH, level, first, first + WIDTH);
    if (row === undefined || row["whole"] !== WIDTH) return undefined;
    const hashes = Buffer.from(textAt(row, "hashes"), "hex");
    return hashes.length === WIDTH * HASH ? hashes : undefined;
  }
}

function statementFor(nodes: number): string {
  return `SELECT ${Array.from({ length: nodes }, (_, at) => `${ONE} AS hash${at}`).join()}`;
}

function missingNode({ level, index }: NodePosition, size: number): AppError {
  return new AppError("damaged", `the log has no node ${level}/${index} in its tree of ${size}`);
}

/** The lowest level from which on all of the tree can be kept. */
function lowestKept(size: number): number {
  let level = LOWEST_KEPT;
  while (size / 2 ** (level - 1) > MOST_STRETCHES * WIDTH) level++;
  return level;
}
