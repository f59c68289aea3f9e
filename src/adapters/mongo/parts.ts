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

  constructor(connection: Connection) {
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
    return isChunked(value) ? this.#join(id, part, { ...value, attempt: row.attempt ?? "" }) : bytesOf(value, part);
  }

  async #isCommitted(id: string): Promise<boolean> {
    if (this.#committed.has(id)) return true;
    const row = await this.#connection.ask((session) => this.#commits.findOne({ "entries.id": id }, { session, projection: { size: 1 } }));
    if (row) this.noteCommitted(id);
    return row !== null;
  }

  /** One chunk at a time, into memory that is taken once. */
  async #join(
    id: string,
    part: "content" | "evidence",
    { chunks, bytes, attempt }: { readonly chunks: number; readonly bytes: number; readonly attempt: string },
  ): Promise<Uint8Array> {
    const joined = new Uint8Array(bytes);
    let filled = 0;
    for (let number = 0; number < chunks; number++) {
      const row = await this.#connection.ask((session) => this.#chunks.findOne({ _id: chunkId(id, { attempt, part, number }) }, { session }));
      const chunk = row ? bytesOf(row.bytes, "chunks") : undefined;
      if (!chunk || filled + chunk.length > bytes) throw new AppError("damaged", `the ${part} of entry ${id} is not all there`);
      joined.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled !== bytes) throw new AppError("damaged", `the ${part} of entry ${id} is not all there`);
    return joined;
  }
}

function isChunked(value: unknown): value is { readonly chunks: number; readonly bytes: number } {
  return typeof value === "object" && value !== null && "chunks" in value && "bytes" in value;
}
