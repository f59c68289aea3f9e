import type { Asked } from "../../core/asked.ts";
import type { DocumentSummary } from "../../pipeline/document-forms.ts";
import type { FinderFields, FoundBy } from "../../pipeline/render/pages/finder-form.ts";
import type { Listed, Reader } from "../../reader/reader.ts";
import { searchTerms } from "../../search/search-terms.ts";
import { documentsOfPatient, findDocuments } from "./find-documents.ts";
import { foundBy } from "./found-by.ts";
import type { PatientNeeds } from "./patient-documents.ts";

/** A document in a list. */
export interface ListedDocument {
  readonly summary: DocumentSummary;
  /** A confirmed replacement has arrived. */
  readonly isSuperseded: boolean;
  /** Why it was found; empty in a list of the newest. */
  readonly foundBy: readonly FoundBy[];
}

/** A page of a list. */
export interface Listing {
  readonly documents: readonly ListedDocument[];
  /** Where the next page begins: `before` or, of what fields found, `page` of the question; absent on the last one. */
  readonly next?: string;
  /** True while the index is made anew: there are documents that it does not know yet. */
  readonly isIncomplete: boolean;
}

/** What a list is asked for: words to search for, fields, or the place at which the page before ended. */
export interface ListingQuestion {
  readonly query: string;
  readonly fields?: FinderFields | undefined;
  readonly before?: string | undefined;
  readonly page?: string | undefined;
}

/** What lists are made with. */
export interface BrowseNeeds extends PatientNeeds {
  readonly reader: PatientNeeds["reader"] & Pick<Reader, "newest" | "search">;
}

const PAGE_SIZE = 25;
const MOST_FOUND = 100;

const NOTHING: Listed = { documents: [], isIncomplete: false };

/** The newest documents, or those that a search for patient name or identifier, or the finder's fields, find, newest first. */
export async function browseDocuments(asked: Asked, { query, fields = {}, before, page }: ListingQuestion, using: BrowseNeeds): Promise<Listing> {
  const { reader } = using;
  const explained = ({ documents }: Listed): ListedDocument[] =>
    documents.map((one) => ({ ...one, foundBy: foundBy(one.summary, { query, fields }) }));
  if (Object.keys(fields).length > 0) {
    const found = await findDocuments(asked, { query, fields, page }, using);
    return { ...found, documents: explained(found) };
  }
  const isSearch = query.trim() !== "";
  const terms = searchTerms([query]);
  const searched = async (): Promise<Listed> => {
    if (terms.length === 0) return NOTHING;
    const word = query.trim();
    // A document says one identifier of its patient, and a feed may have said that they are known by another.
    const [named, joined] = await Promise.all([
      reader.search(asked, terms, MOST_FOUND),
      /\s/.test(word) ? [] : documentsOfPatient(asked, word, using),
    ]);
    return { ...named, documents: together(named.documents, joined) };
  };
  const found = await (isSearch ? searched() : reader.newest(asked, PAGE_SIZE + 1, before));
  const documents = isSearch ? found.documents : found.documents.slice(0, PAGE_SIZE);
  const last = documents.at(-1);
  const { isIncomplete } = found;
  return {
    documents: explained({ documents, isIncomplete }),
    ...(found.documents.length > documents.length && last && { next: last.summary.id }),
    isIncomplete,
  };
}

/** Both lists as one, by time of receipt, the newest first. */
function together(one: Listed["documents"], other: Listed["documents"]): Listed["documents"] {
  const known = new Set(one.map(({ summary }) => summary.id));
  const more = other.filter(({ summary }) => !known.has(summary.id));
  if (more.length === 0) return one;
  return [...one, ...more].sort((left, right) => (left.summary.receivedAt < right.summary.receivedAt ? 1 : -1));
}
