import { describe, expect, test } from "@jest/globals";
import { sha256 } from "../../../src/core/crypto/digest.ts";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  nodesCompletedBy,
  nodesForInclusion,
  nodesForRoot,
  rootOf,
  withNodes,
  type FetchNodes,
  type TreeHash,
} from "../../../src/core/crypto/merkle.ts";

// RFC 6962 section 2.1, word for word, over a list of leaves.
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0] as Uint8Array);
  const k = naiveSplit(leaves.length);
  return sha256(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naivePath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = naiveSplit(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

function naiveSubproof(m: number, leaves: readonly Uint8Array[], isWhole: boolean): Uint8Array[] {
  if (m === leaves.length) return isWhole ? [] : [naiveRoot(leaves)];
  const k = naiveSplit(leaves.length);
  return m <= k
    ? [...naiveSubproof(m, leaves.slice(0, k), isWhole), naiveRoot(leaves.slice(k))]
    : [...naiveSubproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

function naiveSplit(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Hashes as text: comparing bytes one by one takes the test runner far longer than making them. */
function hex(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => Buffer.from(hash).toString("hex")).join(" ");
}

const LEAVES = Array.from({ length: 130 }, (_, at) => new TextEncoder().encode(`leaf ${at}`));

class MemoryNodes {
  readonly hashes = new Map<string, Uint8Array>();
  readonly fetch: FetchNodes = (places) =>
    Promise.resolve(
      places.map((place) => {
        const hash = this.hashes.get(`${place.level}/${place.index}`);
        if (hash === undefined) throw new Error(`asked for ${place.level}/${place.index}, which is not complete`);
        return hash;
      }),
    );

  add(nodes: readonly TreeHash[]): void {
    for (const node of nodes) {
      const key = `${node.level}/${node.index}`;
      if (this.hashes.has(key)) throw new Error(`${key} was completed twice`);
      this.hashes.set(key, node.hash);
    }
  }
}

async function nodesOf(size: number): Promise<MemoryNodes> {
  const nodes = new MemoryNodes();
  nodes.add(await nodesCompletedBy(0, LEAVES.slice(0, size).map(leafHash), nodes.fetch));
  return nodes;
}

describe("Merkle tree (RFC 6962 section 2.1)", () => {
  test("an empty tree's root is the hash of nothing", async () => {
    expect(await rootOf(0, () => Promise.reject(new Error("asked for a node")))).toEqual(naiveRoot([]));
  });

  test("roots equal the definition for every size, whatever the batches in which leaves came", async () => {
    for (const batch of [1, 3, 64]) {
      const nodes = new MemoryNodes();
      for (let size = 0; size < LEAVES.length; size += batch) {
        const added = LEAVES.slice(size, size + batch);
        nodes.add(await nodesCompletedBy(size, added.map(leafHash), nodes.fetch));
        const newSize = size + added.length;
        expect(await rootOf(newSize, nodes.fetch)).toEqual(naiveRoot(LEAVES.slice(0, newSize)));
      }
    }
  });

  test("inclusion proofs equal the definition for every leaf of every size", async () => {
    const nodes = await nodesOf(LEAVES.length);
    for (let size = 1; size <= LEAVES.length; size += size < 40 ? 1 : 9) {
      for (let index = 0; index < size; index += 1) {
        expect(hex(await inclusionProof(index, size, nodes.fetch))).toBe(hex(naivePath(index, LEAVES.slice(0, size))));
      }
    }
  });

  test("consistency proofs equal the definition for every pair of sizes", async () => {
    const nodes = await nodesOf(LEAVES.length);
    for (let size = 1; size <= LEAVES.length; size += size < 40 ? 1 : 9) {
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        expect(hex(await consistencyProof(oldSize, size, nodes.fetch))).toBe(hex(naiveSubproof(oldSize, LEAVES.slice(0, size), true)));
      }
      expect(await consistencyProof(0, size, nodes.fetch)).toEqual([]);
    }
  });

  test("only nodes that a tree of the size has are asked for, and in one go", async () => {
    const nodes = await nodesOf(77);
    let asked = 0;
    await inclusionProof(76, 77, (places) => {
      asked += 1;
      expect(places).toEqual(nodesForInclusion(76, 77));
      return nodes.fetch(places);
    });
    expect(asked).toBe(1);
    expect(nodesForRoot(77)).toEqual([
      { level: 6, index: 0 },
      { level: 3, index: 8 },
      { level: 2, index: 18 },
      { level: 0, index: 76 },
    ]);
  });

  test("withNodes makes proofs for a commit that is not stored yet", async () => {
    const stored = await nodesOf(37);
    const added = await nodesCompletedBy(37, LEAVES.slice(37, 50).map(leafHash), stored.fetch);
    const fetch = withNodes(added, stored.fetch);
    expect(await rootOf(50, fetch)).toEqual(naiveRoot(LEAVES.slice(0, 50)));
    expect(await inclusionProof(45, 50, fetch)).toEqual(naivePath(45, LEAVES.slice(0, 50)));
  });

  test("large sizes do not overflow", () => {
    const size = 2 ** 40 + 5;
    expect(nodesForRoot(size)).toEqual([
      { level: 40, index: 0 },
      { level: 2, index: 2 ** 38 },
      { level: 0, index: 2 ** 40 + 4 },
    ]);
  });

  test("a leaf outside of the tree is refused", async () => {
    const nodes = await nodesOf(4);
    await expect(inclusionProof(4, 4, nodes.fetch)).rejects.toThrow(RangeError);
    await expect(inclusionProof(-1, 4, nodes.fetch)).rejects.toThrow(RangeError);
    await expect(consistencyProof(5, 4, nodes.fetch)).rejects.toThrow(RangeError);
  });
});
