import type { DocumentSummary } from "../pipeline/record.ts";
import { isSuperseded, relationsOf } from "../pipeline/supersession.ts";
import { searchTerms } from "../pipeline/summary.ts";
import type { InteractionContext } from "./context.ts";

/** A document in a list. */
export interface ListedDocument {
  readonly summary: DocumentSummary;
  /** A confirmed replacement has arrived. */
  readonly isSuperseded: boolean;
}

/** A page of a list. */
export interface Listing {
  readonly documents: readonly ListedDocument[];
  /** The id after which the next page begins; absent on the last one. */
  readonly next?: string;
}

const PAGE_SIZE = 25;
const MOST_FOUND = 100;

/** The newest documents, or those that a search for patient name or identifier finds, newest first. */
export async function browseDocuments(
  { query, before }: { readonly query: string; readonly before?: string | undefined },
  { store }: Pick<InteractionContext, "store">,
): Promise<Listing> {
  const terms = searchTerms([query]);
  const isSearch = query.trim() !== "";
  const found = isSearch ? (terms.length === 0 ? [] : await store.search(terms, MOST_FOUND)) : await store.newest(PAGE_SIZE + 1, before);
  const shown = isSearch ? found : found.slice(0, PAGE_SIZE);
  const documents = await Promise.all(shown.map(async (summary) => ({ summary, isSuperseded: isSuperseded(await relationsOf(summary, store)) })));
  const last = shown.at(-1);
  return { documents, ...(found.length > shown.length && last && { next: last.id }) };
}
