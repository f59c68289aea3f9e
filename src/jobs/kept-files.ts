import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { constants, crc32, deflateRaw, inflateRaw } from "node:zlib";
import { closeEnvelope, openEnvelope } from "../core/envelope.ts";
import { AppError } from "../core/errors.ts";
import type { JobFile, JobFiles, JobFileWriter } from "./job-files.ts";
import type { JobRows } from "./job-rows.ts";

/** Bytes of a part, not packed. */
const PART = 1_048_576;
/** Each part ends at a whole byte, and not the stream (RFC 1951 section 3.2.4): parts one after the other are one stream, and each can be read alone. */
const UNENDED = { finishFlush: constants.Z_SYNC_FLUSH } as const;
/** The level is so small that packing is no work to speak of beside encrypting and writing. */
const PACKING = { ...UNENDED, level: 3 } as const;
/** What stands before a gzip file's stream (RFC 1952): no name, no time, no system. */
const GZIP_HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** A last block, of nothing: it ends a stream of parts (RFC 1951 section 3.2.6). */
const LAST_BLOCK = Uint8Array.of(3, 0);
const PLACE_BYTES = 32;
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/;

const [pack, unpack] = [promisify(deflateRaw), promisify(inflateRaw)];

export interface KeptFilesOptions {
  readonly rows: Pick<JobRows, "putChunk" | "readChunk" | "removeChunks">;
  /** By what the engine knows the job. */
  readonly job: string;
  /** The job's key; AppError `gone` when the job is not there any more. */
  key(): Promise<Uint8Array>;
}

/** The files of one job, as an engine keeps them. Each part is bound to its job, file and number: none can be put in another's place unseen. */
export class KeptFiles implements JobFiles {
  readonly #options: KeptFilesOptions;

  constructor(options: KeptFilesOptions) {
    this.#options = options;
  }

  write(name: string): JobFileWriter {
    if (!NAME.test(name)) throw new AppError("internal", `${name} can be no file's name`);
    return new FileWriter(name, (chunk) => this.#put(chunk));
  }

  async *read(file: JobFile, from = 0, to = file.length): AsyncGenerator<Uint8Array> {
    const end = Math.min(to, file.length);
    // The last part that begins at or before it.
    const first = Math.max(
      0,
      file.parts.findLastIndex((begin) => begin <= from),
    );
    for (let number = first; number < file.parts.length; number++) {
      const begin = file.parts[number] ?? 0;
      if (begin >= end) return;
      const bytes = await unpack(await this.#packed(file, number), UNENDED);
      const piece = bytes.subarray(Math.max(0, from - begin), end - begin);
      if (piece.length > 0) yield piece;
    }
  }

  async *readPacked(file: JobFile): AsyncGenerator<Uint8Array> {
    // With the first part, so that nothing was given where that is gone.
    let head = GZIP_HEAD;
    for (let number = 0; number < file.parts.length; number++) {
      yield Buffer.concat([head, await this.#packed(file, number)]);
      head = new Uint8Array();
    }
    yield Buffer.concat([head, LAST_BLOCK, uint32(file.crc32), uint32(file.length)]);
  }

  remove({ place }: Pick<JobFile, "place">): Promise<void> {
    return this.#options.rows.removeChunks(this.#options.job, place, 0);
  }

  async #put({ place, number, bytes }: Part): Promise<void> {
    const { rows, job, key } = this.#options;
    const closed = closeEnvelope(await pack(bytes, PACKING), await key(), "job-file", idOf(job, place, number));
    await rows.putChunk({ job, file: place, number, bytes: closed });
  }

  async #packed({ place }: JobFile, number: number): Promise<Uint8Array> {
    const { rows, job, key } = this.#options;
    const opening = await key();
    const closed = await rows.readChunk({ job, file: place, number });
    if (!closed) throw new AppError("gone", "The file is not there any more.");
    return openEnvelope(closed, opening, "job-file", idOf(job, place, number));
  }
}

interface Part {
  readonly place: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Its lowest 32 bits, little-endian. */
function uint32(number: number): Uint8Array {
  return Uint8Array.of(...[0, 8, 16, 24].map((bits) => (number >>> bits) & 0xff));
}

function idOf(job: string, place: string, number: number): string {
  return `${job}/${place}/${number}`;
}

class FileWriter implements JobFileWriter {
  readonly #name: string;
  readonly #place = randomBytes(PLACE_BYTES).toString("hex");
  readonly #put: (part: Part) => Promise<void>;
  readonly #digest = createHash("sha256");
  readonly #parts: number[] = [];
  #crc32 = 0;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #length = 0;
  #putting: Promise<void> = Promise.resolve();

  constructor(name: string, put: (part: Part) => Promise<void>) {
    this.#name = name;
    this.#put = put;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const piece = rest.subarray(0, PART - this.#held);
      rest = rest.subarray(piece.length);
      // Whoever gave it may write over it while the part grows.
      this.#pieces.push(Uint8Array.from(piece));
      this.#held += piece.length;
      if (this.#held === PART) await this.#flush();
    }
  }

  async finish(): Promise<JobFile> {
    if (this.#held > 0) await this.#flush();
    await this.#putting;
    return { name: this.#name, length: this.#length, sha256: this.#digest.digest("hex"), crc32: this.#crc32, parts: this.#parts, place: this.#place };
  }

  /** Waits for the part before: one is packed and written while the next one grows. */
  async #flush(): Promise<void> {
    await this.#putting;
    const bytes = Buffer.concat(this.#pieces, this.#held);
    const number = this.#parts.length;
    this.#parts.push(this.#length);
    this.#length += this.#held;
    this.#digest.update(bytes);
    this.#crc32 = crc32(bytes, this.#crc32);
    [this.#pieces, this.#held] = [[], 0];
    this.#putting = this.#put({ place: this.#place, number, bytes });
    // Whoever flushes next, or finishes, is told.
    this.#putting.catch(() => undefined);
  }
}
