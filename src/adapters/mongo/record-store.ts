import type { Collection } from "mongodb";
import type { NodePosition } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import type {
  StoredCheckpoint,
  Claimed,
  Closure,
  Commit,
  CommitResult,
  LogEntry,
  NewEntry,
  RecordStore,
  StoredProof,
} from "../../pipeline/store/record-store.ts";
import { Committer } from "./commit.ts";
import type { Connection } from "./connection.ts";
import { readNodes } from "./nodes.ts";
import { Parts } from "./parts.ts";
import { bytesOf, entryOf, numberOf, textOf, type CommitRow } from "./rows.ts";
import type { Staging } from "./staging.ts";

/** Commits that are read at once while a run of entries is gathered. */
const PAGE = 1_000;

const REMEMBERED = 5_000;

/** The port RecordStore on MongoDB. Any number of processes may work on one database. */
export class MongoRecordStore implements RecordStore {
  readonly #connection: Connection;
  readonly #commits: Collection<CommitRow>;
  readonly #staging: Staging;
  readonly #committer: Committer;
  readonly #parts: Parts;
  /** Entries that were asked for: what is in the log stays there as it is. */
  readonly #known = new Map<string, LogEntry>();
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(connection: Connection, staging: Staging) {
    this.#connection = connection;
    this.#commits = connection.db.collection("commits");
    this.#staging = staging;
    this.#committer = new Committer(connection, staging);
    this.#parts = new Parts(connection, (id) => this.#committer.tail.commitOf(id) !== undefined);
  }

  async stage(entry: NewEntry): Promise<void> {
    this.#refuseClosed();
    const { id, claims } = entry;
    await Promise.all([this.#staging.put(entry), this.#committer.lookAhead({ id, claims })]);
  }

  isFree(id: string): boolean {
    return this.#committer.isFree(id);
  }

  discard(ids: readonly string[]): void {
    this.#staging.forget(ids);
    this.#committer.forget(ids);
  }

  async commit(commit: Commit, deadline: number): Promise<CommitResult> {
    this.#refuseClosed();
    return this.#committer.commit(commit, deadline);
  }

  closeLog(closure: Closure): Promise<"closed" | "behind"> {
    return this.#committer.closeLog(closure);
  }

  closure(): Promise<Closure | undefined> {
    return this.#committer.closure();
  }

  async checkpoint(size?: number): Promise<StoredCheckpoint | undefined> {
    if (size === undefined) return this.#committer.newest();
    const held = this.#committer.tail.making(size);
    if (held) return { size, note: textOf(held.note, "commits") };
    const row = await this.#connection.ask((session) =>
      this.#commits.findOne({ _id: { $lt: size } }, { session, sort: { _id: -1 }, projection: { size: 1, note: 1 } }),
    );
    return row?.size === size ? { size, note: textOf(row.note, "commits") } : undefined;
  }

  async nodes(positions: readonly NodePosition[]): Promise<Uint8Array[]> {
    this.#refuseClosed();
    if (positions.length === 0) return [];
    const size = await this.#committer.sizeFor(Math.max(...positions.map(({ level, index }) => (index + 1) * 2 ** level)));
    return readNodes(positions, size, {
      ...{ connection: this.#connection, commits: this.#commits, remembered: this.#nodes },
      known: (at) => this.#committer.tail.node(at),
      entries: (from, count) => this.entries(from, count),
    });
  }

  async entries(from: number, count: number): Promise<LogEntry[]> {
    this.#refuseClosed();
    const found: LogEntry[] = [];
    for (let rows = this.#committer.tail.holding(from, count) ?? (await this.#firstCommits(from, count)); rows.length > 0 && found.length < count;) {
      let next = rows[0]?._id ?? 0;
      for (const { _id, size, entries } of rows) {
        if (_id !== next) throw new AppError("damaged", `the log has no commit upon ${next}`);
        for (const entry of entries) {
          if (entry.index !== next) throw new AppError("damaged", `the log has no entry ${next}`);
          if (next >= from && found.length < count) found.push(entryOf(entry, size));
          next++;
        }
        if (next !== size) throw new AppError("damaged", `the log has no entry ${next}`);
      }
      // What closes the log stands where the next commit would, and holds none.
      const isEnd = rows.at(-1)?.entries.length === 0;
      rows = found.length < count && !isEnd ? await this.#commitsFrom(next, from + count) : [];
    }
    return found;
  }

  async entry(id: string): Promise<LogEntry | undefined> {
    this.#refuseClosed();
    const known = this.#known.get(id);
    if (known) return known;
    const row =
      this.#committer.tail.commitOf(id) ??
      (await this.#connection.ask((session) =>
        this.#commits.findOne({ "entries.id": id }, { session, projection: { size: 1, entries: { $elemMatch: { id } } } }),
      ));
    const entry = row?.entries.find((one) => one.id === id);
    if (!row || !entry) return undefined;
    this.#parts.noteCommitted(id);
    return this.#remember(entryOf(entry, row.size));
  }

  async entriesAbout(documentId: string): Promise<LogEntry[]> {
    const rows = await this.#connection.ask((session) =>
      this.#commits.find({ "entries.about": documentId }, { session, sort: { _id: 1 }, projection: { size: 1, entries: 1 } }).toArray(),
    );
    return rows.flatMap(({ size, entries }) => entries.filter(({ about }) => about === documentId).map((entry) => entryOf(entry, size)));
  }

