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
  readonly #store: Pick<TrailStore, "append" | "checkpoint" | "nodes">;
  readonly #signer: LogSigner;
  #tree: GrowingTree | undefined;

  constructor(name: string, store: Pick<TrailStore, "append" | "checkpoint" | "nodes">, keys: AuditKeys) {
    this.name = name;
    this.#store = store;
    this.#signer = keys.signerOf(name);
  }

  /** Entries that it had when it was looked at last. */
  get size(): number {
    return this.#tree?.size ?? 0;
  }

  /** Reads how far the log is. AppError `damaged` when its checkpoint is not ours, or not that of its nodes: nothing is appended to such a log. */
  async open(): Promise<void> {
    this.#tree = await this.#read();
  }

  /** Durable when it resolves. One call at a time. */
  async append(batch: SealedBatch): Promise<{ readonly note: string }> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tree = (this.#tree ?? (await this.#read())).copy();
      const index = tree.size;
      const nodes = tree.append(leafHash(batch.leaf));
      const note = await this.#signer.sign(formatCheckpoint({ origin: this.#signer.origin, size: tree.size, root: tree.root() }));
      // Whatever becomes of it, nothing is known of the log until that is known.
      this.#tree = undefined;
      const result = await this.#store.append({ ...batch, index, nodes, note });
      if (result === "behind") continue;
      this.#tree = tree;
      return { note };
    }
    throw new AppError("unavailable", "others append to the audit log faster than this process");
  }

  async #read(): Promise<GrowingTree> {
    const newest = await this.#store.checkpoint(this.name);
    if (newest === undefined) return new GrowingTree();
    const { size, root } = checkpointUnder(newest.note, this.#signer.vkey);
    const places = nodesForRoot(newest.size);
    const hashes = await this.#store.nodes(this.name, places);
    const tree = GrowingTree.of(
      newest.size,
      places.map((place, at) => ({ ...place, hash: hashes[at] ?? new Uint8Array() })),
    );
    if (size !== newest.size || !equalBytes(tree.root(), root))
      throw new AppError("damaged", `the audit log ${this.name} is not that of its newest checkpoint: it was changed`);
    return tree;
  }
}
