import { describe, expect, test } from "@jest/globals";
import { consistencyProof, inclusionProof, leafHash, nodesCompletedBy, rootOf, type FetchNodes } from "../../../src/core/crypto/merkle.ts";
import { verifyConsistency, verifyInclusion } from "../../../src/core/crypto/merkle-verify.ts";

const SIZE = 70;
const HASHES = Array.from({ length: SIZE }, (_, at) => leafHash(new TextEncoder().encode(String(at))));

async function tree(): Promise<FetchNodes> {
  const nodes = await nodesCompletedBy(0, HASHES, () => Promise.resolve([]));
  const byPlace = new Map(nodes.map((node) => [`${node.level}/${node.index}`, node.hash]));
  return (places) => Promise.resolve(places.map((place) => byPlace.get(`${place.level}/${place.index}`) as Uint8Array));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

describe("verifyInclusion", () => {
  test("accepts the proof of every leaf of every size, at its own index and size only", async () => {
    const fetch = await tree();
    for (let size = 1; size <= 40; size += 1) {
      const root = await rootOf(size, fetch);
      for (let index = 0; index < size; index += 1) {
        const leaf = HASHES[index] as Uint8Array;
        const proof = await inclusionProof(index, size, fetch);
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        if (index > 0) expect(verifyInclusion(leaf, index - 1, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index + 1, size, proof, root)).toBe(false);
      }
    }
  });

  test("refuses a proof with any change, one hash more or less, and hashes of another length", async () => {
    const fetch = await tree();
    for (const [index, size] of [
      [0, 1],
      [5, 7],
      [63, 64],
      [69, 70],
      [64, 70],
    ] as const) {
      const root = await rootOf(size, fetch);
      const leaf = HASHES[index] as Uint8Array;
      const proof = await inclusionProof(index, size, fetch);
      proof.forEach((hash, at) => {
        expect(verifyInclusion(leaf, index, size, proof.with(at, flipped(hash, 7)), root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof.toSpliced(at, 1), root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof.with(at, hash.subarray(1)), root)).toBe(false);
      });
      expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
      expect(verifyInclusion(flipped(leaf, 0), index, size, proof, root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, proof, flipped(root, 31))).toBe(false);
    }
  });

  test("refuses impossible numbers", () => {
    const leaf = HASHES[0] as Uint8Array;
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0.5, 1],
      [0, Number.NaN],
      [0, 2 ** 53],
    ] as const) {
      expect(verifyInclusion(leaf, index, size, [], leaf)).toBe(false);
    }
  });
});

describe("verifyConsistency", () => {
  test("accepts every pair of sizes, and no changed root or proof", async () => {
    const fetch = await tree();
    for (let size = 1; size <= 40; size += 1) {
      const root = await rootOf(size, fetch);
      for (let oldSize = 0; oldSize <= size; oldSize += 1) {
        const oldRoot = await rootOf(oldSize, fetch);
        const proof = await consistencyProof(oldSize, size, fetch);
        expect(verifyConsistency(oldSize, oldRoot, size, root, proof)).toBe(true);
        if (oldSize === 0 || oldSize === size) continue;
        expect(verifyConsistency(oldSize, flipped(oldRoot, 3), size, root, proof)).toBe(false);
        expect(verifyConsistency(oldSize, oldRoot, size, flipped(root, 3), proof)).toBe(false);
        expect(verifyConsistency(oldSize, oldRoot, size, root, proof.slice(1))).toBe(false);
        expect(verifyConsistency(oldSize, oldRoot, size, root, [...proof, root])).toBe(false);
        expect(verifyConsistency(oldSize, oldRoot, size, root, proof.with(0, flipped(proof[0] as Uint8Array, 0)))).toBe(false);
      }
    }
  });

  test("an older tree is not proved by a younger one", async () => {
    const fetch = await tree();
    expect(verifyConsistency(5, await rootOf(5, fetch), 4, await rootOf(4, fetch), [])).toBe(false);
  });
});