  async claimed(keys: readonly string[]): Promise<Map<string, Claimed>> {
    this.#refuseClosed();
    const found = new Map<string, Claimed>();
    if (keys.length === 0) return found;
    const rows = await this.#connection.ask((session) =>
      this.#commits
        .find({ "claims.key": { $in: [...new Set(keys)] } }, { session, sort: { _id: 1 }, projection: { size: 1, entries: 1, claims: 1 } })
        .toArray(),
    );
    for (const { size, entries, claims } of rows)
      for (const { key, index, value } of claims) {
        if (!keys.includes(key) || found.has(key)) continue;
        const entry = entries.find((one) => one.index === index);
        if (!entry) throw new AppError("damaged", `the claim ${key} is of entry ${index}, which the log does not have`);
        found.set(key, { entry: entryOf(entry, size), value: bytesOf(value, "claims") });
      }
    return found;
  }

  content(id: string): Promise<Uint8Array | undefined> {
    return this.#parts.read(id, "content");
  }

  evidence(id: string): Promise<Uint8Array | undefined> {
    return this.#parts.read(id, "evidence");
  }

  async proof(id: string): Promise<StoredProof | undefined> {
    const entry = await this.entry(id);
    if (!entry) return undefined;
    const [evidence, checkpoint] = await Promise.all([this.evidence(id), this.checkpoint(entry.treeSize)]);
    return { entry, evidence, checkpoint };
  }

  fault(): string | undefined {
    return this.#connection.isClosed ? "the database is closed" : undefined;
  }

  /** Writes a mark that means nothing: that a primary answers does not say that its majority takes a write, or that its disk has room. */
  async check(): Promise<void> {
    await this.#connection.ask((session) =>
      this.#connection.db
        .collection<{ readonly _id: string; readonly at: Date }>("state")
        .updateOne({ _id: "readiness" }, { $set: { at: new Date() } }, { session, upsert: true }),
    );
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** The commit that holds the entry at this place, and those after it; none when there is no such entry. Both are asked for at once. */
  async #firstCommits(place: number, count: number): Promise<CommitRow[]> {
    const holding = this.#connection.ask((session) =>
      this.#commits.findOne({ _id: { $lte: place } }, { session, sort: { _id: -1 }, projection: { size: 1, entries: 1 } }),
    );
    const [first, others] = await Promise.all([holding, this.#commitsFrom(place + 1, place + count)]);
    if (!first || numberOf(first.size, "commits") <= place) return [];
    // One that came between the two questions is left to the next.
    return [first, ...(others[0]?._id === first.size ? others : [])];
  }

  /** Commits upon sizes from `from` to `end`, `end` excluded: each holds a wanted entry, so that no more is loaded. */
  #commitsFrom(from: number, end: number): Promise<CommitRow[]> {
    if (from >= end) return Promise.resolve([]);
    return this.#connection.ask((session) =>
      this.#commits
        .find({ _id: { $gte: from, $lt: end } }, { session, sort: { _id: 1 }, limit: PAGE, projection: { size: 1, entries: 1 } })
        .toArray(),
    );
  }

  #remember(entry: LogEntry): LogEntry {
    this.#known.set(entry.id, entry);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return entry;
  }

  #refuseClosed(): void {
    if (this.#connection.isClosed) throw new AppError("unavailable", "the database is closed");
  }
}
