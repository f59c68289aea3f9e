import type { Collection } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";
import { bytesOf, chunkId, type ChunkRow, type CommitRow, type StagedRow } from "./rows.ts";

/** Ids that are remembered to be committed, which they are for ever: whoever reads a document asks for its entry first. */
const REMEMBERED = 10_000;

/** The parts of committed entries. What is merely staged does not exist. */
export class Parts {
  readonly #connection: Connection;
  readonly #commits: Collection<CommitRow>;
  readonly #staged: Collection<StagedRow>;
  readonly #chunks: Collection<ChunkRow>;
  readonly #committed = new Set<string>();

  readonly #isInTail: (id: string) => boolean;

  /** @param isInTail whether an entry is known to be committed without asking */
  constructor(connection: Connection, isInTail: (id: string) => boolean) {
    this.#isInTail = isInTail;
    this.#connection = connection;
    this.#commits = connection.db.collection("commits");
    this.#staged = connection.db.collection("staged");
    this.#chunks = connection.db.collection("chunks");
  }

  noteCommitted(id: string): void {
    this.#committed.add(id);
    for (const oldest of this.#committed) {
      if (this.#committed.size <= REMEMBERED) break;
      this.#committed.delete(oldest);
    }
  }

  /** A part; undefined when there is no such entry, or it has none. AppError `damaged` when what was committed is not all there. */
  async read(id: string, part: "content" | "evidence"): Promise<Uint8Array | undefined> {
    if (!(await this.#isCommitted(id))) return undefined;
    const row = await this.#connection.ask((session) => this.#staged.findOne({ _id: id }, { session, projection: { [part]: 1, attempt: 1 } }));
    if (!row) throw new AppError("damaged", `the parts of entry ${id} are missing`);
    const value: unknown = row[part];
    if (value === undefined) return undefined;
    if (!isChunked(value)) return bytesOf(value, part);
    const joined = await joinChunks({ id, part, chunks: value.chunks, bytes: value.bytes, attempt: row.attempt ?? "" }, async (_id) => {
      const chunk = await this.#connection.ask((session) => this.#chunks.findOne({ _id }, { session }));
      return chunk ? bytesOf(chunk.bytes, "chunks") : undefined;
    });
    if (!joined) throw new AppError("damaged", `the ${part} of entry ${id} is not all there`);
    return joined;
  }

  async #isCommitted(id: string): Promise<boolean> {
    if (this.#committed.has(id) || this.#isInTail(id)) return true;
    const row = await this.#connection.ask((session) => this.#commits.findOne({ "entries.id": id }, { session, projection: { size: 1 } }));
    if (row) this.noteCommitted(id);
    return row !== null;
  }
}

/** One chunk at a time, into memory that is taken once; undefined when they are not all there. */
export async function joinChunks(
  { id, part, chunks, bytes, attempt }: ChunkedPart,
  read: (id: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  // What is longer than any part is not what was written: memory is not taken for it.
  if (!(bytes >= 0 && bytes <= LARGEST)) return undefined;
  const joined = new Uint8Array(bytes);
  let filled = 0;
  for (let number = 0; number < chunks; number++) {
    const chunk = await read(chunkId(id, { attempt, part, number }));
    if (!chunk || filled + chunk.length > bytes) return undefined;
    joined.set(chunk, filled);
    filled += chunk.length;
  }
  return filled === bytes ? joined : undefined;
}

export interface ChunkedPart {
  readonly id: string;
  readonly part: "content" | "evidence";
  readonly chunks: number;
  readonly bytes: number;
  readonly attempt: string;
}

/** Beyond every part, in bytes. */
const LARGEST = 1 << 30;

/** Whether a part lies in chunks. */
export function isChunked(value: unknown): value is { readonly chunks: number; readonly bytes: number } {
  return typeof value === "object" && value !== null && "chunks" in value && "bytes" in value;
}
