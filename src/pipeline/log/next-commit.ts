import { formatCheckpoint } from "../../core/crypto/checkpoint.ts";
import type { LogSigner } from "../../core/crypto/keys.ts";
import { leafHash, nodesCompletedBy, nodesForRoot, rootOf, withNodes, type FetchNodes, type TreeHash } from "../../core/crypto/merkle.ts";
import type { Commit, LogEntry, NewEntry } from "../store/record-store.ts";
import type { WaitingEntry } from "./queue.ts";

/**
 * What appending entries to a tree of `size` leaves makes of it: the nodes they complete, and the signed checkpoint. `fetch` gives the nodes of the tree as it was.
 * Nothing is stored. Proofs need not be: whoever asks for one later finds the same, since no complete subtree ever changes.
 */
export async function nextCommit(
  entries: readonly Pick<NewEntry, "id" | "leaf">[],
  size: number,
  signer: Pick<LogSigner, "origin" | "sign">,
  fetch: FetchNodes,
): Promise<Commit> {
  const nodes = await nodesCompletedBy(
    size,
    entries.map(({ leaf }) => leafHash(leaf)),
    fetch,
  );
  const newSize = size + entries.length;
  const root = await rootOf(newSize, withNodes(nodes, fetch));
  const note = await signer.sign(formatCheckpoint({ origin: signer.origin, size: newSize, root }));
  return { previousSize: size, ids: entries.map(({ id }) => id), nodes, checkpoint: { size: newSize, note } };
}

/** The nodes on the right edge of a tree of `size` leaves, which are all that a commit needs of it. */
export async function edgeOf(size: number, fetch: FetchNodes): Promise<TreeHash[]> {
  const positions = nodesForRoot(size);
  const hashes = positions.length > 0 ? await fetch(positions) : [];
  return positions.flatMap((position, at) => (hashes[at] ? [{ ...position, hash: hashes[at] }] : []));
}

/** The entries of a commit as they stand in the log once it has taken place. */
export function enteredBy({ previousSize, checkpoint }: Commit, entries: readonly WaitingEntry[]): LogEntry[] {
  return entries.map(({ claims: _, bytes: __, ...entry }, at) => ({
    ...entry,
    index: previousSize + at,
    treeSize: checkpoint.size,
  }));
}
