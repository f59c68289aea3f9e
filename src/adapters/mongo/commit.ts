import { BSON, type ClientSession, type Collection } from "mongodb";
import { AppError } from "../../core/errors.ts";
import { checkClaims, checkCommit } from "../../pipeline/store/commit-shape.ts";
import type { StoredCheckpoint, Closure, Commit, CommitResult, NewEntry } from "../../pipeline/store/record-store.ts";
import { LINEARIZABLE_LIMIT, type Connection } from "./connection.ts";
import { failureOf, isDuplicate } from "./failure.ts";
import { bytesOf, byTheServer, numberOf, textOf, type CommitRow } from "./rows.ts";
import { LogTail } from "./log-tail.ts";
import type { Staged, Staging } from "./staging.ts";

/** Below the 16 MB of a document. Bytes. */
const LARGEST_COMMIT = 15_000_000;
/** How many entries beyond what is known one look takes in; whoever is further behind begins anew at the newest commit. */
const LOOK_AHEAD = 1_024;
/** Claims of `unless` that are remembered: there is one for each epoch of the master key. */
const REMEMBERED = 1_000;

/**
 * The one insert that makes entries exist. Its `_id` is the size that it was made upon, so that of two upon the same size one is a duplicate. Why claims stay unique, and the
 * log without gap or fork, is proved in docs/design/mongo.md; each step below names what it is for.
 */
export class Committer {
  readonly #connection: Connection;
  readonly #commits: Collection<CommitRow>;
  readonly #staging: Staging;
  /** What is known of the log's end. */
  readonly tail = new LogTail();
  /** The largest size that a majority was seen to have. */
  #seen = 0;
  #isClosed = false;
  /** Of staged entries, and of claims that nobody may bear: a size below which no commit bears an id or a claim of theirs. */
  readonly #absentBelow = new Map<string, { readonly size: number; readonly claims: readonly string[] }>();
  readonly #unborneBelow = new Map<string, number>();

  constructor(connection: Connection, staging: Staging) {
    this.#connection = connection;
    this.#commits = connection.db.collection("commits");
    this.#staging = staging;
  }

