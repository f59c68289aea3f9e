/** What is said between here and the thread that has a database open, besides the ports' own methods. */
import type { Failure } from "../../../core/threads/failure.ts";
import type { CommitResult } from "../../../pipeline/store/record-store.ts";
import type { Files } from "../file-stamps.ts";
import type { OpenOptions } from "../open.ts";

export type RecordOpening = Omit<OpenOptions, "onCheck">;

export interface IndexOpening {
  readonly tag: string;
  readonly patience?: number;
  /** It is asked about resources alone, and each question may take so many milliseconds of a processor. */
  readonly longest?: number;
}

/** What a lane answers to a question, or how it failed; and the milliseconds of a processor that it cost. */
export type LaneAnswer = { readonly cost: number } & ({ readonly value: unknown } | { readonly failure: Failure });

/** A record that was opened: how its files stand, and how long it took to look at all of it, in milliseconds, where that was done. */
export interface Opened {
  readonly seen: Files;
  readonly checked?: number;
}

/** What came of a commit, and how it left the files. */
export interface Committed {
  readonly result: CommitResult;
  readonly seen: Files;
}

/** What the thread's FileWatch finds. */
export interface Watched {
  readonly fault: string | undefined;
  readonly seen: Files;
}

/** Begins the name of an index that is filled beside the current one. */
export const BESIDE = "beside ";

/** Milliseconds of a clock that never goes back and is the same in all threads: each has a `performance.now()` of its own. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const TEXT_FROM = 8;
const SPACE = 4096;

/**
 * Asks the thread's watch and stands still until it answers; undefined when it has something else to do for so long.
 *
 * @param ask gets the memory that is shared to the thread
 * @param longest milliseconds
 */
export function askWatch(ask: (into: SharedArrayBuffer) => void, longest: number): Watched | undefined {
  const shared = new SharedArrayBuffer(SPACE);
  ask(shared);
  const state = new Int32Array(shared, 0, 2);
  if (Atomics.wait(state, 0, 0, longest) === "timed-out") return undefined;
  const text = new TextDecoder().decode(new Uint8Array(shared, TEXT_FROM, state[1]).slice());
  return JSON.parse(text) as Watched;
}

/** Answers `askWatch`. */
export function tellWatch(shared: SharedArrayBuffer, watched: Watched): void {
  const bytes = new TextEncoder().encode(JSON.stringify(watched));
  const state = new Int32Array(shared, 0, 2);
  new Uint8Array(shared, TEXT_FROM).set(bytes);
  state[1] = bytes.length;
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
}
