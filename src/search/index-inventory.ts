/** The index row by row, as it is kept: a second small port beside IndexPort, which shows only what answers a question. For the audit alone; it changes nothing. */
import type { Summarised } from "./describe-document.ts";
import type { IndexedDocument, IndexPosition } from "./index-port.ts";
import type { IndexedResource } from "./resource-index.ts";

/** All that the index should hold of a document but for its end (`to`), which others decide. */
export interface MadeDocument extends Summarised {
  /** Those that enter with it, and those that follow; absent where resources are not compared. */
  readonly resources?: { readonly header: readonly IndexedResource[]; readonly rest: readonly IndexedResource[] };
}

/** Something in which the index differs from what the documents make of it. */
export interface IndexDifference {
  readonly what: "row" | "search terms" | "keys" | "resources" | "words" | "spans" | "links" | "position" | "mark";
  readonly kind: "changed" | "removed" | "added";
  /** The document's; empty when nobody knows. */
  readonly id: string;
  /** The place of its deposit. */
  readonly index: number;
}

/** What an engine says of it: the place tells the document. */
export type RowDifference = Omit<IndexDifference, "id"> & { readonly id?: string };

export interface ComparedRows {
  /** How much of the log documents and resources had been taken in when this was compared. Places from there on were not looked at. */
  readonly position: IndexPosition & { readonly depth: number };
  readonly differences: readonly RowDifference[];
  /** The ends of the documents among them that have one, by place. */
  readonly ends: ReadonlyMap<number, number>;
}

export interface IndexInventory {
  position(): Promise<ComparedRows["position"]>;
  /** As IndexPort has it, of everything. Rows that cannot be read are left out: that they are not as they should be is told by `compare`. */
  named(keys: readonly string[]): Promise<IndexedDocument[]>;
  /**
   * Compares the rows of all places from `from` to `to` (excluded) with those that documents make.
   *
   * @param made by place; at a place without a document there must be no row
   * @param areResourcesCompared false: their rows are looked for only where no document is
   */
  compare(from: number, to: number, made: ReadonlyMap<number, MadeDocument>, areResourcesCompared: boolean): Promise<ComparedRows>;
  /**
   * Rows that no comparison of places below `size` meets. At most about `most`.
   *
   * @param isThere whether a document is at a place
   */
  strays(size: number, isThere: (place: number) => boolean, most: number): Promise<readonly RowDifference[]>;
  /** Places behind all that was taken in that have a document's row which is shown all the same: a few of them. An engine that shows none such has none. */
  beyond(): Promise<readonly number[]>;
  close(): Promise<void>;
}
