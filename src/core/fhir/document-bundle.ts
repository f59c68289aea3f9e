import type { JsonObject } from "./json/tree.ts";

/** One entry of a document with where it stands. */
export interface DocumentEntry {
  /** Its place in Bundle.entry, from 0. */
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject;
  readonly type: string;
  readonly id: string | undefined;
}

/** A Bundle of type document, opened for reading: entries by place and by reference. Made by `openDocument`. */
export interface DocumentBundle {
  readonly bundle: JsonObject;
  readonly entries: readonly DocumentEntry[];
  readonly composition: DocumentEntry;
  /**
   * The entry that a reference leads to (R4 bundle.html, "Resolving references in Bundles"), seen from `from`; undefined when it is not in the document,
   * is a `#contained` one, or is ambiguous.
   */
  resolve(reference: string, from: DocumentEntry): DocumentEntry | undefined;
}
