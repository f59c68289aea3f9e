import type { StoredCheckpoint, TreeNode } from "./record-store.ts";
import type { NodePosition } from "../../core/crypto/merkle.ts";

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
  readonly wrappedKey: Uint8Array;
  /** The place of the entry whose key it is; undefined when there is none. */
  readonly index: number | undefined;
}

/** What lies beside an entry; a value of another type than its column's counts as not there. */
export interface BodyRow {
  readonly index: number;
  readonly content: Uint8Array | undefined;
  readonly evidence: Uint8Array | undefined;
  readonly wrappedKey: Uint8Array | undefined;
}

/**
 * Everything that an engine keeps of the record, row by row, whatever the log says of it: the record itself shows what was committed alone, so that what somebody added
 * would never be seen. For the audit. Rows come in the order of their keys, behind `after`; what is committed meanwhile may be among them.
 */
export interface RecordInventory {
  checkpoints(after: number, count: number): Promise<StoredCheckpoint[]>;
  /** In order of level and index; `hash` may be anything. */
  nodes(after: NodePosition | undefined, count: number): Promise<TreeNode[]>;
  claims(after: string | undefined, count: number): Promise<ClaimRow[]>;
  /** The claims of entries from `from` to `to` (excluded): one look at all claims, whatever their number. */
  claimsOf(from: number, to: number): Promise<ClaimRow[]>;
  keys(after: string | undefined, count: number): Promise<KeyRow[]>;
  /** Places of entries from `from` on, which may have gaps. */
  places(from: number, count: number): Promise<number[]>;
  /** The parts and the wrapped keys of entries from `from` to `to` (excluded), of those that are there. */
  bodies(from: number, to: number): Promise<BodyRow[]>;
  close(): Promise<void>;
}
