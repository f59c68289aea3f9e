/** What lies in the collections of the record, and what is read from it. Bytes that the driver gives lie within the answer they came in: each is copied out of it. */
import { Binary, Timestamp } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { Claim, LogEntry } from "../../pipeline/store/record-store.ts";

/**
 * What `at` is inserted as: the server puts its own time there, in seconds and a count (mongodb.com/docs/manual/reference/bson-types, Timestamps). Only the sweep goes by
 * it, and by no other clock.
 */
export function byTheServer(): Timestamp {
  return new Timestamp(0n);
}

/** A document of `commits`: everything that it makes exist, but for the parts, which lie in `staged`. */
export interface CommitRow {
  /** The size that it was made upon. */
  readonly _id: number;
  readonly size: number;
  readonly note: string;
  readonly at: Timestamp;
  /** In order of the log. */
  readonly entries: readonly EntryRow[];
  readonly claims: readonly ClaimRow[];
  /** The nodes that it completes, but for leaves, whose hashes follow from the entries. */
  readonly nodes: readonly NodeRow[];
  /** Of the last one, which is no commit: the log is closed at this size, and nothing can be inserted here any more. */
  readonly closed?: ClosedRow;
}

export interface ClosedRow {
  readonly at: string;
  readonly to: string;
  readonly copy: string;
}

export interface EntryRow {
  readonly id: string;
  readonly index: number;
  readonly kind: string;
  /** The document that it is about; absent for a deposit. */
  readonly about?: string;
  readonly receivedAt: string;
  readonly leaf: Uint8Array;
  /** Of its content as it is kept. */
  readonly bytes: number;
}

export interface ClaimRow extends Claim {
  /** Its entry's place in the log. */
  readonly index: number;
}

export interface NodeRow {
  /** `{level}/{index}` */
  readonly at: string;
  readonly hash: Uint8Array;
}

/** A part of an entry: as it is, or in how many chunks. */
export type PartRow = Uint8Array | { readonly chunks: number; readonly bytes: number };

/** A document of `staged`. */
export interface StagedRow {
  /** The entry's id. */
  readonly _id: string;
  /** Tells one entry from another under the same id: a digest of its leaf, its kind and what it is about. */
  readonly entry: Uint8Array;
  readonly at: Timestamp;
  /** By which the chunks of this attempt are known from those of another one that was broken off. */
  readonly attempt?: string;
  readonly content?: PartRow;
  readonly evidence?: PartRow;
}

export interface ChunkRow {
  readonly _id: string;
  readonly at: Timestamp;
  readonly bytes: Uint8Array;
}

export interface KeyRow {
  readonly _id: string;
  readonly at: Timestamp;
  readonly key: Uint8Array;
}

export function chunkId(id: string, { attempt, part, number }: { readonly attempt: string; readonly part: string; readonly number: number }): string {
  return `${id}/${attempt}/${part}/${number}`;
}

/** Bytes of their own, of whatever the driver gave for them. AppError `damaged` when it is something else. */
export function bytesOf(value: unknown, what: string): Uint8Array {
  const bytes = value instanceof Binary ? value.value() : value;
  if (!(bytes instanceof Uint8Array)) throw new AppError("damaged", `the database holds something unexpected in ${what}`);
  return new Uint8Array(bytes);
}

export function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number") throw new AppError("damaged", `the database holds something unexpected in ${what}`);
  return value;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new AppError("damaged", `the database holds something unexpected in ${what}`);
  return value;
}

/** An entry of a commit of `treeSize`. */
export function entryOf({ id, index, kind, about, receivedAt, leaf, bytes }: EntryRow, treeSize: number): LogEntry {
  return {
    index: numberOf(index, "entries"),
    treeSize: numberOf(treeSize, "commits"),
    id: textOf(id, "entries"),
    kind: textOf(kind, "entries"),
    ...(about !== undefined && { documentId: textOf(about, "entries") }),
    receivedAt: textOf(receivedAt, "entries"),
    leaf: bytesOf(leaf, "entries"),
    contentBytes: numberOf(bytes, "entries"),
  };
}
