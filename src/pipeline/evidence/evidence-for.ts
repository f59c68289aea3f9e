/** The time-stamps that a receipt carries: as few as lead from its entry to the newest. */
import type { EvidenceLink, PlacedLeaf } from "../../core/evidence/evidence-chain.ts";
import { inclusionProof } from "../../core/crypto/merkle.ts";
import { isDamage } from "../../core/errors.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { EvidenceBook, KnownEvidence } from "./evidence-book.ts";

/**
 * The first time-stamp whose tree has an entry, then each time the last that was made while what the one before rests on was good, up to the newest. Where one came too late, it stands there all the same: by it the
 * entry was there later. Empty while there is none, or what is kept of them cannot be read, which an audit tells.
 */
export async function evidenceFor(
  entry: PlacedLeaf,
  { book, store }: { readonly book: EvidenceBook; readonly store: Pick<RecordStore, "nodes"> },
): Promise<readonly EvidenceLink[]> {
  try {
    const links: EvidenceLink[] = [];
    let before = entry;
    for (const one of chainOf(entry.index, await book.all())) {
      links.push(await linkOf(one, before, { book, store }));
      before = one;
    }
    return links;
  } catch (error) {
    if (isDamage(error)) return [];
    throw error;
  }
}

/** @param all in order of their numbers, so that trees and times grow */
export function chainOf(index: number, all: readonly KnownEvidence[]): readonly KnownEvidence[] {
  const chain: KnownEvidence[] = [];
  for (let next = all.find(({ size }) => size > index); next !== undefined; next = nextOf(next, all)) chain.push(next);
  return chain;
}

function nextOf(one: KnownEvidence, all: readonly KnownEvidence[]): KnownEvidence | undefined {
  const later = all.slice(one.number + 1).filter(({ size }) => size > one.index);
  return later.findLast(({ stampedAt }) => stampedAt < one.until) ?? later[0];
}

async function linkOf(
  one: KnownEvidence,
  before: PlacedLeaf,
  { book, store }: { readonly book: EvidenceBook; readonly store: Pick<RecordStore, "nodes"> },
): Promise<EvidenceLink> {
  const [{ stamped, token, certificates }, status, proof] = await Promise.all([
    book.record(one),
    book.status(one.number),
    inclusionProof(before.index, one.size, (places) => store.nodes(places)),
  ]);
  return {
    ...{ stamped, token, inclusionProof: proof, entry: { leaf: one.leaf, index: one.index } },
    certificates: [...certificates, ...(status?.certificates ?? [])],
    revocations: status?.revocations ?? [],
  };
}
