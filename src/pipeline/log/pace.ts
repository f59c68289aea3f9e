import { setTimeout as sleep } from "node:timers/promises";

/** How long after a lost race it is reckoned with others who commit to the same log, in milliseconds. */
const RIVALRY = 2_000;
/** The longest pause, in milliseconds. */
const LONGEST = 100;
/** The longest that a batch waits before it tries again, in milliseconds. */
const LONGEST_AFTER_LOSS = 200;

/**
 * Lets others have their turn. Who has just committed knows the log's newest size and would win again and again, while whoever lost reads it first: so while others were met lately, he waits for as long as a commit
 * takes, and takes along with the next one whoever comes meanwhile. Nothing depends on it.
 */
export class Pace {
  #commit = 0;
  #lostAt = -Infinity;

  /** Does a commit, and notes how long it takes. */
  async timed<Result>(commit: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const result = await commit();
    this.#commit += (Math.min(performance.now() - began, LONGEST) - this.#commit) / 4;
    return result;
  }

  /** Another process was quicker, for the `attempt + 1`th time: waits a little, at random, and longer each time. */
  async afterLoss(attempt: number): Promise<void> {
    this.#lostAt = performance.now();
    await sleep(Math.random() * Math.min(2 ** attempt, LONGEST_AFTER_LOSS));
  }

  /** Waits before the next commit. */
  async rest(): Promise<void> {
    await sleep(this.pause);
  }

  /** How long to wait before the next commit, in milliseconds; 0 when nobody else was met. */
  get pause(): number {
    return performance.now() - this.#lostAt < RIVALRY ? this.#commit : 0;
  }
}
