import { createHash, randomUUID } from "node:crypto";
import type { ClientSession, Collection, Timestamp } from "mongodb";
import { AppError } from "../../core/errors.ts";
import { checkEntry } from "../../pipeline/store/commit-shape.ts";
import type { NewEntry } from "../../pipeline/store/record-store.ts";
import type { Connection } from "./connection.ts";
import { areDuplicates, isDuplicate } from "./failure.ts";
import { bytesOf, byTheServer, chunkId, type ChunkRow, type PartRow, type StagedRow } from "./rows.ts";

/** A part above this lies in chunks, so that whoever reads another part of its entry does not load it. Bytes. */
const LARGEST_INLINE = 1 << 20;
/** Far below the 16 MB of a document, so that little memory is needed at a time. Bytes. */
const CHUNK = 4 << 20;
/**
 * How long after it was staged an entry may still be committed, in milliseconds. The sweep takes away what is older than an hour: whoever was asleep for so long must not
 * commit what may be gone.
 */
export const LONGEST_STAGED = 600_000;
/** Documents' keys that are remembered until their entry is staged. */
const KEPT_KEYS = 100_000;

/** When something was put into the database, by the machine's clock and by one that nobody sets. */
interface Moment {
  readonly clock: number;
  readonly steady: number;
}

/** An entry that lies in `staged`, without its parts. */
export interface Staged {
  readonly head: NewEntry;
  readonly contentBytes: number;
}

interface Waiting extends Staged {
  readonly since: Moment;
  readonly done: Promise<void>;
}

/**
 * What waits for its commit: in the database, under the entry's own id, where nobody sees it. Here is remembered only what the commit needs of it. Chunks are written
 * first, and the document that leads to them last: where there is one, everything of it is there.
 */
export class Staging {
  readonly #connection: Connection;
  readonly #longest: number;
  readonly #staged: Collection<StagedRow>;
  readonly #chunks: Collection<ChunkRow>;
  readonly #waiting = new Map<string, Waiting>();
  /** When the keys of documents were kept that are not yet staged, the oldest first. */
  readonly #keys = new Map<string, Moment>();
  #hasForgottenKeys = false;

  /** @param longest how long after it was staged an entry may still be committed, in milliseconds */
  constructor(connection: Connection, longest = LONGEST_STAGED) {
    this.#connection = connection;
    this.#longest = longest;
    this.#staged = connection.db.collection("staged");
    this.#chunks = connection.db.collection("chunks");
  }

  /** Notes that a document's key is about to be kept. */
  noteKey(documentId: string): void {
    this.#keys.set(documentId, now());
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= KEPT_KEYS) break;
      this.#keys.delete(oldest);
      this.#hasForgottenKeys = true;
    }
  }

  /** Durable when it resolves. */
  async put(entry: NewEntry): Promise<void> {
    const { content, evidence, ...head } = entry;
    const known = this.#waiting.get(entry.id);
    checkEntry(entry, known?.head);
    if (known) {
      await known.done;
      return;
    }
    // Its key may be so old that the sweep took it away; entries without content have none.
    if (this.#longest < Infinity && this.#hasForgottenKeys && content && entry.documentId === undefined && !this.#keys.has(entry.id)) throw tooOld();
    const waiting: Waiting = { head, contentBytes: content?.length ?? 0, since: this.#keys.get(entry.id) ?? now(), done: this.#write(entry) };
    this.#waiting.set(entry.id, waiting);
    this.#keys.delete(entry.id);
    try {
      await waiting.done;
    } catch (cause) {
      this.#waiting.delete(entry.id);
      throw cause;
    }
  }

  /** What was staged under an id by this process. AppError `internal` when nothing was. */
  async get(id: string): Promise<Staged> {
    const waiting = this.#waiting.get(id);
    if (!waiting) throw new AppError("internal", `the entry ${id} was not staged`);
    await waiting.done;
    return waiting;
  }

  /** AppError `unavailable` when one of these was staged so long ago that the sweep may have taken it away. Ask right before the commit. */
  refuseOld(ids: readonly string[]): void {
    const { clock, steady } = now();
    for (const id of ids) {
      const since = this.#waiting.get(id)?.since;
      if (since && (clock - since.clock > this.#longest || steady - since.steady > this.#longest)) throw tooOld();
    }
  }

  /** Lets go of what was remembered. What lies in the database stays there until it is swept. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#waiting.delete(id);
      this.#keys.delete(id);
    }
  }

  async #write(entry: NewEntry): Promise<void> {
    const attempt = randomUUID();
    const [content, evidence] = [await this.#part(entry, "content", attempt), await this.#part(entry, "evidence", attempt)];
    const isChunked = [content, evidence].some((part) => part !== undefined && !(part instanceof Uint8Array));
    const row: StagedRow = {
      _id: entry.id,
      entry: fingerprint(entry),
      at: byTheServer(),
      ...(isChunked && { attempt }),
      ...(content && { content }),
      ...(evidence && { evidence }),
    };
    await this.#connection.ask(async (session) => {
      try {
        await this.#staged.insertOne(row, { session });
      } catch (cause) {
        if (!isDuplicate(cause)) throw cause;
        const there = await this.#staged.findOne({ _id: entry.id }, { session, projection: { entry: 1, at: 1 } });
        // It may have been staged long ago, by somebody else: the sweep may come for it at any moment.
        if (!there || secondsSince(there.at, session) * 1_000 > this.#longest) throw tooOld();
        if (!Buffer.from(row.entry).equals(bytesOf(there.entry, "staged")))
          throw new AppError("internal", `another entry was staged under the id ${entry.id}`);
      }
    });
  }

  /** What stands for a part in its entry's document; a large one is written in chunks first, one at a time. */
  async #part(entry: NewEntry, part: "content" | "evidence", attempt: string): Promise<PartRow | undefined> {
    const bytes = entry[part];
    if (bytes === undefined || bytes.length <= LARGEST_INLINE) return bytes;
    const chunks = Math.ceil(bytes.length / CHUNK);
    for (let number = 0; number < chunks; number++) {
      const row = {
        _id: chunkId(entry.id, { attempt, part, number }),
        at: byTheServer(),
        bytes: bytes.subarray(number * CHUNK, (number + 1) * CHUNK),
      };
      await this.#connection.ask(async (session) => {
        await this.#chunks.insertOne(row, { session }).catch((cause: unknown) => {
          // Nobody else writes under this attempt: it is ours, from before its answer was lost.
          if (!areDuplicates(cause)) throw cause;
        });
      });
    }
    return { chunks, bytes: bytes.length };
  }
}

function now(): Moment {
  return { clock: Date.now(), steady: performance.now() };
}

/** By the server's own time, which comes with each of its answers; for ever when it does not. */
function secondsSince(at: Timestamp, { operationTime }: ClientSession): number {
  return operationTime ? operationTime.t - at.t : Infinity;
}

function tooOld(): AppError {
  return new AppError("unavailable", "the time for it has run out");
}

/** By what an entry is known again that is staged under the same id. */
export function fingerprint({ kind, documentId = "", leaf }: Pick<NewEntry, "kind" | "documentId" | "leaf">): Uint8Array {
  return new Uint8Array(
    createHash("sha256")
      .update(`${JSON.stringify([kind, documentId])}\n`)
      .update(leaf)
      .digest(),
  );
}
