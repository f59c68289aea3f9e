/**
 * The part of the index by which resources within documents are found: what `query/evaluate.ts` asks, and what `resource-indexer.ts` writes. An engine compares texts and numbers; what they
 * mean is others' business.
 */
import type { Predicate } from "./predicate.ts";
import type { RowTest } from "./query/criterion.ts";
import type { ResourceIdParts } from "./query/resource-id.ts";
import type { ResourceNumber } from "./resource-number.ts";
import type { DocumentWord, IndexRow } from "./values/index-row.ts";

/** A resource with what it is found by. */
export interface IndexedResource {
  /** Its place among the resources of its document (values/document-resources.ts). */
  readonly place: number;
  readonly type: string;
  /** The part of its id behind the document's: `3`, `3.1`; empty for a resource that has the document's own id. */
  readonly path: string;
  readonly rows: readonly IndexRow[];
  /** This is no resource: it stands among those of a document, at a place of its own (`MADE_PLACES.Words`), without type, path and rows, for words of the document's texts. */
  readonly words?: readonly DocumentWord[];
}

/** Resources as they go from thread to thread: as they are, or as one text (packed-resources.ts), with the ids of the persons whom it names by their places here. */
export type IndexedResources = readonly IndexedResource[] | { readonly text: string; readonly ids: readonly string[] };

/** What a run of entries makes of this part of the index. */
export interface ResourceStep {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  readonly documents: readonly { readonly position: number; readonly resources: IndexedResources }[];
}

export interface WritableResources {
  /** How much of the log it has taken in, in entries; never more than the documents' index. Resources of header types are there as soon as their document is (header-types.ts), without their words. */
  depth(): Promise<number>;
  /** Takes in a step, all of it or nothing, when it stands at `step.from`; documents that the index does not have, because they are gone, are passed over. */
  deepen(step: ResourceStep): Promise<"advanced" | "behind">;
}

/** By which rows a resource is found. */
export type Probe =
  /** Every resource of the type. */
  | { readonly kind: "any" }
  | { readonly kind: "row"; readonly anyOf: readonly RowTest[] }
  | { readonly kind: "text"; readonly names: readonly string[]; readonly value: string }
  | { readonly kind: "present"; readonly name: string }
  | { readonly kind: "together"; readonly components: readonly (readonly RowTest[])[] };

/** What a question is narrowed to. */
export interface Scope {
  readonly permitted: Predicate;
  /** Leaves out resources of documents that were superseded. */
  readonly isCurrent: boolean;
}

/** Whom a page is for. `within`: another scope for what stands in documents beside that which tells of the document itself. */
export interface PageScope extends Scope {
  readonly within?: Scope;
}

/** Where in the order of numbers an answer begins and how long it is at most. */
export interface Window {
  /** Only smaller numbers. */
  readonly below: ResourceNumber;
  readonly count: number;
}

/** That one resource refers to another. */
export interface FoundLink {
  readonly from: ResourceNumber;
  readonly to: ResourceNumber;
}

/** A resource that was found. */
export interface FoundResource {
  readonly number: ResourceNumber;
  readonly type: string;
  readonly path: string;
  readonly documentId: string;
  readonly receivedAt: string;
  /** Whether its document is superseded as of now. */
  readonly isSuperseded: boolean;
}

/** Questions. Resources of documents that are out of scope do not exist for them. */
export interface ResourceSearch {
  /** The newest first. */
  find(type: string, probe: Probe, window: Window, scope: Scope): Promise<ResourceNumber[]>;
  /** Those of `numbers` that are of the type and found by the probe, in their order. */
  among(type: string, probe: Probe, numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]>;
  /** How many rows or resources the probe comes to, counted up to `most`. */
  estimate(type: string, probe: Probe, most: number): Promise<number>;
  /** In the order of `numbers`, then of the others, the smallest first. What these refer to, if they are of the type, by a parameter; without a type of any, without a name by any. */
  targets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]>;
  /** In the order of `numbers`, then of the others, the smallest first. What resources of the type, of any without one, refer to these by a parameter, by any without a name. */
  referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]>;
  /** In the order of `numbers`; those that are not there, or out of scope, are left out. */
  resources(numbers: readonly ResourceNumber[], scope: Scope): Promise<FoundResource[]>;
  /** The numbers of resources of the type, in the order of `places`; undefined where there is none. */
  numbersOf(places: readonly ResourceIdParts[], type: string): Promise<(ResourceNumber | undefined)[]>;
  /** The lowest and highest bound of what the parameter says of each, as far as it says anything: for sorting. */
  bounds(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<ResourceBounds[]>;
  /** The words by which those of `numbers` that are of the type are found by a parameter, each once, in the order of `numbers`. */
  texts(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<FoundText[]>;
}

export interface ResourceIndex extends WritableResources, ResourceSearch {
  /** The way for questions that may take so many milliseconds of a processor; one that takes longer is given up (AppError `too-costly`), as far as the engine can. Each way is asked beside the others (query/lanes.ts). */
  lane(longest: number): SearchLane;
}

/** A way to the index. */
export interface SearchLane {
  readonly index: ResourceSearch;
  /** Questions that the engine does well to be asked at once. */
  readonly width: number;
  /** Milliseconds of a processor that the question cost which was over last; undefined where the engine does not tell. */
  readonly cost?: () => number | undefined;
}

/** A word of a resource. */
export interface FoundText {
  readonly from: ResourceNumber;
  readonly value: string;
}

export interface ResourceBounds {
  readonly number: ResourceNumber;
  readonly low: string | number;
  readonly high: string | number;
}
