import type { Asked } from "../../core/asked.ts";
import type { DocumentSummary } from "../../pipeline/document-forms.ts";
import type { Listed, Reader } from "../../reader/reader.ts";
import { searchTerms } from "../../search/search-terms.ts";

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
  /** True while the index is made anew: there are documents that it does not know yet. */
  readonly isIncomplete: boolean;
}

/** What a list is asked for: words to search for, or the id of the last document on the page before. */
export interface ListingQuestion {
  readonly query: string;
  readonly before?: string | undefined;
}

const PAGE_SIZE = 25;
const MOST_FOUND = 100;

const NOTHING: Listed = { documents: [], isIncomplete: false };

/** The newest documents, or those that a search for patient name or identifier finds, newest first. */
export async function browseDocuments(
  asked: Asked,
  { query, before }: ListingQuestion,
  { reader }: { readonly reader: Pick<Reader, "newest" | "search"> },
): Promise<Listing> {
  const isSearch = query.trim() !== "";
  const terms = searchTerms([query]);
  const searched = (): Promise<Listed> | Listed => (terms.length === 0 ? NOTHING : reader.search(asked, terms, MOST_FOUND));
  const { documents: found, isIncomplete } = await (isSearch ? searched() : reader.newest(asked, PAGE_SIZE + 1, before));
  const documents = isSearch ? found : found.slice(0, PAGE_SIZE);
  const last = documents.at(-1);
  return { documents, ...(found.length > documents.length && last && { next: last.summary.id }), isIncomplete };
}
