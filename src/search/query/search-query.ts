import type { Shown } from "../../core/fhir/subset.ts";
import type { SearchType } from "../../core/fhir/r4/search-parameters.ts";
import type { Criterion } from "./criterion.ts";

/** A search as it was asked, read whole (R4 search.html). Everything that is not said has its default. */
export interface SearchQuery {
  /** What is looked for in each type; one in a search upon a type. */
  readonly types: readonly { readonly type: string; readonly criterion: Criterion }[];
  /** The first counts most; what stands equal is newest first. */
  readonly sort: readonly SortKey[];
  /** Matches a page. 0 with `isCount`. */
  readonly count: number;
  /** `_summary=count` or `_count=0`: only the total. */
  readonly isCount: boolean;
  readonly total: "none" | "estimate" | "accurate" | undefined;
  readonly shown: Shown;
  readonly includes: readonly Include[];
  readonly revIncludes: readonly Include[];
  /** Of what is included, only these are given; all by default. */
  readonly includedTypes?: readonly string[];
  /** `_contained`: whether what is contained in other resources is found: not, alone, or too. */
  readonly contained: "false" | "true" | "both";
  /** `_containedType`: what is given for it: the resource that contains it, or itself. */
  readonly containedType: "container" | "contained";
  /** Whether data of documents that were superseded or retracted is found too. */
  readonly withSuperseded: boolean;
  /** Whether what we make of a document is found where its source said its own (routine.ts). */
  readonly withDerived: boolean;
  /** The parameters that were used, as they came, for the `self` link: search parameters first. */
  readonly used: readonly Parameter[];
  /** Parameters that nobody here knows; only in a lenient search. */
  readonly ignored: readonly string[];
}

export type Parameter = readonly [name: string, value: string];

export interface SortKey {
  readonly code: string;
  readonly type: SearchType;
  readonly isDescending: boolean;
}

/** `_include=source:code:target`. */
export interface Include {
  readonly source: string;
  /** `*`: every reference parameter. */
  readonly code: string;
  readonly target: string | undefined;
  readonly isIterated: boolean;
}
