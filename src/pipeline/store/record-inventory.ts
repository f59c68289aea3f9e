import type { StoredCheckpoint, TreeNode } from "./record-store.ts";

/** A claim as it is kept. */
export interface ClaimRow {
  readonly key: string;
  readonly value: Uint8Array;
  /** The place of the entry that bears it; undefined when there is none. */
  readonly index: number | undefined;
}

/** A wrapped key as it is kept. */
export interface KeyRow {
  /** By what this engine names the row: the document's id, or its place. */
  readonly name: string;
  /** The entry whose key it is; undefined when there is none. */
  readonly id: string | undefined;
  readonly wrappedKey: Uint8Array;
  /** Its place; undefined when there is none. */
  readonly index: number | undefined;
}

/** An entry about a document. */
export interface CustodyRow {
  readonly index: number;
  readonly kind: string;
  readonly documentId: string;
}

/** What lies beside an entry; a value of another type than its column's counts as not there. */
export interface BodyRow {
  readonly index: number;
  readonly content: Uint8Array | undefined;
  readonly evidence: Uint8Array | undefined;
  readonly wrappedKey: Uint8Array | undefined;
}

/** A node as it is kept. */
export interface NodeRow extends TreeNode {
  /** Whether the engine keeps it where no node of that name belongs. */
  readonly isStray?: boolean;
}

/** Something that an engine keeps twice, and that says two things: where the port's other questions would show one of them alone. */
export interface InventoryFault {
  readonly what: "entry" | "claim" | "checkpoint";
  /** The id and the place of an entry, where it is about one. */
  readonly id?: string;
  readonly index?: number;
  /** A sentence for people. */
  readonly text: string;
}

/**
 * Everything that an engine keeps of the record, row by row, whatever the log says of it: the record itself shows what was committed alone, so that what somebody added
 * would never be seen. For audit, backup and copy. What is committed meanwhile may be among it; what was staged and never committed, which an engine may keep for a while, is not.
 * Lists come in pages, each in the order in which the engine reads it best.
 */
export interface RecordInventory {
  /** Checkpoints of more entries than `after`, in order of their sizes. */
  checkpoints(after: number, count: number): Promise<StoredCheckpoint[]>;
  /** The nodes of one level from `from` to `to` (excluded), of those that are there; `hash` may be anything. */
  nodesAt(level: number, from: number, to: number): Promise<TreeNode[]>;
  nodes(): AsyncIterable<readonly NodeRow[]>;
  claims(): AsyncIterable<readonly ClaimRow[]>;
  /** The keys of claims that begin so. */
  claimsBeginning(prefix: string): AsyncIterable<readonly string[]>;
  /** The claims of entries from `from` to `to` (excluded): it may cost one look at all claims, whatever their number. */
  claimsOf(from: number, to: number): Promise<ClaimRow[]>;
  /** While keys are wrapped anew an entry may have several; the newest is the last of them. */
  keys(): AsyncIterable<readonly KeyRow[]>;
  /** Places of entries from `from` on, which may have gaps. */
  places(from: number, count: number): Promise<number[]>;
  /** The entries that name a document as the one that they are about; those about one document in order of the log. */
  custody(): AsyncIterable<readonly CustodyRow[]>;
  /** The parts and the wrapped keys of entries from `from` to `to` (excluded), of those that are there. */
  bodies(from: number, to: number): Promise<BodyRow[]>;
  /** What the engine keeps twice and is not the same. An engine that keeps nothing twice has none of it. */
  faults?(): AsyncIterable<readonly InventoryFault[]>;
  close(): Promise<void>;
}
