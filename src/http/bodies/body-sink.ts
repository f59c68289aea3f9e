import { AppError } from "../../core/errors.ts";
import type { ByteBudget, Hold } from "./byte-budget.ts";
import type { HttpLimits } from "../bounds/limits.ts";
import type { Spool, SpoolFolder } from "./spool.ts";

/** What bodies are held by while they arrive. */
export interface BodyBudgets {
  /** Of small bodies, in memory. */
  readonly memory: ByteBudget;
  /** Of large ones, on disk. */
  readonly disk: ByteBudget;
  readonly spool: Pick<SpoolFolder, "begin">;
  readonly limits: HttpLimits;
}

/** A body that has arrived whole. */
export interface ArrivedBody {
  readonly size: number;
  /** Its bytes, in memory from now on. Asked once. */
  bytes(): Promise<Uint8Array>;
  /** Lets go of everything. */
  release(): Promise<void>;
}

/** Room on disk is taken in steps of so many bytes when the length is not known. */
const DISK_STEP = 1 << 20;
/** A body of unknown length begins with room for so many. */
const FIRST_ROOM = 16_384;

/** Takes a body as it arrives: small ones into one buffer, larger ones to disk, each byte within a budget. */
export class BodySink {
  readonly #options: BodyBudgets & { readonly maxBytes: number };
  #buffer = Buffer.alloc(0);
  #size = 0;
  #spool: Spool | undefined;
  #inMemory: Hold | undefined;
  #onDisk: Hold | undefined;
  #diskBytes = 0;

  constructor(options: BodyBudgets & { readonly maxBytes: number }) {
    this.#options = options;
  }

  /** Reserves for a body of that length. AppError `unavailable` when there is no room. */
  async expect(length: number | undefined): Promise<void> {
    if (length !== undefined && length > this.#options.limits.spoolAbove) {
      await this.#beginSpool(length);
      return;
    }
    if (length !== undefined) this.#makeRoom(length);
  }

  /**
   * Takes the next bytes. A promise: give no more before it resolves.
   *
   * @throws AppError `too-large`; `unavailable` when the body grew beyond what is left for it.
   */
  take(chunk: Buffer): Promise<void> | undefined {
    const { maxBytes, limits } = this.#options;
    const size = this.#size + chunk.length;
    if (size > maxBytes) throw new AppError("too-large", `A document may have at most ${maxBytes} bytes (MAX_DOCUMENT_BYTES).`);
    const at = this.#size;
    this.#size = size;
    if (this.#spool) return this.#write(this.#spool, chunk);
    if (size > limits.spoolAbove) return this.#moveToDisk(at, chunk);
    if (size > this.#buffer.length) this.#makeRoom(Math.min(limits.spoolAbove, Math.max(size, this.#buffer.length * 2, FIRST_ROOM)));
    chunk.copy(this.#buffer, at);
    return undefined;
  }

  finish(): ArrivedBody {
    const spool = this.#spool;
    return {
      size: this.#size,
      bytes: () => (spool ? spool.read() : Promise.resolve(this.#buffer.subarray(0, this.#size))),
      release: () => this.discard(),
    };
  }

  /** Lets go of everything. */
  async discard(): Promise<void> {
    this.#buffer = Buffer.alloc(0);
    this.#inMemory?.release();
    const spool = this.#spool;
    this.#spool = undefined;
    await spool?.close();
    this.#onDisk?.release();
  }

  #makeRoom(length: number): void {
    this.#inMemory ??= this.#options.memory.reserve(0);
    if (!this.#inMemory?.resize(length)) throw noRoom();
    const larger = Buffer.allocUnsafeSlow(length);
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#buffer = larger;
  }

  async #moveToDisk(held: number, chunk: Buffer): Promise<void> {
    const first = this.#buffer.subarray(0, held);
    const spool = await this.#beginSpool(DISK_STEP);
    await this.#write(spool, first);
    this.#buffer = Buffer.alloc(0);
    this.#inMemory?.release();
    await this.#write(spool, chunk);
  }

  async #beginSpool(bytes: number): Promise<Spool> {
    this.#onDisk = this.#options.disk.reserve(bytes);
    if (!this.#onDisk) throw noRoom();
    this.#diskBytes = bytes;
    return (this.#spool = await this.#options.spool.begin(bytes));
  }

  #write(spool: Spool, chunk: Buffer): Promise<void> {
    if (this.#size > this.#diskBytes) {
      const wanted = this.#diskBytes + Math.max(DISK_STEP, this.#size - this.#diskBytes);
      if (!this.#onDisk?.resize(wanted)) throw noRoom();
      this.#diskBytes = wanted;
    }
    return spool.write(chunk);
  }
}

function noRoom(): AppError {
  return new AppError("unavailable", "The service holds as much as it may (MAX_IN_FLIGHT_BYTES); try again in a moment.", { retryAfter: 5 });
}
