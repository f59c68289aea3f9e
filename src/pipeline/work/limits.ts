/** How much one piece of work may cost, and how much may be under way. docs/design.md, Work, says how the figures were found. */
export interface WorkLimits {
  /** Up to so many bytes work is done at once on the event loop: handing it to a worker and back costs about as much as it does, and the loop waits a few milliseconds. */
  readonly inlineBytes: number;
  /** From so many bytes on it is done by a worker that has started, while the loop is busy: processors share what would stand in a row, and the loop's heap, which is the largest, is not collected for it. */
  readonly sharedBytes: number;
  /** From so many bytes on work takes seconds: one worker is always left for what is smaller. */
  readonly bigBytes: number;
  /** Milliseconds for each piece of work, and for each of its bytes. */
  readonly time: number;
  readonly timePerByte: number;
  /** Bytes of heap for each piece of work, and for each of its bytes. */
  readonly memory: number;
  readonly memoryPerByte: number;
  /** How many pieces, and how many bytes, may wait. */
  readonly waitingJobs: number;
  readonly waitingBytes: number;
  /** Milliseconds after which a worker that has nothing to do is ended. */
  readonly idle: number;
}

const MEGABYTE = 1_000_000;

export const WORK_LIMITS: WorkLimits = {
  inlineBytes: 128_000,
  sharedBytes: 2_000,
  bigBytes: MEGABYTE,
  // Documents of 48 MB take 4 s on a quiet machine; hostile ones up to five times that.
  time: 10_000,
  timePerByte: 1_000 / MEGABYTE,
  // Heap in use, with what V8 has not collected yet: 5 MB of dense JSON or XML come to 120 MB.
  memory: 400 * MEGABYTE,
  memoryPerByte: 20,
  waitingJobs: 1_000,
  waitingBytes: 512 * MEGABYTE,
  idle: 60_000,
};

/** How many workers there may be: one for each processor, so that the machine is used, but two at least, so that large work never stops small; eight are enough for any disk. */
export function workersFor(processors: number): number {
  return Math.min(8, Math.max(2, processors));
}

/** Milliseconds that work on so many bytes may take. */
export function timeFor(bytes: number, { time, timePerByte }: WorkLimits): number {
  return time + bytes * timePerByte;
}

/** Bytes of heap that work on so many bytes may take. */
export function memoryFor(bytes: number, { memory, memoryPerByte }: WorkLimits): number {
  return memory + bytes * memoryPerByte;
}
