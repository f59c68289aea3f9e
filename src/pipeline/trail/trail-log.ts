import { formatCheckpoint } from "../../core/crypto/checkpoint.ts";
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import type { AuditKeys, LogSigner } from "../../core/crypto/keys.ts";
import { leafHash, nodesForRoot } from "../../core/crypto/merkle.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { checkpointUnder } from "../../core/formats/new-origin.ts";
import type { KeptBatch, NewBatch, TrailStore } from "./trail-store.ts";

/** How often a batch is tried again when another process has appended before it. */
const ATTEMPTS = 20;

/** A batch before it has its place in the log. */
export type SealedBatch = Omit<KeptBatch, "index"> & Pick<NewBatch, "tokens">;

/** One audit log, appended to by this process: its tree is held by its open nodes, and read anew when another process was quicker. */
export class TrailLog {
  readonly name: string;
  readonly #store: Pick<TrailStore, "append" | "checkpoint" | "nodes" | "find">;
  readonly #signer: LogSigner;
  #tree: GrowingTree | undefined;
  /** Entries that it was seen to have. */
  #seen = 0;

  constructor(name: string, store: Pick<TrailStore, "append" | "checkpoint" | "nodes" | "find">, keys: AuditKeys) {
    this.name = name;
    this.#store = store;
    this.#signer = keys.signerOf(name);
  }

  /** Entries that it had when it was looked at last. */
  get size(): number {
    return this.#seen;
  }

  /** Reads how far the log is. AppError `damaged` when its checkpoint is not ours, or not that of its nodes: nothing is appended to such a log. */
  async open(): Promise<void> {
    this.#tree = await this.#read();
  }

  /**
   * Durable when it resolves; undefined when the batch was there already. It is looked for behind the size that it is appended upon: whoever appends it in between has this append come too late, so that it is never there twice.
   *
   * @param once `identity`: the token that no other batch has; `mayBeThere`: whether it may have been appended before, by whomever. What nobody else knows of is looked for only when the append is tried again.
   */
  async append(
    batch: SealedBatch,
    { identity, mayBeThere }: { readonly identity: string; readonly mayBeThere: boolean },
  ): Promise<{ readonly note: string } | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tree = (this.#tree ?? (await this.#read())).copy();
      if ((mayBeThere || attempt > 0) && (await this.#store.find({ tokens: [identity] }, 1)).length > 0) return undefined;
      const index = tree.size;
      const nodes = tree.append(leafHash(batch.leaf));
      const note = await this.#signer.sign(formatCheckpoint({ origin: this.#signer.origin, size: tree.size, root: tree.root() }));
      // Whatever becomes of it, nothing is known of the log until that is known.
      this.#tree = undefined;
      const result = await this.#store.append({ ...batch, index, nodes, note });
      if (result === "behind") continue;
      this.#tree = tree;
      this.#seen = tree.size;
      return { note };
    }
    throw new AppError("unavailable", "others append to the audit log faster than this process");
  }

  async #read(): Promise<GrowingTree> {
    const tree = await openTreeOf(this.name, this.#store, this.#signer.vkey);
    // Nothing is ever removed: whoever appended behind what is left would begin another log.
    if (tree.size < this.#seen)
      throw new AppError(
        "unavailable",
        `the audit log ${this.name} has ${tree.size} batches and had ${this.#seen}: the audit trail was replaced, or emptied, while it was open`,
      );
    this.#seen = tree.size;
    return tree;
  }
}

/** The open nodes of a log as it stands. AppError `damaged` when its newest checkpoint is not ours, or not that of its nodes. */
export async function openTreeOf(log: string, store: Pick<TrailStore, "checkpoint" | "nodes">, vkey: string): Promise<GrowingTree> {
  const newest = await store.checkpoint(log);
  if (newest === undefined) return new GrowingTree();
  const { size, root } = checkpointUnder(newest.note, vkey);
  const places = nodesForRoot(newest.size);
  const hashes = await store.nodes(log, places);
  const tree = GrowingTree.of(
    newest.size,
    places.map((place, at) => ({ ...place, hash: hashes[at] ?? new Uint8Array() })),
  );
  if (size !== newest.size || !equalBytes(tree.root(), root))
    throw new AppError("damaged", `the audit log ${log} is not that of its newest checkpoint: it was changed`);
  return tree;
}
