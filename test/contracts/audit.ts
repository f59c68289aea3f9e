/** Verifies a whole store from outside, with a tree hashing of its own: what a test runs after each fault that it injects. */
import { expect } from "@jest/globals";
import { createHash } from "node:crypto";
import { parseCheckpoint } from "../../src/core/crypto/checkpoint.ts";
import type { LogName } from "../../src/core/crypto/keys.ts";
import { inclusionProof } from "../../src/core/crypto/merkle.ts";
import { verifyInclusion } from "../../src/core/crypto/merkle-verify.ts";
import { openNote, parseVkey } from "../../src/core/crypto/signed-note.ts";
import type { LogEntry, RecordStore } from "../../src/pipeline/store/record-store.ts";

const hash = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
const hashLeaf = (leaf: Uint8Array): Uint8Array => hash(Uint8Array.of(0), leaf);

/** RFC 6962 section 2.1, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return hash();
  if (leaves.length === 1) return hashLeaf(first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hash(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

function rootIn(note: string, signer: LogName): { readonly size: number; readonly root: Uint8Array } {
  const { text, signatures } = openNote(note, [parseVkey(signer.vkey)]);
  expect(signatures.map((signature) => signature.result)).toEqual(["valid"]);
  const checkpoint = parseCheckpoint(text);
  expect(checkpoint.origin).toBe(signer.origin);
  return checkpoint;
}

export interface AuditOptions {
  /** Logs whose checkpoints entries may be proved against too. */
  readonly pastLogs?: readonly LogName[];
}

/**
 * Every leaf lies under the newest checkpoint, every node is the hash of what it covers, every entry is at its place and can be proved in the tree that it was committed
 * with, every earlier checkpoint is one of the same tree, and what is found by an id or a claim is in the log. Gives the entries in order of the log.
 */
export async function audit(store: RecordStore, signer: LogName, { pastLogs = [] }: AuditOptions = {}): Promise<LogEntry[]> {
  const record = await store.checkpoint();
  const size = record?.size ?? 0;
  const entries = await store.entries(0, size + 10);
  const leaves = entries.map(({ leaf }) => leaf);
  expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: size }, (_, index) => index));
  if (record) expect(rootIn(record.note, signer)).toMatchObject({ size, root: treeHash(leaves) });

  for (let level = 0; 2 ** level <= size; level++) {
    const places = Array.from({ length: Math.floor(size / 2 ** level) }, (_, index) => ({ level, index }));
    const expected = places.map(({ index }) => treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
    expect(await store.nodes(places)).toEqual(expected);
  }

  const roots = new Map<number, Uint8Array>();
  for (const entry of entries) {
    const { index, treeSize } = entry;
    expect(await store.entry(entry.id)).toEqual(entry);
    const note = (await store.checkpoint(treeSize))?.note ?? "";
    const { size: provedSize, root } = rootIn(note, pastLogs.find(({ origin }) => note.startsWith(`${origin}\n`)) ?? signer);
    expect(provedSize).toBe(treeSize);
    if (!roots.has(treeSize)) roots.set(treeSize, treeHash(leaves.slice(0, treeSize)));
    expect(root).toEqual(roots.get(treeSize));
    const proof = await inclusionProof(index, treeSize, (places) => store.nodes(places));
    expect(verifyInclusion(hashLeaf(entry.leaf), index, treeSize, proof, root)).toBe(true);
  }
  expect(new Set(entries.map(({ id }) => id)).size).toBe(size);
  return entries;
}
