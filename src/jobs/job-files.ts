/** Files that jobs make: encrypted under a key of the job's, in parts, readable from any place, gone with the job. */

/** One file while it is written. Nothing is held but the part that grows. */
export interface JobFileWriter {
  /** Waits while the store is behind. */
  append(bytes: Uint8Array): Promise<void>;
  /** Writes what is left. Durable when it resolves. */
  finish(): Promise<JobFile>;
}

/** A file that is whole: what is kept of it in the job. */
export interface JobFile {
  readonly name: string;
  /** Bytes, not packed. */
  readonly length: number;
  /** Of the bytes, not packed: lower-case hex. */
  readonly sha256: string;
  /** CRC-32 of the bytes, not packed: with it the parts become a gzip file (RFC 1952 section 2.3.1). */
  readonly crc32: number;
  /** Where in the file each part begins: bytes, not packed. */
  readonly parts: readonly number[];
  /** By what its parts are found: of its own each time that a file is written, so that nobody who lost the job spoils what its next worker writes. */
  readonly place: string;
}

/** The files of one job. */
export interface JobFiles {
  /** Begins a file anew, whatever was there of that name. What an interrupted worker had begun is gone with the job. @param name unique within the job: letters, digits, `-`, `.` */
  write(name: string): JobFileWriter;
  /** From a byte on, to another (exclusive), in pieces; nothing but one part is held at a time. AppError `damaged`; `gone` when it is not there any more. */
  read(file: JobFile, from?: number, to?: number): AsyncIterable<Uint8Array>;
  /** The parts as they were packed, as one gzip file of one member: browsers and many clients read no further than the first. */
  readPacked(file: JobFile): AsyncIterable<Uint8Array>;
  remove(file: Pick<JobFile, "place">): Promise<void>;
}
