/** Commits made again in another store, as they were: the same entries, the same checkpoints, the same tree. */
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import type { KnownLog } from "../../core/crypto/log-keys.ts";
import { AppError } from "../../core/errors.ts";
import { faultOfNote, hasRoot } from "../audit/audit-note.ts";
import type { WrappedKeys } from "../store/document-keys.ts";
import type { StoredCheckpoint, RecordStore } from "../store/record-store.ts";
import type { KeptEntry } from "./segment.ts";

export interface ReplayTarget {
  readonly store: Pick<RecordStore, "stage" | "commit">;
  readonly wrappedKeys: Pick<WrappedKeys, "keep">;
}

/** Entries that are staged at the same time. */
const LANES = 16;
/** How long one commit may wait for its engine, in milliseconds. */
const PATIENCE = 60_000;

/** The wrapped key of an entry at a place; undefined when it has none, or is to have none. */
export type KeyOf = (id: string, index: number) => Uint8Array | undefined;

export class Replay {
  readonly #target: ReplayTarget;
  readonly #logs: readonly KnownLog[];
  readonly #tree: GrowingTree;
  readonly #staged = new Set<string>();

  /**
   * @param logs that may have signed the checkpoints
   * @param tree what the target has already
   */
  constructor(target: ReplayTarget, logs: readonly KnownLog[], tree = new GrowingTree()) {
    this.#target = target;
    this.#logs = logs;
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  /** Stages entries of the commits that come next, several at a time, so that none of those waits for its own. */
  async prepare(entries: readonly KeptEntry[], keyOf: KeyOf): Promise<void> {
    const { store, wrappedKeys } = this.#target;
    const first = this.#tree.size;
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let at = next++; at < entries.length; at = next++) {
        const entry = entries[at];
        if (entry === undefined || this.#staged.has(entry.id)) continue;
        const { treeSize: _, ...staged } = entry;
        const key = keyOf(entry.id, first + at);
        // In the order of a deposit: the key first.
        if (key) await wrappedKeys.keep(entry.id, key);
        await store.stage(staged);
        this.#staged.add(entry.id);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /**
   * Makes a commit; `keyOf` gives the wrapped keys of its entries. AppError `damaged` when its checkpoint is not one that the log signed of this tree, or its engine refuses it.
   */
  async commit(checkpoint: StoredCheckpoint, entries: readonly KeptEntry[], keyOf: KeyOf): Promise<void> {
    const { store } = this.#target;
    await this.prepare(entries, keyOf);
    const previousSize = this.#tree.size;
    const nodes = entries.flatMap(({ leaf }) => this.#tree.append(leafHash(leaf)));
    const fault =
      faultOfNote(checkpoint, this.#logs) ?? (hasRoot(checkpoint.note, this.#tree.root()) ? undefined : "has another root than its entries");
    if (fault !== undefined) throw new AppError("damaged", `the checkpoint of ${checkpoint.size} entries ${fault}`);
    const result = await store.commit({ previousSize, ids: entries.map(({ id }) => id), nodes, checkpoint }, performance.now() + PATIENCE);
    for (const { id } of entries) this.#staged.delete(id);
    if (result.kind === "behind")
      throw new AppError(
        "conflict",
        `somebody else made a commit in the target beside that of ${checkpoint.size} entries: nobody else may write there`,
      );
    if (result.kind !== "committed")
      throw new AppError("damaged", `the commit of ${checkpoint.size} entries can't be made again: it is ${result.kind}`);
  }
}

/** A run of entries, taken apart into its commits. AppError `damaged` when a checkpoint is missing. */
export function commitsOf(
  entries: readonly KeptEntry[],
  checkpoints: readonly StoredCheckpoint[],
): { readonly checkpoint: StoredCheckpoint; readonly entries: readonly KeptEntry[] }[] {
  const bySize = new Map(checkpoints.map((checkpoint) => [checkpoint.size, checkpoint]));
  const commits: { checkpoint: StoredCheckpoint; entries: KeptEntry[] }[] = [];
  for (const entry of entries) {
    const last = commits.at(-1);
    if (last?.checkpoint.size === entry.treeSize) last.entries.push(entry);
    else {
      const checkpoint = bySize.get(entry.treeSize);
      if (checkpoint === undefined) throw new AppError("damaged", `the checkpoint of ${entry.treeSize} entries is missing`);
      commits.push({ checkpoint, entries: [entry] });
    }
  }
  return commits;
}
