/**
 * Where the resources of a graph come from. The engine asks in batches, and knows nothing of documents, stores or rights: what may not be known is not there for it.
 */
import type { JsonObject } from "../fhir/tree/tree.ts";

/** A resource that a query came to. */
export interface Held {
  readonly resource: JsonObject;
  readonly type: string;
  /** What it stands in: the resource that contains it, or the Bundle of which it is an entry. */
  readonly within?: Within;
}

export interface Within {
  readonly holder: Held;
  /** Its place among the entries of a Bundle; undefined for what is contained or stands elsewhere. */
  readonly entry: number | undefined;
}

/** A reference that is followed. */
export interface Edge {
  /** As it is written; never one to a contained resource, which the engine finds by itself. */
  readonly reference: string;
  /** In which it stands. */
  readonly from: Held;
}

export type SearchArgument = readonly [code: string, value: string];

/** A search upon one type. */
export interface GraphSearch {
  readonly type: string;
  /** Parameters of FHIR search, values as they stand in an address. */
  readonly parameters: readonly SearchArgument[];
  /** Matches at most; undefined where all are wanted. */
  readonly count: number | undefined;
}

/** A search among whatever refers to some resources. */
export interface ReverseSearch extends GraphSearch {
  /** The reference parameter, by its code. */
  readonly by: string;
}

/** A page of a search. Cursors are the source's own words. */
export interface GraphPage {
  /** How many match in all; undefined where nobody counted. */
  readonly total: number | undefined;
  readonly offset: number;
  readonly pageSize: number;
  readonly edges: readonly { readonly mode: string | undefined; readonly score: number | undefined; readonly held: Held }[];
  readonly first?: string | undefined;
  readonly previous?: string | undefined;
  readonly next?: string | undefined;
  readonly last?: string | undefined;
}

/** AppErrors of whatever is asked: the whole query fails by them. */
export interface GraphQLSource {
  /** In order; undefined for what is not here. */
  read(wanted: readonly { readonly type: string; readonly id: string }[]): Promise<readonly (Held | undefined)[]>;
  /** What references lead to, in order; undefined for what is not here. */
  follow(edges: readonly Edge[]): Promise<readonly (Held | undefined)[]>;
  /** All matches, or `count` of them. AppError `too-costly` when they are too many: none is left out silently. */
  list(search: GraphSearch): Promise<readonly Held[]>;
  page(search: GraphSearch): Promise<GraphPage>;
  /** The page that a cursor leads to, of a search upon the type. AppError `bad-query` for a cursor of another. */
  pageAt(type: string, cursor: string): Promise<GraphPage>;
  /** Of each of the resources, in order, all of what refers to it, or `count` of them. AppError `too-costly` likewise. */
  referring(search: ReverseSearch, to: readonly Held[]): Promise<readonly (readonly Held[])[]>;
  pageReferring(search: ReverseSearch, to: Held): Promise<GraphPage>;
}
