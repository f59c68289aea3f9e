import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { AppError } from "../../core/errors.ts";
import { BodySink, type ArrivedBody, type BodyBudgets } from "./body-sink.ts";
import { watchArrival } from "./body-watch.ts";

/** A body that is to be received: `length` as announced, undefined when it is not known. */
export interface Expected {
  readonly length: number | undefined;
  readonly maxBytes: number;
  /** Gives the stream of the body's own bytes, once there is room for it. */
  begin(): Readable;
}

/**
 * Receives bodies within bounds: so many at once, so many bytes in memory and on disk, each at a least rate. What finds no room is refused (503) before a byte of it is
 * read.
 */
export class Intake {
  readonly #budgets: BodyBudgets;
  readonly #stopping = new AbortController();
  #arriving = 0;

  constructor(budgets: BodyBudgets) {
    this.#budgets = budgets;
  }

  /** Bodies that arrive now. */
  get arriving(): number {
    return this.#arriving;
  }

  /** The service stops: bodies that do not come along are cut soon. */
  stop(): void {
    this.#stopping.abort();
  }

  /**
   * @throws AppError `unavailable` (with `retryAfter`) when there is no room, `too-large`, `too-slow`, `malformed`. Nothing stays held.
   */
  async receive(request: IncomingMessage, { length, maxBytes, begin }: Expected): Promise<ArrivedBody> {
    return this.#counted(async () => {
      const sink = new BodySink({ ...this.#budgets, maxBytes });
      try {
        await sink.expect(length);
        await this.#pour(request, begin(), sink);
        return sink.finish();
      } catch (error) {
        await sink.discard();
        throw error;
      }
    });
  }

  /**
   * Hands a body on as it comes, whatever its length: each piece when the one before was taken. Nothing of it is held here.
   *
   * @throws AppError as `receive`; what `take` throws, and then nothing more is handed on
   */
  async handOn(request: IncomingMessage, begin: Expected["begin"], take: (piece: Buffer) => Promise<void>): Promise<void> {
    await this.#counted(() => this.#pour(request, begin(), { take }));
  }

  async #counted<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#arriving >= this.#budgets.limits.uploads)
      throw new AppError("unavailable", "Too many uploads are under way; try again in a moment.", { retryAfter: 5 });
    this.#arriving += 1;
    try {
      return await work();
    } finally {
      this.#arriving -= 1;
    }
  }

  #pour(request: IncomingMessage, source: Readable, sink: Pick<BodySink, "take">): Promise<void> {
    const { limits } = this.#budgets;
    return pour(source, sink, (fail) => watchArrival(request, { limits, stopping: this.#stopping.signal, fail }));
  }
}

/** Moves a stream into a sink. Whatever ends it early leaves the stream flowing to nowhere. */
function pour(source: Readable, sink: Pick<BodySink, "take">, watch: (fail: (error: AppError) => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let writing: Promise<void> | undefined;
    const end = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      unwatch();
      source.off("data", onData);
      source.resume();
      // What is being written must have ended before the file is closed or read.
      void (writing ?? Promise.resolve()).then(
        () => (error === undefined ? resolve() : reject(error as Error)),
        (fault: unknown) => reject((error ?? fault) as Error),
      );
    };
    const onData = (chunk: Buffer): void => {
      try {
        const written = sink.take(chunk);
        if (!written) return;
        source.pause();
        writing = written;
        written.then(() => isOver || source.resume(), end);
      } catch (error) {
        end(error);
      }
    };
    const unwatch = watch(end);
    source.on("data", onData);
    source.once("end", () => end());
    source.once("error", (cause) => end(new AppError("malformed", "The request body could not be read to its end.", { cause })));
    // Of each body: an error costs its stack.
    source.once("close", () => isOver || end(new AppError("malformed", "The request body ended early.")));
  });
}
