/** Commits made again in another store, as they were: the same entries, the same checkpoints, the same tree. */
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import type { NoteVerifier } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { faultOfNote, hasRoot } from "../audit/audit-note.ts";
import type { WrappedKeys } from "../store/document-keys.ts";
import type { StoredCheckpoint, RecordStore } from "../store/record-store.ts";
import type { KeptEntry } from "./segment.ts";

export interface ReplayTarget {
  readonly store: Pick<RecordStore, "stage" | "commit">;
  readonly wrappedKeys: Pick<WrappedKeys, "keep">;
}

/** How long one commit may wait for its engine, in milliseconds. */
const PATIENCE = 60_000;

export class Replay {
  readonly #target: ReplayTarget;
  readonly #verifiers: readonly NoteVerifier[];
  readonly #tree = new GrowingTree();

  /** @param verifiers keys of the logs that may have signed the checkpoints */
  constructor(target: ReplayTarget, verifiers: readonly NoteVerifier[]) {
    this.#target = target;
    this.#verifiers = verifiers;
  }

  get size(): number {
    return this.#tree.size;
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  /**
   * Makes a commit; `keyOf` gives the wrapped keys of its entries. AppError `damaged` when its checkpoint is not one that the log signed of this tree, or its engine refuses it.
   */
  async commit(
    checkpoint: StoredCheckpoint,
    entries: readonly KeptEntry[],
    keyOf: (id: string, index: number) => Uint8Array | undefined,
  ): Promise<void> {
    const { store, wrappedKeys } = this.#target;
    const previousSize = this.#tree.size;
    const nodes = entries.flatMap(({ leaf }) => this.#tree.append(leafHash(leaf)));
    const fault =
      faultOfNote(checkpoint, this.#verifiers) ?? (hasRoot(checkpoint.note, this.#tree.root()) ? undefined : "has another root than its entries");
    if (fault !== undefined) throw new AppError("damaged", `the checkpoint of ${checkpoint.size} entries ${fault}`);
    for (const [at, { treeSize: _, ...entry }] of entries.entries()) {
      await store.stage(entry);
      const key = keyOf(entry.id, previousSize + at);
      if (key) await wrappedKeys.keep(entry.id, key);
    }
    const result = await store.commit({ previousSize, ids: entries.map(({ id }) => id), nodes, checkpoint }, performance.now() + PATIENCE);
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
