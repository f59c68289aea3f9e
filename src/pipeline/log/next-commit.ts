import { toBase64 } from "../../core/crypto/base64.ts";
import { formatCheckpoint } from "../../core/crypto/checkpoint.ts";
import type { LogSigner } from "../../core/crypto/keys.ts";
import { inclusionProof, leafHash, nodesCompletedBy, placesForInclusion, rootOf, withNodes, type FetchNodes } from "../../core/crypto/merkle.ts";
import type { Sealed, Stored } from "../record.ts";
import type { Commit } from "../store/document-store.ts";

/**
 * What appending documents to a tree of `size` leaves makes of it: the nodes they complete, the signed checkpoint, and each document's proof in that tree.
 * `fetch` gives the nodes of the tree as it was. Nothing is stored.
 */
export async function nextCommit(
  documents: readonly Sealed[],
  size: number,
  signer: Pick<LogSigner, "origin" | "sign">,
  fetch: FetchNodes,
): Promise<Commit> {
  const nodes = await nodesCompletedBy(
    size,
    documents.map((document) => leafHash(document.leaf)),
    fetch,
  );
  const newSize = size + documents.length;
  const grown = withNodes(nodes, fetch);
  const note = signer.sign(formatCheckpoint({ origin: signer.origin, size: newSize, root: await rootOf(newSize, grown) }));

  // The proofs of neighbours share most of their nodes: all of them are fetched once.
  const indexes = documents.map((_, at) => size + at);
  const places = [
    ...new Map(indexes.flatMap((index) => placesForInclusion(index, newSize)).map((place) => [`${place.level}/${place.index}`, place])).values(),
  ];
  const hashes = await grown(places);
  const known = withNodes(
    places.flatMap((place, at) => (hashes[at] ? [{ ...place, hash: hashes[at] }] : [])),
    grown,
  );
  const stored: Stored[] = [];
  for (const [at, document] of documents.entries()) {
    const proof = await inclusionProof(size + at, newSize, known);
    stored.push({ ...document, position: { index: size + at, treeSize: newSize, inclusionProof: proof.map(toBase64), checkpoint: note } });
  }
  return { documents: stored, nodes, previousSize: size, checkpoint: { size: newSize, note } };
}
