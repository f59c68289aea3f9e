/**
 * What is kept for a time: sessions, codes and tokens of who signed in, invitations, what was seen once. No part of the record: nothing here is proved, backed up or copied, and when it is lost everybody
 * signs in anew. Names are hashes and values are encrypted before an engine sees them (`session-store.ts`).
 */

/** Something that is kept until it ends. */
export interface SessionRow {
  /** 64 lower-case hex digits. */
  readonly id: string;
  /** By what else it is found: the same. */
  readonly keys: readonly string[];
  readonly value: Uint8Array;
  /** Milliseconds since 1970. From then on it is not there, whether it was swept or not. */
  readonly expiresAt: number;
  /** From 1, by one each time it is changed. */
  readonly revision: number;
}

/**
 * Where an engine keeps them, for all processes of the service.
 *
 * - A change is one compare-and-swap: of two that insert the same, or replace the same revision, one does.
 * - What was inserted, replaced or removed when a promise resolved is so for everybody, and after a crash: a code that was used stays used.
 * - `find` and `removeBy` see what was inserted before they were asked.
 * - Failures are AppErrors `unavailable` or `internal`.
 */
export interface SessionRows {
  /** Undefined when there is none, or it has ended by `now`. */
  read(id: string, now: number): Promise<SessionRow | undefined>;
  /** Those that have a key, in no order. */
  find(key: string, now: number): Promise<SessionRow[]>;
  /** False when there is one that has not ended by `now`. Its revision is 1. */
  insert(row: Omit<SessionRow, "revision">, now: number): Promise<boolean>;
  /** In the place of a revision; false when that is not there any more. */
  replace(row: Omit<SessionRow, "revision">, revision: number): Promise<boolean>;
  /** False when there was none. */
  remove(id: string): Promise<boolean>;
  /** Removes those that have a key; gives how many. */
  removeBy(key: string): Promise<number>;
  /** Removes what has ended by `now`; gives how many. */
  sweep(now: number): Promise<number>;
  close(): Promise<void>;
}
