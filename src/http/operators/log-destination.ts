import { fstatSync, write, writeSync } from "node:fs";
import type { Writable } from "node:stream";

/** Where log lines go in the end. `take` gives the number of bytes taken, later; `takeNow` writes what can be written without waiting. */
export interface LogSink {
  take(bytes: Buffer, done: (error: Error | null | undefined, taken: number) => void): void;
  takeNow(bytes: Buffer): void;
}

/** Bytes that wait to be written at most; lines beyond are lost, and counted. */
const MOST = 1_048_576;
/** Bytes of one write. */
const PIECE = 65_536;
/** After a failure it is tried again so much later, in milliseconds. */
const RETRY = 250;

/**
 * Takes log lines without ever making the service wait: a pipe that nobody reads and a disk that is full cost lines, not requests. How many were lost is told in the log
 * when it works again, and by `lost`.
 */
export class LogDestination {
  readonly #sink: LogSink;
  readonly #most: number;
  /** What is being written: the rest of it comes before anything else, so that no line is torn. */
  #piece = Buffer.alloc(0);
  #waiting: Buffer[] = [];
  #bytes = 0;
  #lost = 0;
  #untold = 0;
  #isBusy = false;
  #onEmpty: (() => void) | undefined;

  constructor(sink: LogSink, { most = MOST } = {}) {
    this.#sink = sink;
    this.#most = most;
  }

  /** Lines that were lost so far. */
  get lost(): number {
    return this.#lost;
  }

  /** One line, with its line end. Returns at once. */
  write(line: string): void {
    const bytes = Buffer.from(line, "utf8");
    if (this.#bytes + bytes.length > this.#most) {
      this.#lost += 1;
      this.#untold += 1;
      return;
    }
    this.#tellLoss();
    this.#push(bytes);
    if (!this.#isBusy) this.#go();
  }

  /** Waits until everything is written, at most `milliseconds`; false: it was not. */
  async flush(milliseconds: number): Promise<boolean> {
    if (!this.#isBusy) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, milliseconds, false);
    this.#onEmpty = () => resolve(true);
    return promise.finally(() => clearTimeout(timer));
  }

  /** For a process that ends at once. */
  flushNow(): void {
    this.#sink.takeNow(Buffer.concat([this.#piece, ...this.#waiting]));
  }

  #push(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
  }

  #tellLoss(): void {
    if (this.#untold === 0) return;
    const line = {
      level: 40,
      time: Date.now(),
      pid: process.pid,
      lost: this.#untold,
      msg: "log lines were lost: nobody took them, or there was no room",
    };
    this.#untold = 0;
    this.#push(Buffer.from(`${JSON.stringify(line)}\n`));
  }

  #go(): void {
    this.#isBusy = true;
    if (this.#piece.length === 0) this.#nextPiece();
    if (this.#piece.length === 0) {
      this.#isBusy = false;
      this.#onEmpty?.();
      return;
    }
    this.#sink.take(this.#piece, (error, taken) => {
      // Nothing is lost yet: what waits is tried again, until there is too much of it.
      if (error) return void setTimeout(() => this.#go(), RETRY).unref();
      this.#piece = this.#piece.subarray(taken);
      this.#bytes -= taken;
      this.#go();
    });
  }

  /** Many short lines together. */
  #nextPiece(): void {
    if (this.#waiting.length === 0) this.#tellLoss();
    let length = 0;
    let count = 0;
    for (const line of this.#waiting) {
      if (count > 0 && length + line.length > PIECE) break;
      length += line.length;
      count += 1;
    }
    this.#piece = Buffer.concat(this.#waiting.slice(0, count));
    this.#waiting = this.#waiting.slice(count);
  }
}

/**
 * Standard error. To pipes and sockets the runtime writes without blocking; files and devices are written by a thread of its pool.
 */
export function standardError(stream: Writable, descriptor = 2): LogSink {
  const kind = fstatSync(descriptor);
  if (!kind.isFIFO() && !kind.isSocket()) {
    return {
      take: (bytes, done) => write(descriptor, bytes, 0, bytes.length, null, done),
      takeNow: (bytes) => {
        try {
          writeSync(descriptor, bytes);
        } catch {
          // There is nobody left to tell.
        }
      },
    };
  }
  // Whoever writes is told of the error; without a listener it would end the process.
  stream.on("error", () => undefined);
  return {
    take: (bytes, done) => void stream.write(bytes, (error) => done(error, bytes.length)),
    takeNow: (bytes) => {
      if (stream.writableLength === 0) stream.write(bytes);
    },
  };
}
