import type { PageToken } from "./query/page-token.ts";
import type { FoundResource } from "./resource-index.ts";

/** A page of a search. */
export interface SearchPage {
  readonly matches: readonly FoundResource[];
  readonly included: readonly FoundResource[];
  readonly isCut: boolean;
  /** Matches as of `size`; undefined when nobody wants to know, or counting would take too long. */
  readonly total: number | undefined;
  /** More than so many match, and no more were counted; undefined when `total` tells, or nobody wants to know. */
  readonly moreThan?: number | undefined;
  /** The size of the log that the search is as of. */
  readonly size: number;
  /** Entries of the log that the index has not taken in, and that could therefore not be searched. */
  readonly missing: number;
  /** Where the next page begins; undefined when this is the last. */
  readonly next: PageToken | undefined;
}
