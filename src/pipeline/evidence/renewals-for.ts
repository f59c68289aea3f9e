/** What of the log hashed anew a receipt carries: the first time-stamp whose tree has its entry, and those that renew it, each with the items that it is to prove. */
import { inclusionProof, SHA512_TREE } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import type { EvidenceLink, PlacedLeaf } from "../../core/evidence/evidence-chain.ts";
import type { RenewalLink } from "../../core/evidence/renewal-proof.ts";
import type { KnownRenewal, RenewalBook } from "./renewal-book.ts";

/** Empty while there is none, or what is kept of them cannot be read, which an audit tells. @param links the time-stamps by SHA-256 that the receipt carries */
export async function renewalsFor(entry: PlacedLeaf, links: readonly EvidenceLink[], book: RenewalBook): Promise<readonly RenewalLink[]> {
  try {
    const found: RenewalLink[] = [];
    for (const one of chainOf(entry.index, await book.renewals())) found.push(await linkOf(one, { entry, links, before: found.at(-1) }, book));
    return found;
  } catch (error) {
    if (error instanceof AppError && (error.code === "damaged" || error.code === "malformed")) return [];
    throw error;
  }
}

/** Each the last that was made while what the one before rests on was good, as of the time-stamps by SHA-256. */
function chainOf(index: number, all: readonly KnownRenewal[]): readonly KnownRenewal[] {
  const chain: KnownRenewal[] = [];
  for (let next = all.find(({ size }) => size > index); next !== undefined;) {
    const one: KnownRenewal = next;
    chain.push(one);
    const later = all.filter(({ number, size }) => number > one.number && size > one.index);
    next = later.findLast(({ stampedAt }) => stampedAt < one.until) ?? later[0];
  }
  return chain;
}

async function linkOf(
  one: KnownRenewal,
  { entry, links, before }: { readonly entry: PlacedLeaf; readonly links: readonly EvidenceLink[]; readonly before: RenewalLink | undefined },
  book: RenewalBook,
): Promise<RenewalLink> {
  const { stamped, token, certificates, items: tail } = await book.record(one);
  const { item, fetch } = await book.treeOf(tail);
  const places = [entry, ...links.map((link) => link.entry), ...(before ? [before.entry] : [])]
    .map(({ index }) => index)
    .filter((index) => index < one.size);
  const items = [];
  for (const index of new Set(places))
    items.push({ index, item: await item(index), inclusionProof: await inclusionProof(index, one.size, fetch, SHA512_TREE) });
  return { stamped, token, certificates, items, entry: { leaf: one.leafBytes, index: one.index } };
}
