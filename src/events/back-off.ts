/** When a receiver is tried again that did not take what was sent, and when no more. */
import type { Delivery } from "./event-rows.ts";

const FIRST = 1_000;
const LONGEST = 3_600_000;
/** An owner learns within a minute that nobody is there to be told; whoever was there once may sleep over a weekend. */
const HANDSHAKES = 6;
const GIVEN_UP_AFTER = 3 * 86_400_000;

/** What failed, and by what. */
export interface Failure {
  readonly now: number;
  /** In words for the owner. */
  readonly reason: string;
  /** Seconds, as the receiver said. */
  readonly retryAfter?: number;
}

/**
 * After so many failures, one after the other, how long it is until the next attempt, in milliseconds: twice as long each time, at most an hour; up to half of that earlier by chance, so that those that failed together do not come
 * back together; and not before the receiver wants it, if that is within the hour.
 * @param chance from 0, and less than 1
 */
export function pauseAfter(failures: number, retryAfter = 0, chance = Math.random()): number {
  const longest = Math.min(FIRST * 2 ** Math.min(failures - 1, 20), LONGEST);
  return Math.round(Math.max(longest * (1 - chance / 2), Math.min(retryAfter * 1_000, LONGEST)));
}

/** A receiver after another failure. @param chance from 0, and less than 1 */
export function failed<Row extends Omit<Delivery, "revision">>(row: Row, { now, reason, retryAfter }: Failure, chance?: number): Row {
  const failures = row.failures + 1;
  return { ...row, failures, failingSince: row.failingSince ?? now, lastFailure: reason, notBefore: now + pauseAfter(failures, retryAfter, chance) };
}

/** Whether a receiver is given up: its subscription is in error until the owner changes it. @param isNew whether it never took a handshake */
export function isGivenUp({ failures, failingSince }: Pick<Delivery, "failures" | "failingSince">, now: number, isNew: boolean): boolean {
  if (failingSince === undefined) return false;
  return isNew ? failures >= HANDSHAKES : now - failingSince >= GIVEN_UP_AFTER;
}

/** A receiver after it took something, or from which on it is tried anew. */
export function recovered<Row extends Omit<Delivery, "revision">>(row: Row): Row {
  const { failingSince: _since, ...rest } = row;
  return { ...rest, failures: 0, notBefore: 0 } as Row;
}
