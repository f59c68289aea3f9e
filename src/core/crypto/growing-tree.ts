import { sha256 } from "./digest.ts";
import { nodeHash, type TreeHash } from "./merkle.ts";

/** A Merkle tree (RFC 6962) that leaves are appended to, held by the roots of its complete subtrees alone: as many hashes as its size has bits. */
export class GrowingTree {
  #open: TreeHash[] = [];
  #size = 0;

  /** A tree of `size` leaves; `edge`: the roots of its complete subtrees, the largest first (`placesForRoot`). */
  static of(size: number, edge: readonly TreeHash[]): GrowingTree {
    const tree = new GrowingTree();
    tree.#open = [...edge];
    tree.#size = size;
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf's hash; gives the nodes that it completes, itself first. */
  append(hash: Uint8Array): TreeHash[] {
    let node: TreeHash = { level: 0, index: this.#size, hash };
    const completed = [node];
    while (node.index % 2 === 1) {
      const left = this.#open.pop();
      if (left === undefined) throw new RangeError("a tree without its left part");
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left.hash, node.hash) };
      completed.push(node);
    }
    this.#open.push(node);
    this.#size++;
    return completed;
  }

  root(): Uint8Array {
    if (this.#open.length === 0) return sha256();
    return this.#open.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right));
  }

  copy(): GrowingTree {
    const copy = new GrowingTree();
    copy.#open = [...this.#open];
    copy.#size = this.#size;
    return copy;
  }
}