  /** The newest checkpoint that a majority has. What was committed since we looked is known from then on. */
  async newest(): Promise<StoredCheckpoint | undefined> {
    return (await this.#readOnToEnd()) ?? this.#readNewest();
  }

  async #readNewest(): Promise<StoredCheckpoint | undefined> {
    const row = await this.#connection.ask((session) =>
      this.#commits.findOne({}, { session, sort: { _id: -1 }, projection: { size: 1, note: 1, closed: 1 } }),
    );
    this.#isClosed ||= row?.closed !== undefined;
    // What somebody put behind the newest commit is none.
    if (row && !row.closed && numberOf(row.size, "commits") <= numberOf(row._id, "commits"))
      throw new AppError("damaged", `the log's newest commit, upon ${row._id}, is none`);
    this.#seen = row ? numberOf(row.size, "commits") : 0;
    const note = row ? textOf(row.note, "commits") : "";
    // What is known is read on from there when it is needed; what goes back is not what was known.
    if (this.tail.end === undefined || this.#seen < this.tail.end.size)
      this.tail.reset({ upon: row?.closed ? undefined : row?._id, size: this.#seen, note });
    return row ? { size: this.#seen, note } : undefined;
  }

  /** The size of the log, which is at least this: asked only when `least` is more than was seen before. */
  async sizeFor(least: number): Promise<number> {
    const known = Math.max(this.#seen, this.tail.end?.size ?? 0);
    return known >= least ? known : ((await this.newest())?.size ?? 0);
  }

  /**
   * Looks, while an entry is being staged, whether anybody bears its id or a claim of it, and what was committed meanwhile: then the commit itself is one insert. Never fails: what is not known is looked
   * for by the commit.
   */
  async lookAhead({ id, claims }: Pick<NewEntry, "id" | "claims">): Promise<void> {
    const { end } = this.tail;
    if (end === undefined) return;
    const keys = claims.map(({ key }) => key);
    try {
      const rows = await this.#connection.ask((session) => {
        const known = { _id: { $gte: end.upon ?? end.size, $lt: end.size + LOOK_AHEAD } };
        const condition = { $or: [known, { "entries.id": id }, ...(keys.length > 0 ? [{ "claims.key": { $in: keys } }] : [])] };
        return this.#commits.find(condition, { session, sort: { _id: 1 } }).toArray();
      });
      // The newest commit that we knew is not there: an older copy took the log's place. Nothing is known any more.
      if (end.upon !== undefined && !rows.some(({ _id, note }) => _id === end.upon && note === end.note)) {
        if (this.tail.end === end) this.tail.reset(undefined);
        return;
      }
      this.tail.extend(rows);
      const isBorne = rows.some((row) => row.entries.some((entry) => entry.id === id) || row.claims.some(({ key }) => keys.includes(key)));
      if (!isBorne) this.#absentBelow.set(id, { size: end.size, claims: keys });
    } catch {
      // The commit looks for itself.
    }
  }

  /** Whether nobody bears the id or a claim of a staged entry, as far as is known here. */
  isFree(id: string): boolean {
    const absent = this.#absentBelow.get(id);
    return absent !== undefined && this.tail.reachesBackTo(absent.size) && !this.tail.bears([id], absent.claims);
  }

  /** Lets go of what was found out about entries. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#absentBelow.delete(id);
  }

  async commit(commit: Commit, deadline: number): Promise<CommitResult> {
    checkCommit(commit);
    const { previousSize, ids, unless = [] } = commit;
    const staged = await Promise.all(ids.map((id) => this.#staging.get(id)));
    checkClaims(staged.map(({ head }) => head));
    refuseLate(deadline);
    // Nothing is ever committed upon a size that a majority has not: it could be taken back, and would leave a gap.
    if (previousSize !== this.tail.end?.size) await this.#catchUp(previousSize);
    if (this.#isClosed) return { kind: "closed" };
    if (previousSize !== this.tail.end?.size) return this.#behind();
    const row = rowOf(commit, staged);
    if (BSON.calculateObjectSize(row) > LARGEST_COMMIT) throw new AppError("internal", "the commit is larger than a document of the database may be");
    if (!this.#isKnownFree(ids, unless)) {
      const found = await this.#connection.ask((session) => this.#lookUp(row, unless, session));
      if (found) return found;
      this.#noteUnborne(unless, previousSize);
    }
    refuseLate(deadline);
    this.#staging.refuseOld(ids);
    const result = await this.#insert(row);
    if (result.kind === "committed") {
      this.tail.extend([row]);
      this.#seen = Math.max(this.#seen, row.size);
      this.#staging.forget(ids);
      this.forget(ids);
    }
    return result;
  }

  /**
   * Inserts the row that stands where the next commit would: of the two one is a duplicate. It repeats size and note, so that it is read as the newest checkpoint.
   */
  async closeLog({ size, at, to, copy }: Closure): Promise<"closed" | "behind"> {
    const newest = await this.newest();
    if (this.#isClosed) return "closed";
    if (newest?.size !== size) return "behind";
    const closed = { at, to, copy };
    const row: CommitRow = { _id: size, size, note: newest.note, at: byTheServer(), entries: [], claims: [], nodes: [], closed };
    try {
      await this.#connection.attempt((session) => this.#commits.insertOne(row, { session }));
    } catch (cause) {
      const there = await this.#surely(size).catch(() => undefined);
      if (!there) throw failureOf(cause);
      if (!there.closed) return "behind";
    }
    this.#isClosed = true;
    return "closed";
  }

  async closure(): Promise<Closure | undefined> {
    const row = await this.#connection.ask((session) =>
      this.#commits.findOne({}, { session, sort: { _id: -1 }, projection: { size: 1, closed: 1 } }),
    );
    if (!row?.closed) return undefined;
    const { at, to, copy } = row.closed;
    return { size: numberOf(row.size, "commits"), at: textOf(at, "commits"), to: textOf(to, "commits"), copy: textOf(copy, "commits") };
  }

  /** Reads on from where our knowledge ends; from the newest commit when that is far. */
  async #catchUp(wanted: number): Promise<void> {
    const { end } = this.tail;
    if (end !== undefined && end.size < wanted) await this.#readFrom(end.size);
    if (this.tail.end !== undefined && this.tail.end.size >= wanted) return;
    this.tail.reset(undefined);
    await this.#readNewest();
  }

  /** Reads on from the newest commit that we know, which must be there still; undefined when that does not come to the end: it is too far, or something else stands there. */
  async #readOnToEnd(): Promise<StoredCheckpoint | undefined> {
    const { end } = this.tail;
    if (end?.upon === undefined) return undefined;
    const [first, ...others] = await this.#readFrom(end.upon, end.size + LOOK_AHEAD);
    const now = this.tail.end;
    if (first?._id !== end.upon || first.note !== end.note) {
      if (now === end) this.tail.reset(undefined);
      return undefined;
    }
    if (now === undefined || now.size >= end.size + LOOK_AHEAD || others.some(({ _id, closed }) => closed === undefined && !(_id < now.size)))
      return undefined;
    this.#seen = now.size;
    return { size: now.size, note: now.note };
  }

