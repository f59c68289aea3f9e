/** Verifies a whole store from outside, with a tree hashing of its own: what a test runs after each fault that it injects. */
import { expect } from "@jest/globals";
import { createHash } from "node:crypto";
import { fromBase64 } from "../../src/core/crypto/base64.ts";
import { parseCheckpoint } from "../../src/core/crypto/checkpoint.ts";
import type { LogName, LogSigner } from "../../src/core/crypto/keys.ts";
import { verifyInclusion } from "../../src/core/crypto/merkle-verify.ts";
import { openNote, parseVkey } from "../../src/core/crypto/signed-note.ts";
import type { ReadBack } from "../../src/pipeline/record.ts";
import type { DocumentStore } from "../../src/pipeline/store/document-store.ts";

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
  /** How many documents are known to be erased: they have a leaf, but stand in no list. */
  readonly erased?: number;
  /** How many leaves are about no document. */
  readonly entries?: number;
  /** Logs whose checkpoints documents may be proved against too. */
  readonly pastLogs?: readonly LogName[];
}

/**
 * Every leaf lies under the newest checkpoint, every node is the hash of what it covers, every document of the index is in the log at its place and
 * proves it, every earlier checkpoint is one of the same tree. Gives the documents in order of the log.
 */
export async function audit(
  store: DocumentStore,
  signer: LogSigner,
  { erased = 0, entries = 0, pastLogs = [] }: AuditOptions = {},
): Promise<ReadBack[]> {
  const record = await store.checkpoint();
  const size = record?.size ?? 0;
  const leaves = await store.leaves(0, size + 10);
  expect(leaves).toHaveLength(size);
  if (record) expect(rootIn(record.note, signer)).toMatchObject({ size, root: treeHash(leaves) });

  for (let level = 0; 2 ** level <= size; level++) {
    const places = Array.from({ length: Math.floor(size / 2 ** level) }, (_, index) => ({ level, index }));
    const expected = places.map(({ index }) => treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
    expect(await store.nodes(places)).toEqual(expected);
  }

  const listed = await store.newest(size + 10);
  expect(listed).toHaveLength(size - erased - entries);
  const roots = new Map<number, Uint8Array>();
  const documents: ReadBack[] = [];
  for (const { id } of listed) {
    const document = await store.read(id);
    if (document === undefined || document === "gone") throw new Error(`${id} is listed and cannot be read`);
    const { index, treeSize, inclusionProof, checkpoint } = document.position;
    const { size: provedSize, root } = rootIn(checkpoint, pastLogs.find(({ origin }) => checkpoint.startsWith(`${origin}\n`)) ?? signer);
    expect(provedSize).toBe(treeSize);
    if (!roots.has(treeSize)) roots.set(treeSize, treeHash(leaves.slice(0, treeSize)));
    expect(root).toEqual(roots.get(treeSize));
    expect(document.leaf).toEqual(leaves[index]);
    const proof = inclusionProof.map((text) => fromBase64(text) ?? new Uint8Array());
    expect(verifyInclusion(hashLeaf(document.leaf), index, treeSize, proof, root)).toBe(true);
    expect((await store.findTwins([document.identityKey])).get(document.identityKey)).toEqual({ id, sameness: document.sameness, isReadable: true });
    documents.push(document);
  }
  expect(new Set(documents.map((document) => document.position.index)).size).toBe(documents.length);
  return documents.sort((one, other) => one.position.index - other.position.index);
}
