/** Sends documents to a repository, several at a time, again and again while it is away or has enough. */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import type { DocumentMediaType } from "../../pipeline/document-forms.ts";
import type { DepositAnswer } from "../deposit-call.ts";

export interface SendingOptions {
  deposit(bytes: Uint8Array, mediaType: DocumentMediaType): Promise<DepositAnswer>;
  /** Documents that are under way at once. */
  readonly atOnce: number;
  /** Milliseconds for which the repository may take nothing until it is given up. */
  readonly patience: number;
  /** Told that the repository takes nothing for now, and for how many seconds nothing is sent. */
  onPause(reason: string, seconds: number): void;
}

/** A repository that says so takes the same document later. */
const LATER = new Set([408, 429, 502, 503, 504]);
/** What it answers to every document alike. */
const NEVER: Readonly<Record<number, string>> = {
  401: "it asks who sends them (--token-file FILE)",
  404: "there is no repository",
  405: "there is no repository",
  421: "it is not called so (BASE_URL)",
};
/** The first wait where the repository does not say how long, and the longest, in seconds. */
const FIRST_WAIT = 1;
const LONGEST_WAIT = 60;
/** Bytes of documents that are under way at once; one larger document goes alone. */
const MOST_BYTES = 64_000_000;

/**
 * Who takes a document takes it for good, whatever is sent before or behind it: which document supersedes which is said in the documents, so that their order makes no difference, and none is kept.
 */
export class Sending {
  readonly #options: SendingOptions;
  #underWay = 0;
  #bytes = 0;
  #waiting: (() => void)[] = [];
  /** Until when nothing is sent, on the clock of `performance`. */
  #pausedUntil = 0;
  #failingSince: number | undefined;
  #failures = 0;

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  /** Waits until there is room for a document of so many bytes. */
  async room(bytes: number): Promise<void> {
    while (this.#underWay >= this.#options.atOnce || (this.#underWay > 0 && this.#bytes + bytes > MOST_BYTES))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** @throws AppError `unavailable` when the repository took nothing for too long, or never will */
  async send(bytes: Uint8Array, mediaType: DocumentMediaType, signal: AbortSignal): Promise<DepositAnswer> {
    this.#underWay++;
    this.#bytes += bytes.length;
    try {
      for (;;) {
        await this.#pause(signal);
        const answer = await this.#options.deposit(bytes, mediaType).catch((error: unknown) => {
          if (error instanceof AppError && error.code === "unavailable") return error;
          throw error;
        });
        if (!(answer instanceof AppError) && NEVER[answer.status] !== undefined)
          throw new AppError("unavailable", `the repository answers ${answer.status}: ${NEVER[answer.status]}`);
        if (!(answer instanceof AppError) && !LATER.has(answer.status)) {
          [this.#failingSince, this.#failures] = [undefined, 0];
          return answer;
        }
        if (answer instanceof AppError) this.#fails(answer.message, undefined);
        else this.#fails(`the repository answers ${answer.status}`, answer.retryAfter);
      }
    } finally {
      this.#underWay--;
      this.#bytes -= bytes.length;
      this.#waiting.splice(0).forEach((resolve) => resolve());
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    for (let left = this.#pausedUntil - performance.now(); left > 0; left = this.#pausedUntil - performance.now())
      await sleep(left, undefined, { signal })
        .catch(() => undefined)
        .finally(() => signal.throwIfAborted());
  }

  /** All wait: what one is told holds for the others too. */
  #fails(reason: string, retryAfter: number | undefined): void {
    const now = performance.now();
    this.#failingSince ??= now;
    if (now - this.#failingSince > this.#options.patience) throw new AppError("unavailable", `${reason}, for too long`);
    if (this.#pausedUntil > now) return;
    const seconds = Math.min(LONGEST_WAIT, retryAfter ?? FIRST_WAIT * 2 ** this.#failures);
    this.#failures++;
    this.#pausedUntil = now + seconds * 1_000;
    this.#options.onPause(reason, Math.ceil(seconds));
  }
}
