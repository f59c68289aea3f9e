import { AppError } from "./errors.ts";

/** What one question has had of something that many ask for: it is told by whoever gives it. */
export interface Share {
  /** Who asks: those who ask for much wait behind those who ask for little. */
  readonly asker: string;
  /** Milliseconds. */
  spent: number;
}

export interface FairTurnsLimits {
  /** Pieces of work that are done at once. */
  readonly width: number;
  /** Milliseconds that one waits for its turn at most. */
  readonly patience: number;
}

/** Milliseconds that a piece of work costs at least: it has to be asked for and answered. */
const LEAST = 0.5;

interface Waiting {
  readonly share: Share;
  /** How many pieces for the same question are before it. */
  readonly ahead: number;
  readonly begin: () => void;
}

/**
 * Turns at something that is soon used up: of all that waits, the next is of the asker who has had least, and of theirs of the question that has had least, in order of arrival. So whoever asks for
 * little waits for what is being done at that moment, and for no more than the others' beginnings, however many and long their questions are.
 */
export class FairTurns {
  readonly #limits: FairTurnsLimits;
  readonly #had = new Map<string, number>();
  readonly #open = new Map<string, number>();
  /** Pieces of work of each question that wait or are done now. */
  readonly #ofShare = new Map<Share, number>();
  #waiting: Waiting[] = [];
  #running = 0;

  constructor(limits: FairTurnsLimits) {
    this.#limits = limits;
  }

  /**
   * Does `work` when its turn comes, and adds to its share what it cost.
   *
   * @param cost in milliseconds, asked when the work is over; by default, or where it is not known, how long it took: a machine that is busy with other things makes that long
   * @throws AppError `unavailable` when it did not come in time; then nothing was begun.
   */
  async take<Result>(share: Share, work: () => Promise<Result>, cost: () => number | undefined = () => undefined): Promise<Result> {
    this.#arrives(share.asker);
    const ahead = this.#ofShare.get(share) ?? 0;
    this.#ofShare.set(share, ahead + 1);
    try {
      await this.#comesUp(share, ahead);
      const begun = performance.now();
      try {
        return await work();
      } finally {
        const took = Math.max(LEAST, cost() ?? performance.now() - begun);
        share.spent += took;
        this.#had.set(share.asker, (this.#had.get(share.asker) ?? 0) + took);
        this.#running--;
      }
    } finally {
      const left = (this.#ofShare.get(share) ?? 1) - 1;
      if (left > 0) this.#ofShare.set(share, left);
      else this.#ofShare.delete(share);
      this.#leaves(share.asker);
      this.#next();
    }
  }

  #comesUp(share: Share, ahead: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== entry);
        reject(new AppError("unavailable", "The service is busy with other questions; try again in a moment.", { retryAfter: 5 }));
      }, this.#limits.patience);
      const entry: Waiting = {
        share,
        ahead,
        begin: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.push(entry);
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < this.#limits.width && this.#waiting.length > 0) {
      const next = this.#waiting.reduce((best, one) => (this.#isBefore(one, best) ? one : best));
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#running++;
      next.begin();
    }
  }

  #isBefore(one: Waiting, other: Waiting): boolean {
    const [had, others] = [one, other].map(({ share }) => this.#had.get(share.asker) ?? 0) as [number, number];
    return one.share.asker === other.share.asker || had === others ? turnOf(one) < turnOf(other) : had < others;
  }

  /** Whoever comes anew has had as much as the one of those present who has had least: nobody saves up turns. */
  #arrives(asker: string): void {
    const open = this.#open.get(asker) ?? 0;
    this.#open.set(asker, open + 1);
    if (open > 0) return;
    const others = [...this.#open.keys()].filter((one) => one !== asker).map((one) => this.#had.get(one) ?? 0);
    this.#had.set(asker, others.length === 0 ? 0 : Math.min(...others));
  }

  #leaves(asker: string): void {
    const open = (this.#open.get(asker) ?? 1) - 1;
    if (open > 0) return void this.#open.set(asker, open);
    this.#open.delete(asker);
    this.#had.delete(asker);
  }
}

/** A question that asks for many pieces at once waits with each for those before it. */
function turnOf({ share, ahead }: Waiting): number {
  return share.spent + ahead * LEAST;
}
