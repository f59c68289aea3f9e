import type { NodePosition, TreeHash } from "../../core/crypto/merkle.ts";

/** A batch of events as it is kept: the leaf of its log, and the encrypted events. */
export interface KeptBatch {
  /** Which audit log: its instance's name. */
  readonly log: string;
  /** Its place in that log, from 0. */
  readonly index: number;
  /** Instants of its earliest and its latest event. */
  readonly from: string;
  readonly to: string;
  /** As in the leaf. */
  readonly day: string;
  readonly events: number;
  readonly leaf: Uint8Array;
  readonly sealed: Uint8Array;
}

/** A batch with what it is found by, and what it makes of its log. */
export interface NewBatch extends KeptBatch {
  /** Of all of its events (`AuditKeys.tokenOf`), each once. */
  readonly tokens: readonly string[];
  /** The nodes that the leaf completes, itself first. */
  readonly nodes: readonly TreeHash[];
  /** The checkpoint of the log with this leaf, signed. */
  readonly note: string;
}

/** A batch with the checkpoint of its log up to it. */
export type MarkedBatch = KeptBatch & Pick<NewBatch, "note">;

/** What a trail holds, in numbers. */
export interface TrailTally {
  readonly batches: number;
  readonly events: number;
  /** Different days of batches, and how many days' keys are there: one for each log and day, unless it was destroyed. */
  readonly days: number;
  readonly keys: number;
  /** Instants of the earliest and the latest event; undefined where there is none. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Which batches are looked for. */
export interface TrailQuestion {
  /** Each of them must be among the batch's: events of a batch that has them all need not have them each. */
  readonly tokens: readonly string[];
  /** Of each group one at least must be among the batch's. */
  readonly anyOf?: readonly (readonly string[])[];
  /** Batches with an event at this instant or later, or at this one or before, as far as their own first and last ones tell. */
  readonly since?: string;
  readonly until?: string;
  /** Batches that come after this one in the order of the answer. */
  readonly after?: TrailCursor;
}

/** A batch's place in the order of answers: by its latest event, then by log and place, the newest first. */
export type TrailCursor = Pick<KeptBatch, "to" | "log" | "index">;

export interface DayKey {
  /** `{day}/{log}` */
  readonly name: string;
  readonly wrapped: Uint8Array;
}

/**
 * The audit trail: for each instance a log of batches, which only grows, and the days' keys.
 *
 * - `append` is durable when it resolves, as a whole or not at all; of two that append at one place one is `behind`.
 * - Nothing is updated, nothing removed but days' keys and what is found by way of them (`endDays`).
 * - Any number of processes may have it open. Failures are AppErrors: `unavailable`, `damaged`, else `internal`.
 */
export interface TrailStore {
  append(batch: NewBatch): Promise<"appended" | "behind">;
  /** Appends batches of one log, in their order, which come from elsewhere: with one wait for the disk, where the engine has such a thing. Interrupted, the first of them may be there. */
  extend(batches: readonly NewBatch[]): Promise<"appended" | "behind">;
  /** The newest checkpoint of a log; undefined when it has none. */
  checkpoint(log: string): Promise<{ readonly size: number; readonly note: string } | undefined>;
  /** Hashes of complete subtrees, in the order of the positions. AppError `damaged` when one is missing. */
  nodes(log: string, positions: readonly NodePosition[]): Promise<Uint8Array[]>;
  /** The logs that there are, in the order of their names. */
  logs(): Promise<string[]>;
  /** Batches of a log in their order, from a place on; fewer than `count` only at the end. */
  batches(log: string, from: number, count: number): Promise<MarkedBatch[]>;
  /** The newest first. */
  find(question: TrailQuestion, count: number): Promise<KeptBatch[]>;
  /** Keeps a day's key unless there is one; gives the one that stands. AppError `unavailable` for a day that was ended. */
  keepKey(key: DayKey): Promise<Uint8Array>;
  key(name: string): Promise<Uint8Array | undefined>;
  keys(): Promise<DayKey[]>;
  /** Puts another wrapping of the same key in its place; false when another one stands there. */
  replaceKey(name: string, from: Uint8Array, to: Uint8Array): Promise<boolean>;
  /** Counts what is there: it walks through all batches, and opens none. */
  tally(): Promise<TrailTally>;
  /** Destroys the keys of days, and what batches of these days are found by. What was encrypted under them is of no use any more, and no key of such a day is kept from then on. */
  endDays(days: readonly string[]): Promise<void>;
  /** The days that were ended, in their order. */
  endedDays(): Promise<string[]>;
  close(): Promise<void>;
}
