/** How often whoever watches a transfer looks at it, in milliseconds. */
export const LOOK = 500;

/** Tells how long nothing came or went. Time in which this process itself was too busy to look does not count. */
export class StallClock {
  #lastProgress = performance.now();
  #lastLook = this.#lastProgress;

  progress(): void {
    this.#lastProgress = performance.now();
  }

  /** Milliseconds without progress. To be asked every `LOOK`; `isOurs`: it is we who did not go on. */
  silence(isOurs = false): number {
    const now = performance.now();
    if (isOurs || now - this.#lastLook > 3 * LOOK) this.#lastProgress = now;
    this.#lastLook = now;
    return now - this.#lastProgress;
  }
}
