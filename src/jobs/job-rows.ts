/**
 * Where an engine keeps work that goes on after its request was answered, and the files that it makes. Kept for a time: no part of the record, and in no backup. Names are hashes and values are encrypted before an
 * engine sees them (`job-store.ts`, `job-files.ts`).
 */

/** A job, as an engine keeps it. */
export interface JobRow {
  /** Keyed hash of the id that the status address has: 64 lower-case hex digits. */
  readonly id: string;
  /** Keyed hash of who owns it: 64 lower-case hex digits. */
  readonly owner: string;
  /** `request`, `export`, `import`. */
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Whether it has come to its end, well or not. */
  readonly isOver: boolean;
  /** From when on it may be taken by whoever has room: at once when it is new, when its lease ends while somebody works upon it. Milliseconds since 1970. */
  readonly dueAt: number;
  /** Milliseconds since 1970. From then on neither it nor its files are there, whether they were swept or not. */
  readonly expiresAt: number;
  readonly value: Uint8Array;
  /** From 1, by one each time it is changed. */
  readonly revision: number;
}

/** A part of a file. Parts of one file are numbered from 0 without a gap. */
export interface ChunkRow {
  /** Keyed hash of the job's id. */
  readonly job: string;
  /** By what the file is known: 64 lower-case hex digits of chance. */
  readonly file: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** How many are not over. */
export interface UnderWay {
  readonly ofOwner: number;
  readonly all: number;
}

/**
 * - A change is one compare-and-swap: of two that insert the same, or replace the same revision, one does.
 * - What was inserted, replaced, removed or put when a promise resolved is so for everybody, and after a crash.
 * - A chunk may be put again, in the place of the one before. One of a job that is not there (any more) is gone with the next sweep at the latest.
 * - Failures are AppErrors `unavailable` or `internal`.
 */
export interface JobRows {
  read(id: string, now: number): Promise<JobRow | undefined>;
  /** Of an owner, or all; the newest first. `isOver`: those alone that are under way, or over. */
  list(owner: string | undefined, now: number, count: number, isOver?: boolean): Promise<JobRow[]>;
  /** How many are not over: of an owner, and of all. */
  underWay(owner: string, now: number): Promise<UnderWay>;
  /** Those of a kind that are not over and may be taken, the longest waiting first. */
  due(kind: string, now: number, count: number): Promise<JobRow[]>;
  insert(row: Omit<JobRow, "revision">): Promise<boolean>;
  /** In the place of a revision; false when that is not there any more. */
  replace(row: Omit<JobRow, "revision">, revision: number): Promise<boolean>;
  /** With its files: from the first moment on nobody finds it. False when there was none. */
  remove(id: string): Promise<boolean>;
  /** The bytes may be taken away: whoever puts them has no use for them any more. */
  putChunk(chunk: ChunkRow): Promise<void>;
  readChunk(chunk: Omit<ChunkRow, "bytes">): Promise<Uint8Array | undefined>;
  /** Removes a file from a chunk on: all of it from 0. */
  removeChunks(job: string, file: string, from: number): Promise<void>;
  /** Removes all files of a job. */
  removeFiles(job: string): Promise<void>;
  /** Removes what has expired by `now`, with its files, and chunks of jobs that are not there; gives how many jobs. */
  sweep(now: number): Promise<number>;
  close(): Promise<void>;
}
