import type { Asked } from "../core/asked.ts";
import type { DocumentSummary } from "../pipeline/record.ts";
import { searchTerms } from "../pipeline/summary.ts";
import { isSuperseded } from "../pipeline/supersession.ts";
import type { Reader } from "../reader/reader.ts";

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

/** What a list is asked for: words to search for, or the id of the last document on the page before. */
export interface ListingQuestion {
  readonly query: string;
  readonly before?: string | undefined;
}

const PAGE_SIZE = 25;
const MOST_FOUND = 100;

/** The newest documents, or those that a search for patient name or identifier finds, newest first. */
export async function browseDocuments(
  asked: Asked,
  { query, before }: ListingQuestion,
  { reader }: { readonly reader: Pick<Reader, "newest" | "search" | "relations"> },
): Promise<Listing> {
  const terms = searchTerms([query]);
  const isSearch = query.trim() !== "";
  const found = isSearch
    ? terms.length === 0
      ? []
      : await reader.search(asked, terms, MOST_FOUND)
    : await reader.newest(asked, PAGE_SIZE + 1, before);
  const shown = isSearch ? found : found.slice(0, PAGE_SIZE);
  const documents = await Promise.all(
    shown.map(async (summary) => ({ summary, isSuperseded: isSuperseded(await reader.relations(asked, summary)) })),
  );
  const last = shown.at(-1);
  return { documents, ...(found.length > shown.length && last && { next: last.id }) };
}
