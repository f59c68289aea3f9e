import { setTimeout as sleep } from "node:timers/promises";

/** Only when nothing was deposited for so long, in milliseconds, is a view prepared: a stream of deposits goes first. */
const QUIET = 100;
/** How many documents wait at most. Of more than that, the oldest are left to their first reader. */
const WAITING = 500;

/**
 * Prepares the views of new documents before anybody asks, one at a time: their narratives are judged (the slow part) and the verdicts kept, so that no reader waits for the
 * judge. Nothing depends on it: what was not prepared, or could not be, is done when it is read.
 */
export class ViewPreparer {
  readonly #view: (id: string) => Promise<unknown>;
  readonly #waiting = new Set<string>();
  #lastDeposit = 0;
  #running: Promise<void> | undefined;

  /** @param view makes a document's view, and throws when it can't */
  constructor(view: (id: string) => Promise<unknown>) {
    this.#view = view;
  }

  /** Returns at once. */
  prepare(id: string): void {
    this.#lastDeposit = performance.now();
    this.#waiting.add(id);
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= WAITING) break;
      this.#waiting.delete(oldest);
    }
    this.#running ??= this.#run();
  }

  /** Lets go of what waits, and waits for what runs. */
  async close(): Promise<void> {
    this.#waiting.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const early = this.#lastDeposit + QUIET - performance.now();
      if (early > 0) {
        await sleep(early, undefined, { ref: false });
        continue;
      }
      const [id = ""] = this.#waiting;
      this.#waiting.delete(id);
      // Whoever reads the document meets the same failure, and is told of it.
      await this.#view(id).catch(() => undefined);
    }
    this.#running = undefined;
  }
}
