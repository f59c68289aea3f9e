import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../core/errors.ts";

export interface TurnLimits {
  /** Bytes of documents that are worked on at once; one larger document always finds room, alone. */
  readonly bytes: number;
  /** Milliseconds that a document waits for its turn at most. */
  readonly patience: number;
  /** After work on so many bytes has begun, everything else that waits for the event loop goes first. */
  readonly breath: number;
  /** Work on so many bytes at most is light. */
  readonly light: number;
  /** Bytes of light work at once, beside the other: it waits for its like alone. */
  readonly lightBytes: number;
}

/** 48 MB of documents in hand are some 1 GB of trees and texts. */
export const TURN_LIMITS: TurnLimits = { bytes: 48_000_000, patience: 30_000, breath: 262_144, light: 640_000, lightBytes: 12_800_000 };

/** Turns of the event loop that a new connection needs from its arrival to its answer: accepted, read, answered. */
const BREATH_TURNS = 3;

/** A piece of work in its turn. */
export interface Turn {
  /** Says how many bytes it really is about, once that is known. */
  weigh(bytes: number): void;
}

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * Lets work on documents begin in order of arrival, so much at once, and between two pieces of heavy work lets the event loop do what else there is: whoever asks something
 * light, also over a new connection, waits for one document at most and not for all.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #heavy: Queue;
  readonly #light: Queue;

  constructor(limits: TurnLimits = TURN_LIMITS) {
    this.#limits = limits;
    this.#heavy = new Queue(limits);
    this.#light = new Queue({ ...limits, bytes: limits.lightBytes });
  }

  /** Bytes that are worked on now. */
  get held(): number {
    return this.#heavy.held + this.#light.held;
  }

  /** Pieces of work that wait for their turn. */
  get waiting(): number {
    return this.#heavy.waiting + this.#light.waiting;
  }

  /**
   * Does `work` on `bytes` when its turn comes.
   *
   * @throws AppError `unavailable` when it did not come in time; then nothing was begun.
   */
  take<Result>(bytes: number, work: (turn: Turn) => Promise<Result>): Promise<Result> {
    return (bytes <= this.#limits.light ? this.#light : this.#heavy).take(bytes, work);
  }
}

/** Work of one kind, in order of arrival. */
class Queue {
  readonly #limits: TurnLimits;
  #waiting: Waiting[] = [];
  #held = 0;
  #isBeginning = false;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async take<Result>(bytes: number, work: (turn: Turn) => Promise<Result>): Promise<Result> {
    let weight = Math.min(bytes, this.#limits.bytes);
    await this.#comesUp(weight);
    try {
      return await work({
        weigh: (actual) => {
          this.#held += actual - weight;
          weight = actual;
        },
      });
    } finally {
      this.#held -= weight;
      this.#begin();
    }
  }

  #comesUp(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== entry);
        reject(new AppError("unavailable", "The service is busy with other documents; try again in a moment.", { retryAfter: 5 }));
        // It may have stood before others that fit.
        this.#begin();
      }, this.#limits.patience);
      const entry: Waiting = {
        bytes,
        begin: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.push(entry);
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    void this.#beginAll();
  }

  async #beginAll(): Promise<void> {
    let begun = 0;
    for (;;) {
      const [first] = this.#waiting;
      if (!first || (this.#held > 0 && this.#held + first.bytes > this.#limits.bytes)) {
        // In the same step, so that nobody who comes next finds it neither beginning nor begun.
        this.#isBeginning = false;
        return;
      }
      this.#waiting.shift();
      this.#held += first.bytes;
      first.begin();
      begun += first.bytes;
      if (begun < this.#limits.breath) continue;
      begun = 0;
      for (let turn = 0; turn < BREATH_TURNS; turn++) await nextTurn();
    }
  }
}
