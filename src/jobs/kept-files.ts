import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { closeEnvelope, openEnvelope } from "../core/envelope.ts";
import { AppError } from "../core/errors.ts";
import type { JobFile, JobFiles, JobFileWriter } from "./job-files.ts";
import type { JobRows } from "./job-rows.ts";

/** Bytes of a part, not packed. */
const PART = 1_048_576;
/** So small that packing is no work to speak of beside encrypting and writing. */
const LEVEL = 3;
const PLACE_BYTES = 32;
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/;

const [pack, unpack] = [promisify(gzip), promisify(gunzip)];

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
      const bytes = await unpack(await this.#packed(file, number));
      const piece = bytes.subarray(Math.max(0, from - begin), end - begin);
      if (piece.length > 0) yield piece;
    }
  }

  async *readPacked(file: JobFile): AsyncGenerator<Uint8Array> {
    // A gzip file has one member at least.
    if (file.parts.length === 0) yield await pack(new Uint8Array());
    for (let number = 0; number < file.parts.length; number++) yield await this.#packed(file, number);
  }

  remove({ place }: Pick<JobFile, "place">): Promise<void> {
    return this.#options.rows.removeChunks(this.#options.job, place, 0);
  }

  async #put({ place, number, bytes }: Part): Promise<void> {
    const { rows, job, key } = this.#options;
    const closed = closeEnvelope(await pack(bytes, { level: LEVEL }), await key(), "job-file", idOf(job, place, number));
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

function idOf(job: string, place: string, number: number): string {
  return `${job}/${place}/${number}`;
}

class FileWriter implements JobFileWriter {
  readonly #name: string;
  readonly #place = randomBytes(PLACE_BYTES).toString("hex");
  readonly #put: (part: Part) => Promise<void>;
  readonly #digest = createHash("sha256");
  readonly #parts: number[] = [];
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
    return { name: this.#name, length: this.#length, sha256: this.#digest.digest("hex"), parts: this.#parts, place: this.#place };
  }

  /** Waits for the part before: one is packed and written while the next one grows. */
  async #flush(): Promise<void> {
    await this.#putting;
    const bytes = Buffer.concat(this.#pieces, this.#held);
    const number = this.#parts.length;
    this.#parts.push(this.#length);
    this.#length += this.#held;
    this.#digest.update(bytes);
    [this.#pieces, this.#held] = [[], 0];
    this.#putting = this.#put({ place: this.#place, number, bytes });
    // Whoever flushes next, or finishes, is told.
    this.#putting.catch(() => undefined);
  }
}
