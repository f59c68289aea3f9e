import { AppError } from "../../core/errors.ts";

/** How long an answer counts and may be asked for anew, in milliseconds. */
export interface KeepingTimes {
  /** Younger, it is not asked for again, */
  readonly fresh: number;
  /** and so much younger not even by who misses something in it. */
  readonly pause: number;
  /** Older, it does not count any more, though nobody answers. */
  readonly longest: number;
}

export const ISSUER_TIMES: KeepingTimes = { fresh: 600_000, pause: 10_000, longest: 86_400_000 };

/**
 * What somebody else said, kept while it is fresh, and for as long as they don't answer: asked for once for all who wait, and never more often than `pause`, whoever asks and whatever
 * for.
 */
export class KeptAnswer<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #times: KeepingTimes;
  readonly #now: () => number;
  #answer: { readonly value: Answer; readonly at: number } | undefined;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;
  #silentSince: number | undefined;
  #fault: unknown;

  /** `now`: a clock in milliseconds since 1970. */
  constructor(
    ask: () => Promise<Answer>,
    { times = ISSUER_TIMES, now = Date.now }: { readonly times?: KeepingTimes; readonly now?: () => number } = {},
  ) {
    this.#ask = ask;
    this.#times = times;
    this.#now = now;
  }

  get isKnown(): boolean {
    return this.#answer !== undefined && this.#now() - this.#answer.at < this.#times.longest;
  }

  get silentSince(): Date | undefined {
    return this.#silentSince === undefined ? undefined : new Date(this.#silentSince);
  }

  /** The answer. AppError `unavailable` when there is none, or only one that is too old. */
  async get(): Promise<Answer> {
    const isFresh = this.#answer !== undefined && this.#now() - this.#answer.at < this.#times.fresh;
    if (!isFresh) {
      const asked = this.#askAgain();
      // Whoever has an old answer does not wait on somebody who is known to be silent.
      if (!this.isKnown || this.#silentSince === undefined) await asked;
    }
    if (this.#answer === undefined || !this.isKnown)
      throw new AppError("unavailable", "The issuer of access tokens can't be asked now; try again in a moment.", {
        cause: this.#fault,
        retryAfter: 10,
      });
    return this.#answer.value;
  }

  /** Sees to it that there is a fresh answer, as far as there can be. Whoever is known to be silent is not waited for. */
  async look(): Promise<void> {
    const asked = this.get().then(
      () => undefined,
      () => undefined,
    );
    if (this.#silentSince === undefined) await asked;
  }

  /** Asks again, for who missed something in the answer; the old one stays when that fails. */
  async renew(): Promise<void> {
    await this.#askAgain();
  }

  #askAgain(): Promise<void> {
    if (this.#asking) return this.#asking;
    if (this.#now() - this.#askedAt < this.#times.pause) return Promise.resolve();
    this.#askedAt = this.#now();
    this.#asking = this.#ask()
      .then(
        (value) => {
          this.#answer = { value, at: this.#now() };
          this.#silentSince = undefined;
          this.#fault = undefined;
        },
        (fault: unknown) => {
          this.#silentSince ??= this.#now();
          this.#fault = fault;
        },
      )
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
