/** A log in memory: its tree, and checkpoints of any size that its key signs. */
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import type { LogSigner } from "../../../src/core/crypto/keys.ts";
import { GrowingTree } from "../../../src/core/crypto/growing-tree.ts";
import { consistencyProof, leafHash, rootOf, type FetchNodes } from "../../../src/core/crypto/merkle.ts";

export class Tree {
  readonly #signer: LogSigner;
  readonly #growing = new GrowingTree();
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(signer: LogSigner) {
    this.#signer = signer;
  }

  append(leaf: string): void {
    for (const { level, index, hash } of this.#growing.append(leafHash(new TextEncoder().encode(leaf)))) this.#nodes.set(`${level}/${index}`, hash);
  }

  readonly fetch: FetchNodes = (positions) =>
    Promise.resolve(positions.map(({ level, index }) => this.#nodes.get(`${level}/${index}`) as Uint8Array));

  async note(size: number): Promise<string> {
    return this.#signer.sign(formatCheckpoint({ origin: this.#signer.origin, size, root: await rootOf(size, this.fetch) }));
  }

  /** Empty where there can be none. */
  async proof(oldSize: number, size: number): Promise<Uint8Array[]> {
    return oldSize > size ? [] : consistencyProof(oldSize, size, this.fetch);
  }
}
