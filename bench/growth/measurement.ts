/** What one stage cost for one size of one dimension, and what is to be thought of three of them. Pure, so that tests can hold it to its word. */

export interface Measurement {
  readonly count: number;
  readonly bytes: number;
  /** Processor time in milliseconds: of the thread for what the event loop does, of the process for a worker. */
  readonly time: number;
  /** Bytes of the heap, and outside of it, that lived at once because of this stage. */
  readonly memory: number;
}

export interface Verdict {
  readonly isGood: boolean;
  /** Milliseconds for each megabyte, and memory as a multiple of the document, of the largest measurement. */
  readonly perMegabyte: number;
  readonly memoryTimes: number;
  /** The time of the largest against that of the smallest, in relation to what linear growth would have made of it: 1 is linear, 4 is quadratic. */
  readonly growth: number;
  readonly reasons: readonly string[];
}

export const MEGABYTE = 1024 * 1024;

/** Milliseconds for each megabyte of a document. */
export const TIME_BUDGETS = { loop: 300, worker: 6_000 } as const;
export const MEMORY_BUDGET = 20;
/** What the engine's young generation holds before it looks at what is still needed, however small the document (--max-semi-space-size=16). */
const YOUNG_GENERATION = 16 * MEGABYTE;
/** A small document has a small one's fixed costs; what it must not have is more. */
const LEAST_SIZE = MEGABYTE / 4;
/** What a worker costs by itself: starting it, and jsdom. */
const WORKER_START = 2_000;
/** Twice linear: n log n, caches that grow too small, other people's work on the same machine. Quadratic growth is 4. */
const MOST_GROWTH = 2.5;
/** Milliseconds. What is quicker than that says more of the machine than of the code. */
const LEAST_TIME = 40;

/** Judges the measurements of one stage, from the smallest to the largest. */
export function judgeGrowth(measurements: readonly Measurement[], place: "loop" | "worker"): Verdict {
  const largest = measurements.at(-1);
  const [smallest] = measurements;
  if (!largest || !smallest) throw new RangeError("there is nothing to judge");
  const size = Math.max(largest.bytes, LEAST_SIZE) / MEGABYTE;
  const budget = TIME_BUDGETS[place] * size + (place === "worker" ? WORKER_START : 0);
  const linear = Math.max(largest.count / smallest.count, largest.bytes / smallest.bytes);
  const growth = measurements.length < 2 ? 1 : largest.time / Math.max(smallest.time, LEAST_TIME / linear) / linear;
  const memoryTimes = Math.max(0, largest.memory - YOUNG_GENERATION) / MEGABYTE / size;
  const reasons = [
    largest.time > budget && `${Math.round(largest.time)} ms where ${Math.round(budget)} may be`,
    largest.time > LEAST_TIME && growth > MOST_GROWTH && `grows ${growth.toFixed(1)} times as fast as the document`,
    memoryTimes > MEMORY_BUDGET && `takes ${memoryTimes.toFixed(0)} times the document's size`,
  ].filter((reason) => reason !== false);
  return { isGood: reasons.length === 0, perMegabyte: largest.time / size, memoryTimes, growth, reasons };
}
