/**
 * The Merkle tree of RFC 6962 section 2.1, over stored nodes. Only the hashes of complete subtrees are kept, because they never change again: node
 * (level, index) covers the leaves from index * 2^level to (index + 1) * 2^level - 1. Every other hash is computed from them. Each function lists all
 * the nodes that it needs and fetches them once, so that a store can answer with one query; nothing here keeps state.
 */
import { hashOf, sha256 } from "./digest.ts";
import { concat } from "./bytes.ts";

/** Where a complete subtree stands: `index` counts from the left, from 0; level 0 are the leaves. */
export interface NodePosition {
  readonly level: number;
  readonly index: number;
}

/** A complete subtree's hash: 32 bytes. */
export interface TreeHash extends NodePosition {
  readonly hash: Uint8Array;
}

/** Gives the hashes at places, in their order (`RecordStore.nodes` is one). */
export type FetchNodes = (positions: readonly NodePosition[]) => Promise<readonly Uint8Array[]>;

/** By what a tree is hashed. */
export interface TreeHashing {
  /** Bytes of a hash. */
  readonly length: number;
  leaf(bytes: Uint8Array): Uint8Array;
  /** Of an inner node. */
  inner(left: Uint8Array, right: Uint8Array): Uint8Array;
}

/** A run of leaves, `end` excluded, as RFC 6962 writes D[start:end]. */
interface Range {
  readonly start: number;
  readonly end: number;
}

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** MTH({d}) = SHA-256(0x00 || d). */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, leaf);
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/** The log's own. */
export const SHA256_TREE: TreeHashing = { length: 32, leaf: leafHash, inner: nodeHash };

/** The same by SHA-512, of trees that renew the log's: docs/design/evidence.md. */
export const SHA512_TREE: TreeHashing = {
  length: 64,
  leaf: (bytes) => hashOf("sha512", concat(LEAF_PREFIX, bytes)),
  inner: (left, right) => hashOf("sha512", concat(NODE_PREFIX, left, right)),
};

/**
 * The nodes that become complete when leaves are appended to a tree of `size` leaves: the leaves themselves (level 0) and every subtree that they fill.
 * `fetch` is asked for nodes of the tree as it was. In the order of their completion.
 */
export async function nodesCompletedBy(size: number, leafHashes: readonly Uint8Array[], fetch: FetchNodes): Promise<TreeHash[]> {
  const positions = nodesForRoot(size);
  const hashes = await fetch(positions);
  const open: TreeHash[] = positions.map((position, at) => ({ ...position, hash: present(hashes[at]) }));
  const completed: TreeHash[] = [];
  leafHashes.forEach((hash, at) => {
    let node: TreeHash = { level: 0, index: size + at, hash };
    completed.push(node);
    // A node with an odd index closes the pair with the open subtree to its left, which is of the same level by then.
    while (node.index % 2 === 1) {
      const left = open.pop();
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(present(left?.hash), node.hash) };
      completed.push(node);
    }
    open.push(node);
  });
  return completed;
}

/** The same nodes as `fetch` has, and also `nodes`, which it need not know yet: to make proofs for a commit before it is stored. */
export function withNodes(nodes: readonly TreeHash[], fetch: FetchNodes): FetchNodes {
  const known = new Map(nodes.map((node) => [`${node.level}/${node.index}`, node.hash]));
  return async (positions) => {
    const missing = positions.filter((position) => !known.has(`${position.level}/${position.index}`));
    const fetched = missing.length > 0 ? await fetch(missing) : [];
    let next = 0;
    return positions.map((position) => known.get(`${position.level}/${position.index}`) ?? present(fetched[next++]));
  };
}

/** The complete subtrees that make up a tree of `size` leaves, from left to right: the largest first. */
export function nodesForRoot(size: number): NodePosition[] {
  return nodesForRange({ start: 0, end: size });
}

/** The root hash of the tree of the first `size` leaves. An empty tree's is the hash of the empty string. */
export async function rootOf(size: number, fetch: FetchNodes, by: TreeHashing = SHA256_TREE): Promise<Uint8Array> {
  const [root] = await hashesOfRanges([{ start: 0, end: size }], fetch, by);
  return present(root);
}

/** The audit path of RFC 6962 section 2.1.1 for leaf `index` in the tree of `size` leaves: from the leaf's sibling up to the root's child. */
export async function inclusionProof(index: number, size: number, fetch: FetchNodes, by: TreeHashing = SHA256_TREE): Promise<Uint8Array[]> {
  return hashesOfRanges(inclusionRanges(index, size), fetch, by);
}

/** The nodes that `inclusionProof` will ask for. */
export function nodesForInclusion(index: number, size: number): NodePosition[] {
  return inclusionRanges(index, size).flatMap(nodesForRange);
}

/** The consistency proof of RFC 6962 section 2.1.2: that the tree of `oldSize` leaves begins the tree of `size`. Empty when `oldSize` is 0 or `size`. */
export async function consistencyProof(oldSize: number, size: number, fetch: FetchNodes): Promise<Uint8Array[]> {
  return hashesOfRanges(consistencyRanges(oldSize, size), fetch);
}

function inclusionRanges(index: number, size: number): Range[] {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const ranges: Range[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = start + largestPowerBelow(end - start);
    ranges.push(index < split ? { start: split, end } : { start, end: split });
    if (index < split) end = split;
    else start = split;
  }
  return ranges.reverse();
}

function consistencyRanges(oldSize: number, size: number): Range[] {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) throw new RangeError(`no tree of ${oldSize} in a tree of ${size}`);
  if (oldSize === 0 || oldSize === size) return [];
  const ranges: Range[] = [];
  let start = 0;
  let end = size;
  while (end !== oldSize) {
    const split = start + largestPowerBelow(end - start);
    ranges.push(oldSize <= split ? { start: split, end } : { start, end: split });
    if (oldSize <= split) end = split;
    else start = split;
  }
  // While nothing but left turns was taken, the old root itself is known to the verifier and is left out (the flag b of SUBPROOF).
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

async function hashesOfRanges(ranges: readonly Range[], fetch: FetchNodes, by: TreeHashing = SHA256_TREE): Promise<Uint8Array[]> {
  const nodesOfEach = ranges.map(nodesForRange);
  const positions = nodesOfEach.flat();
  const hashes = positions.length > 0 ? await fetch(positions) : [];
  let next = 0;
  return nodesOfEach.map((own) => {
    const mine = own.map(() => present(hashes[next++]));
    return mine.length === 0 ? sha256() : mine.reduceRight((right, left) => by.inner(left, right));
  });
}

function nodesForRange({ start, end }: Range): NodePosition[] {
  const positions: NodePosition[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level += 1;
    }
    positions.push({ level, index: at / width });
    at += width;
  }
  return positions;
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function present(hash: Uint8Array | undefined): Uint8Array {
  if (hash === undefined) throw new RangeError("a node of the tree is missing");
  return hash;
}
