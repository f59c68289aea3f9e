/** What a time-stamp of the log is over: a text that names a tree of it. docs/formats.md, "Evidence of the log". */
import { parseCheckpoint } from "../crypto/checkpoint.ts";
import type { TreeHashName } from "../formats/log-evidence.ts";

/** A tree over the log's first entries. */
export interface StampedTree {
  readonly origin: string;
  readonly size: number;
  /** By what it is hashed. */
  readonly hash: TreeHashName;
  readonly root: Uint8Array;
}

/** The tree that a text names: a checkpoint, as a signed note. Who signed it is not asked: what is stamped was there, whoever made it. AppError `malformed`. */
export function treeOfStamped(stamped: string): StampedTree {
  return { ...parseCheckpoint(stamped.slice(0, stamped.indexOf("\n\n") + 1)), hash: "sha256" };
}
