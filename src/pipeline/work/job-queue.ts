/** What is known of work that waits. */
export interface Waiting {
  readonly bytes: number;
  /** When it came: milliseconds of a clock that never goes back. */
  readonly since: number;
}

/** Bytes that a worker gets through in a millisecond, roughly: what counts is the order in which work is taken. */
const PACE = 5_000;

/**
 * Work that waits for a worker. What would be done first if each had a worker of its own is taken first: small work passes large work that waits, but not for ever, since large work that has waited
 * as long as it takes goes before small work that comes now.
 */
export class JobQueue<Job extends Waiting> {
  readonly #jobs: Job[] = [];
  #bytes = 0;

  get length(): number {
    return this.#jobs.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(job: Job): void {
    this.#jobs.push(job);
    this.#bytes += job.bytes;
  }

  /** Takes the next of those that may be done now; undefined when there is none. */
  take(mayRun: (job: Job) => boolean): Job | undefined {
    let best = -1;
    let earliest = Infinity;
    this.#jobs.forEach((job, at) => {
      const due = job.since + job.bytes / PACE;
      if (due >= earliest || !mayRun(job)) return;
      best = at;
      earliest = due;
    });
    if (best < 0) return undefined;
    const [job] = this.#jobs.splice(best, 1);
    this.#bytes -= job?.bytes ?? 0;
    return job;
  }

  /** Takes everything. */
  drain(): Job[] {
    this.#bytes = 0;
    return this.#jobs.splice(0);
  }
}
