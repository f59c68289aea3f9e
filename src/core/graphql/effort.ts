import { AppError } from "../errors.ts";
import { GRAPH_LIMITS } from "./limits.ts";

/** The clock is looked at once for 2^8 values. */
const LOOK = 8;

/** What a query has cost while it is worked out. */
export class Effort {
  #values = 0;
  /** Whether the query failed: no part of an answer is given then, and nothing more is worked out. */
  hasFailed = false;
  readonly #until: number;

  constructor(now: number = performance.now()) {
    this.#until = now + GRAPH_LIMITS.time;
  }

  /** @param values that were looked at. AppError `too-costly` */
  spend(values: number): void {
    const before = this.#values;
    this.#values += values;
    if (this.#values > GRAPH_LIMITS.values)
      throw new AppError(
        "too-costly",
        `The answer would have more than ${GRAPH_LIMITS.values} values: ask for less, or for lists in parts (_count, _offset).`,
      );
    if (before >>> LOOK !== this.#values >>> LOOK) this.checkTime();
  }

  /** AppError `too-costly` */
  checkTime(): void {
    if (performance.now() > this.#until)
      throw new AppError("too-costly", `The query took more than ${GRAPH_LIMITS.time / 1_000} seconds: ask for less.`);
  }
}