  /** The commits upon sizes from `from` to `end`, `end` excluded, which are known from now on. */
  async #readFrom(from: number, end = from + LOOK_AHEAD): Promise<readonly CommitRow[]> {
    const rows = await this.#connection.ask((session) =>
      this.#commits.find({ _id: { $gte: from, $lt: end } }, { session, sort: { _id: 1 } }).toArray(),
    );
    this.tail.extend(rows);
    if (rows.some(({ closed }) => closed !== undefined)) this.#isClosed = true;
    return rows;
  }

  #behind(): CommitResult {
    const { end } = this.tail;
    return { kind: "behind", ...(end !== undefined && end.note !== "" && { newest: { size: end.size, note: end.note } }) };
  }

  /** Whether it is known that nobody bears what the commit must not find: it was looked for upon some size, and every commit since is at hand. */
  #isKnownFree(ids: readonly string[], unless: readonly string[]): boolean {
    const isUnborne = (key: string): boolean => this.tail.reachesBackTo(this.#unborneBelow.get(key) ?? -1) && !this.tail.bears([], [key]);
    return ids.every((id) => this.isFree(id)) && unless.every(isUnborne);
  }

  #noteUnborne(keys: readonly string[], size: number): void {
    if (this.#unborneBelow.size > REMEMBERED) this.#unborneBelow.clear();
    for (const key of keys) this.#unborneBelow.set(key, size);
  }

  /**
   * Who bears the commit's claims and ids, or a claim that nobody may bear, in the log as far as it was seen: every commit below `previousSize` at least, since it causally follows that one.
   */
  async #lookUp({ _id, entries, claims }: CommitRow, unless: readonly string[], session: ClientSession): Promise<CommitResult | undefined> {
    const ids = new Set(entries.map(({ id }) => id));
    const keys = new Set(claims.map(({ key }) => key));
    const borne = { "entries.id": { $in: [...ids] } };
    const asked = [...keys, ...unless];
    const condition = asked.length === 0 ? borne : { $or: [borne, { "claims.key": { $in: asked } }] };
    const rows = await this.#commits.find(condition, { session, projection: { size: 1, "claims.key": 1, "entries.id": 1 } }).toArray();
    if (rows.length === 0) return undefined;
    // Somebody else moved on already.
    if (rows.some((row) => row._id >= _id)) return { kind: "behind" };
    const used = rows.flatMap((row) => row.entries.map(({ id }) => id)).find((id) => ids.has(id));
    if (used !== undefined) throw new AppError("internal", `the id ${used} is in use`);
    const taken = new Set(rows.flatMap((row) => row.claims.map(({ key }) => key)).filter((key) => keys.has(key)));
    return taken.size > 0 ? { kind: "taken", keys: [...taken] } : { kind: "barred" };
  }

  async #insert(row: CommitRow): Promise<CommitResult> {
    try {
      await this.#connection.attempt((session) => this.#commits.insertOne(row, { session }));
      return { kind: "committed" };
    } catch (cause) {
      // A duplicate is somebody's who was quicker, or our own whose answer was lost; after any other failure either may be there, or nothing.
      const there = (isDuplicate(cause) && (await this.#seenThere(row._id))) || (await this.#surely(row._id).catch(() => undefined));
      if (there?.closed) {
        this.#isClosed = true;
        return { kind: "closed" };
      }
      if (there) return isSame(there, row) ? { kind: "committed" } : this.#behind();
      throw failureOf(cause);
    }
  }

  /** The commit upon a size, if a majority is seen to have it, and with it what came after: whoever lost begins anew from there. Undefined when it is not seen yet. */
  async #seenThere(size: number): Promise<CommitRow | undefined> {
    const rows = await this.#readFrom(size).catch(() => []);
    return rows.find(({ _id }) => _id === size);
  }

  /** The commit upon a size, as it stands for ever: the read waits until a majority confirms that this primary is still the one. */
  async #surely(size: number): Promise<CommitRow | null> {
    if (this.#connection.isClosed) return null;
    return this.#commits.findOne({ _id: size }, { readConcern: { level: "linearizable" }, maxTimeMS: LINEARIZABLE_LIMIT });
  }
}

function rowOf({ previousSize, nodes, checkpoint }: Commit, staged: readonly Staged[]): CommitRow {
  return {
    _id: previousSize,
    size: checkpoint.size,
    note: checkpoint.note,
    at: byTheServer(),
    entries: staged.map(({ head: { id, kind, documentId, receivedAt, leaf }, contentBytes }, at) => ({
      id,
      index: previousSize + at,
      kind,
      ...(documentId !== undefined && { about: documentId }),
      receivedAt,
      leaf,
      bytes: contentBytes,
    })),
    claims: staged.flatMap(({ head: { claims } }, at) => claims.map(({ key, value }) => ({ key, index: previousSize + at, value }))),
    nodes: nodes.filter(({ level }) => level > 0).map(({ level, index, hash }) => ({ at: `${level}/${index}`, hash })),
  };
}

/** Whether what is stored is what was to be: the same entries under the same signed checkpoint. */
function isSame(stored: CommitRow, { size, note, entries }: CommitRow): boolean {
  const isEntry = (entry: CommitRow["entries"][number], at: number): boolean =>
    entry.id === entries[at]?.id && Buffer.from(entries[at].leaf).equals(bytesOf(entry.leaf, "entries"));
  return stored.size === size && stored.note === note && stored.entries.length === entries.length && stored.entries.every(isEntry);
}

function refuseLate(deadline: number): void {
  if (performance.now() > deadline) throw new AppError("unavailable", "the time for the commit has run out");
}
