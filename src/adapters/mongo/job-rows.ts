import type { Collection, Filter } from "mongodb";
import type { ChunkRow, JobRow, JobRows, UnderWay } from "../../jobs/job-rows.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { bytesOf, numberOf, textOf } from "./rows.ts";

const JOBS = "jobs";
const CHUNKS = "job_chunks";

type JobDocument = Omit<JobRow, "id"> & { readonly _id: string };

interface ChunkDocument {
  /** `{job}/{file}/{number}`, with so many digits that they are ordered as numbers are. */
  readonly _id: string;
  readonly bytes: Uint8Array;
}

/** Rows that are looked for at once, to be removed one by one. */
const BATCH = 500;

/** The port JobRows in collections: each change is one insert, update or remove of one document by its `_id`. It is closed with its connection. */
export class MongoJobRows implements JobRows {
  readonly #connection: Connection;
  readonly #jobs: Collection<JobDocument>;
  readonly #chunks: Collection<ChunkDocument>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#jobs = connection.db.collection(JOBS);
    this.#chunks = connection.db.collection(CHUNKS);
  }

  async read(id: string, now: number): Promise<JobRow | undefined> {
    const row = await this.#connection.ask((session) => this.#jobs.findOne({ _id: id, expiresAt: { $gt: now } }, { session }));
    return row ? rowOf(row) : undefined;
  }

  list(owner: string | undefined, now: number, count: number, isOver?: boolean): Promise<JobRow[]> {
    return this.#find(
      { ...(owner !== undefined && { owner }), ...(isOver !== undefined && { isOver }), expiresAt: { $gt: now } },
      { createdAt: -1, _id: 1 },
      count,
    );
  }

  async underWay(owner: string, now: number): Promise<UnderWay> {
    const condition = { isOver: false, expiresAt: { $gt: now } };
    const [ofOwner, all] = await Promise.all(
      [{ ...condition, owner }, condition].map((one) => this.#connection.ask((session) => this.#jobs.countDocuments(one, { session }))),
    );
    return { ofOwner: ofOwner ?? 0, all: all ?? 0 };
  }

  due(kind: string, now: number, count: number): Promise<JobRow[]> {
    return this.#find({ isOver: false, kind, dueAt: { $lte: now }, expiresAt: { $gt: now } }, { dueAt: 1, _id: 1 }, count);
  }

  insert({ id, value, ...rest }: Omit<JobRow, "revision">): Promise<boolean> {
    return this.#connection.ask((session) =>
      this.#jobs.insertOne({ ...rest, _id: id, value: Buffer.from(value), revision: 1 }, { session }).then(
        () => true,
        (cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
          return false;
        },
      ),
    );
  }

  async replace({ id, value, ...rest }: Omit<JobRow, "revision">, revision: number): Promise<boolean> {
    const row = { ...rest, value: Buffer.from(value), revision: revision + 1 };
    const { matchedCount } = await this.#connection.ask((session) => this.#jobs.replaceOne({ _id: id, revision }, row, { session }));
    return matchedCount > 0;
  }

  async remove(id: string): Promise<boolean> {
    const { deletedCount } = await this.#connection.ask((session) => this.#jobs.deleteOne({ _id: id }, { session }));
    if (deletedCount === 0) return false;
    await this.removeFiles(id);
    return true;
  }

  async putChunk({ job, file, number, bytes }: ChunkRow): Promise<void> {
    const _id = chunkId(job, file, number);
    await this.#connection.ask((session) =>
      this.#chunks.updateOne({ _id }, { $set: { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) } }, { session, upsert: true }),
    );
  }

  async readChunk({ job, file, number }: Omit<ChunkRow, "bytes">): Promise<Uint8Array | undefined> {
    const row = await this.#connection.ask((session) => this.#chunks.findOne({ _id: chunkId(job, file, number) }, { session }));
    return row ? bytesOf(row.bytes, CHUNKS) : undefined;
  }

  removeChunks(job: string, file: string, from: number): Promise<void> {
    return this.#removeChunks(chunkId(job, file, from), `${job}/${file}0`);
  }

  removeFiles(job: string): Promise<void> {
    return this.#removeChunks(`${job}/`, `${job}0`);
  }

  async sweep(now: number): Promise<number> {
    let swept = 0;
    for (;;) {
      const expired = await this.#connection.ask((session) =>
        this.#jobs.find({ expiresAt: { $lte: now } }, { session, projection: { _id: 1 }, limit: BATCH }).toArray(),
      );
      if (expired.length === 0) break;
      for (const { _id } of expired) {
        const condition = { _id, expiresAt: { $lte: now } };
        swept += (await this.#connection.ask((session) => this.#jobs.deleteOne(condition, { session }))).deletedCount;
      }
    }
    // Chunks of those, and what a process left that was interrupted, or wrote when its job was gone.
    for (let job = await this.#nextWithFiles(""); job !== undefined; job = await this.#nextWithFiles(`${job}0`)) {
      const id = job;
      const isThere = await this.#connection.ask((session) => this.#jobs.findOne({ _id: id }, { session, projection: { _id: 1 } }));
      if (!isThere) await this.removeFiles(id);
    }
    return swept;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #find(condition: Filter<JobDocument>, sort: Readonly<Record<string, 1 | -1>>, limit: number): Promise<JobRow[]> {
    const rows = await this.#connection.ask((session) => this.#jobs.find(condition, { session, sort: { ...sort }, limit }).toArray());
    return rows.map(rowOf);
  }

  async #nextWithFiles(from: string): Promise<string | undefined> {
    const options = { sort: { _id: 1 }, projection: { _id: 1 } } as const;
    const row = await this.#connection.ask((session) => this.#chunks.findOne({ _id: { $gte: from } }, { session, ...options }));
    return row ? textOf(row._id, CHUNKS).split("/", 1)[0] : undefined;
  }

  /** One by one, each by its name: such a command can be tried again. */
  async #removeChunks(from: string, to: string): Promise<void> {
    const options = { projection: { _id: 1 }, limit: BATCH } as const;
    for (;;) {
      const rows = await this.#connection.ask((session) => this.#chunks.find({ _id: { $gte: from, $lt: to } }, { session, ...options }).toArray());
      if (rows.length === 0) return;
      for (const { _id } of rows) await this.#connection.ask((session) => this.#chunks.deleteOne({ _id }, { session }));
    }
  }
}

const DIGITS = 10;

function chunkId(job: string, file: string, number: number): string {
  return `${job}/${file}/${String(number).padStart(DIGITS, "0")}`;
}

function rowOf({ _id, owner, kind, isOver, createdAt, dueAt, expiresAt, value, revision }: JobDocument): JobRow {
  return {
    ...{ id: textOf(_id, JOBS), owner: textOf(owner, JOBS), kind: textOf(kind, JOBS), isOver },
    ...{ createdAt: numberOf(createdAt, JOBS), dueAt: numberOf(dueAt, JOBS), expiresAt: numberOf(expiresAt, JOBS) },
    ...{ value: bytesOf(value, JOBS), revision: numberOf(revision, JOBS) },
  };
}
