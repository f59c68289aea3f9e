import { randomUUID } from "node:crypto";
import type { FollowerPositions } from "./position-port.ts";

/** How long a turn is good for, in milliseconds; it is taken again when half of it has run. */
const LENGTH = 2_000;

/**
 * Whose turn it is among several processes to do what each of them could do. It is advice and no lock: it keeps them from doing the same at once, most of the time. A turn that is not given back runs out by
 * itself.
 */
export class Turn {
  readonly #positions: Pick<FollowerPositions, "begin" | "lease" | "release">;
  readonly #name: string;
  readonly #holder = randomUUID();
  #until = 0;
  #isBegun = false;

  /** @param name of the work, for ever */
  constructor(positions: Pick<FollowerPositions, "begin" | "lease" | "release">, name: string) {
    this.#positions = positions;
    this.#name = name;
  }

  /** Takes the turn, or keeps it; false when it is another's. */
  async take(): Promise<boolean> {
    const now = Date.now();
    if (this.#until - now > LENGTH / 2) return true;
    if (!this.#isBegun) await this.#positions.begin(this.#name, 0);
    this.#isBegun = true;
    const isOurs = await this.#positions.lease(this.#name, this.#holder, { now, until: now + LENGTH });
    this.#until = isOurs ? now + LENGTH : 0;
    return isOurs;
  }

  /** Gives it back, if it is ours. */
  async giveBack(): Promise<void> {
    if (this.#until <= Date.now()) return;
    this.#until = 0;
    await this.#positions.release(this.#name, this.#holder);
  }
}
