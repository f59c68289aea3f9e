import type { Thread } from "./thread.ts";

export interface TimeLimitOptions {
  /** Milliseconds of a processor that the work may take. */
  readonly time: number;
  /** How many times as long it may take by the clock, on a machine that is busy with other things: work can also stand still. */
  readonly patience: number;
  /** Milliseconds that the thread is waited for when it is asked how much it has used: it answers only between built-in functions, which may be never. */
  readonly silence: number;
  /** Told once. */
  over(): void;
}

/** The longest that a timer takes (setTimeout). */
const LONGEST = 2 ** 31 - 1;
/** What begins is asked how much its thread had used only after so many milliseconds, unless its time is short: to ask costs more than most work does, and what it has used until then is given to it. */
const GIVEN = 20;
const SHORT = 1_000;
/** What is left of its time when it is looked at is no less than this part of it: beyond that it has had enough. */
const LEAST_PART = 1 / 20;

/**
 * Gives what a thread has in hand time of a processor, not of the clock, which on a busy machine would cost innocent work its result. It is looked at when its time would have run out if it had
 * had a processor for itself, and given the rest. Begins with `goOn`.
 */
export class TimeLimit {
  readonly #thread: Pick<Thread<never, never>, "usedTime">;
  readonly #options: TimeLimitOptions;
  #left: number;
  #byClock = 0;
  #since = 0;
  #usedBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #asking: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(thread: Pick<Thread<never, never>, "usedTime">, options: TimeLimitOptions) {
    this.#thread = thread;
    this.#options = options;
    this.#left = options.time;
  }

  goOn(): void {
    if (this.#turn === 0) this.#begin();
    const turn = ++this.#turn;
    this.#since = performance.now();
    this.#timer = setTimeout(() => void this.#look(turn), Math.min(this.#left, LONGEST));
  }

  #begin(): void {
    const ask = (): void => void this.#thread.usedTime().then((used) => (this.#usedBefore = used ?? 0));
    if (this.#options.time < SHORT) ask();
    else this.#asking = setTimeout(ask, GIVEN).unref();
  }

  /** Until `goOn`: it waits for somebody else. */
  pause(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    const gone = performance.now() - this.#since;
    this.#byClock += gone;
    this.#left = Math.max(0, this.#left - gone);
  }

  /** For good. */
  stop(): void {
    this.#turn++;
    clearTimeout(this.#asking);
    clearTimeout(this.#timer);
  }

  async #look(turn: number): Promise<void> {
    const { time, patience, over } = this.#options;
    const used = await Promise.race([this.#thread.usedTime(), this.#silence()]);
    clearTimeout(this.#timer);
    if (turn !== this.#turn) return;
    this.#byClock += performance.now() - this.#since;
    const left = used === undefined ? 0 : time - (used - this.#usedBefore);
    if (left < time * LEAST_PART || this.#byClock >= time * patience) {
      this.stop();
      return over();
    }
    this.#left = left;
    this.goOn();
  }

  #silence(): Promise<undefined> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, Math.min(this.#options.silence, LONGEST), undefined);
    });
  }
}
