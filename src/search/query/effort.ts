import type { Share } from "../../core/fair-turns.ts";
import { AppError } from "../../core/errors.ts";

/** How long the index works for one search at most, in milliseconds. */
export const MOST_EFFORT = 10_000;

/** What one search has cost the index until now. How long it waited for others is not its fault and does not count. */
export class Effort implements Share {
  readonly asker: string;
  readonly #most: number;
  spent = 0;

  /** @param asker names whoever searches among others */
  constructor(asker = "", most = MOST_EFFORT) {
    this.asker = asker;
    this.#most = most;
  }

  /** @throws AppError `too-costly` when the search has cost more than it may */
  check(): void {
    if (this.spent > this.#most) throw new AppError("too-costly", "The search takes too long: ask for something more specific.");
  }
}
