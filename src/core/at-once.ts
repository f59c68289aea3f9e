import { AppError } from "./errors.ts";

export interface AtOnceLimits {
  /** Pieces of work of one asker that are done at once. */
  readonly each: number;
  /** Pieces of work of one asker that wait for that; beyond it the next is refused. */
  readonly waiting: number;
  /** Milliseconds that one waits at most. */
  readonly patience: number;
}

interface Waiting {
  readonly begin: () => void;
}

/** How much of something one asker has in hand at once: what is beyond it waits in order of arrival, so that nothing of it is begun, and nobody else waits for it. */
export class AtOnce {
  readonly #limits: AtOnceLimits;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, Set<Waiting>>();

  constructor(limits: AtOnceLimits) {
    this.#limits = limits;
  }

  /** Askers of whom anything is in hand. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Does `work` once few enough of the asker's are in hand.
   * @throws AppError `too-many-requests` when too much of the asker's waits, `unavailable` when it did not come to it in time; then nothing was begun
   */
  async take<Result>(asker: string, work: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(asker) ?? 0;
    if (running < this.#limits.each) this.#running.set(asker, running + 1);
    // Who ends hands the place on: it is counted still.
    else await this.#comesUp(asker);
    try {
      return await work();
    } finally {
      this.#leave(asker);
    }
  }

  #comesUp(asker: string): Promise<void> {
    const waiting = this.#waiting.get(asker) ?? new Set();
    this.#waiting.set(asker, waiting);
    if (waiting.size >= this.#limits.waiting)
      throw new AppError("too-many-requests", "Too many searches of this client wait already; try again in a moment.", { retryAfter: 5 });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(entry);
        reject(new AppError("unavailable", "Other searches of this client take too long; try again in a moment.", { retryAfter: 5 }));
      }, this.#limits.patience);
      const entry: Waiting = {
        begin: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      waiting.add(entry);
    });
  }

  #leave(asker: string): void {
    const waiting = this.#waiting.get(asker);
    const [next] = waiting ?? [];
    if (waiting && next) {
      waiting.delete(next);
      return next.begin();
    }
    this.#waiting.delete(asker);
    const left = (this.#running.get(asker) ?? 1) - 1;
    if (left > 0) this.#running.set(asker, left);
    else this.#running.delete(asker);
  }
}
