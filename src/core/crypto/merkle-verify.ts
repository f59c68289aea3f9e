/** The verifier's side of the Merkle tree: proofs are checked without any node (RFC 9162 sections 2.1.3.2 and 2.1.4.2, which fit RFC 6962 trees). */
import { equalBytes } from "./digest.ts";
import { nodeHash, SHA256_TREE, type TreeHashing } from "./merkle.ts";

const HASH_LENGTH = 32;

/** The root to which an audit path leads from a leaf's hash; undefined when the path cannot belong to leaf `index` of a tree of `size`. */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  { length, inner }: TreeHashing = SHA256_TREE,
): Uint8Array | undefined {
  if (!areCounts(index, size) || index >= size || proof.some((hash) => hash.length !== length)) return undefined;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = inner(sibling, hash);
      // A right-most node without a sibling is carried up unchanged until it is somebody's right child.
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = inner(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? hash : undefined;
}

/** Whether the audit path proves that the leaf with hash `leaf` is number `index` of the tree with this size and root. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  by: TreeHashing = SHA256_TREE,
): boolean {
  const computed = rootFromInclusion(leaf, index, size, proof, by);
  return computed !== undefined && equalBytes(computed, root);
}

/** Whether the proof shows that the tree of `oldSize` and `oldRoot` is the beginning of the tree of `size` and `root`. */
export function verifyConsistency(oldSize: number, oldRoot: Uint8Array, size: number, root: Uint8Array, proof: readonly Uint8Array[]): boolean {
  if (!areCounts(oldSize, size) || oldSize > size || proof.some((hash) => hash.length !== HASH_LENGTH)) return false;
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  if (oldSize === 0) return proof.length === 0;
  const isPower = Number.isInteger(Math.log2(oldSize));
  const path = isPower ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let at = oldSize - 1;
  let last = size - 1;
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let oldHash = first;
  let newHash = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newHash = nodeHash(newHash, hash);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, root);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function areCounts(...values: readonly number[]): boolean {
  return values.every((value) => Number.isSafeInteger(value) && value >= 0);
}
