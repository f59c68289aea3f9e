import type { Collection } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { NodePosition } from "../../core/crypto/merkle.ts";
import type {
  DayKey,
  KeptBatch,
  MarkedBatch,
  NewBatch,
  TrailCursor,
  TrailQuestion,
  TrailStore,
  TrailTally,
} from "../../pipeline/trail/trail-store.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { bytesOf, numberOf, textOf } from "./rows.ts";

/** A document of `audit_batches`: `{log}/{index}`, twelve digits, so that a log's documents lie in its order and an index stands once. All that a batch makes is in this one insert. */
interface BatchRow extends KeptBatch {
  readonly _id: string;
  readonly note: string;
  readonly tokens: readonly string[];
  /** `{log}/{level}/{index}` with its hash. */
  readonly nodes: readonly { readonly at: string; readonly hash: Uint8Array }[];
}

/** A document of `audit_keys`: `{day}/{log}/{number}`; the one with the highest number counts. One without a key says that the day has ended. */
interface KeyRow {
  readonly _id: string;
  readonly wrapped?: Uint8Array;
}

const DIGITS = 12;
/** In the place of a log's name. */
const ENDED = "ended";

/** The port TrailStore on MongoDB. Batches are inserted and never changed; each instance has its own log, so that none waits for another. */
export class MongoTrail implements TrailStore {
  readonly #connection: Connection;
  readonly #batches: Collection<BatchRow>;
  readonly #keys: Collection<KeyRow>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#batches = connection.db.collection("audit_batches");
    this.#keys = connection.db.collection("audit_keys");
  }

  async append(batch: NewBatch): Promise<"appended" | "behind"> {
    if ((await this.checkpoint(batch.log))?.size !== (batch.index === 0 ? undefined : batch.index)) return "behind";
    return this.#insertBatch(batch);
  }

  /** One after the other, each upon the one before: what an interrupted run leaves is a log. */
  async extend(batches: readonly NewBatch[]): Promise<"appended" | "behind"> {
    const [first, ...others] = batches;
    if (first === undefined) return "appended";
    if ((await this.append(first)) === "behind") return "behind";
    for (const batch of others) if ((await this.#insertBatch(batch)) === "behind") return "behind";
    return "appended";
  }

  #insertBatch({ log, index, from, to, day, events, note, leaf, sealed, tokens, nodes }: NewBatch): Promise<"appended" | "behind"> {
    const row: BatchRow = {
      ...{ _id: rowId(log, index), log, index, from, to, day, events, note, leaf, sealed, tokens },
      nodes: nodes.map((node) => ({ at: nodeId(log, node), hash: node.hash })),
    };
    return this.#connection.ask((session) =>
      this.#batches.insertOne(row, { session }).then(
        () => "appended",
        async (cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
          // The driver's own second try of our insert is no other's.
          const standing = await this.#batches.findOne({ _id: row._id }, { session, projection: { note: 1, leaf: 1 } });
          const isOurs = standing?.note === note && Buffer.from(bytesOf(standing.leaf, "audit_batches")).equals(leaf);
          return isOurs ? "appended" : "behind";
        },
      ),
    );
  }

  async checkpoint(log: string): Promise<{ readonly size: number; readonly note: string } | undefined> {
    const row = await this.#connection.ask((session) =>
      this.#batches.findOne({ _id: within(log) }, { session, sort: { _id: -1 }, projection: { index: 1, note: 1 } }),
    );
    return row ? { size: numberOf(row.index, "audit_batches") + 1, note: textOf(row.note, "audit_batches") } : undefined;
  }

  async nodes(log: string, positions: readonly NodePosition[]): Promise<Uint8Array[]> {
    if (positions.length === 0) return [];
    const wanted = positions.map((position) => nodeId(log, position));
    const rows = await this.#connection.ask((session) =>
      this.#batches.find({ "nodes.at": { $in: wanted } }, { session, projection: { nodes: 1 } }).toArray(),
    );
    const found = new Map(rows.flatMap((row) => row.nodes.map(({ at, hash }) => [at, hash] as const)));
    return wanted.map((at) => {
      const hash = found.get(at);
      if (!hash) throw new AppError("damaged", `the audit log ${log} has no node ${at}`);
      return bytesOf(hash, "audit_batches");
    });
  }

  async logs(): Promise<string[]> {
    const found: string[] = [];
    // One look for each log: they lie behind each other.
    for (;;) {
      const last = found.at(-1);
      const row = await this.#connection.ask((session) =>
        this.#batches.findOne(last === undefined ? {} : { _id: { $gte: `${last}0` } }, { session, sort: { _id: 1 }, projection: { log: 1 } }),
      );
      if (!row) return found;
      found.push(textOf(row.log, "audit_batches"));
    }
  }

  async batches(log: string, from: number, count: number): Promise<MarkedBatch[]> {
    const rows = await this.#connection.ask((session) =>
      this.#batches
        .find({ _id: { $gte: rowId(log, from), $lt: `${log}0` } }, { session, sort: { _id: 1 }, limit: count, projection: { nodes: 0, tokens: 0 } })
        .toArray(),
    );
    return rows.map((row) => ({ ...batchOf(row), note: textOf(row.note, "audit_batches") }));
  }

  async find({ tokens, anyOf = [], since, until, after }: TrailQuestion, count: number): Promise<KeptBatch[]> {
    const ended = tokens.length === 0 && anyOf.length === 0 ? [] : await this.#endedDays();
    const rows = await this.#connection.ask((session) =>
      this.#batches
        .find(
          {
            ...(tokens.length > 0 && { tokens: { $all: [...tokens] } }),
            ...(anyOf.length > 0 && { $and: anyOf.map((group) => ({ tokens: { $in: [...group] } })) }),
            ...(ended.length > 0 && { day: { $nin: ended } }),
            ...(since !== undefined && { to: { $gte: since } }),
            ...(until !== undefined && { from: { $lte: until } }),
            ...(after !== undefined && { $or: behind(after) }),
          },
          { session, sort: { to: -1, log: -1, index: -1 }, limit: count, projection: { nodes: 0, tokens: 0 } },
        )
        .toArray(),
    );
    return rows.map(batchOf);
  }

  async keepKey({ name, wrapped }: DayKey): Promise<Uint8Array> {
    const standing = await this.#newest(name);
    if (standing?.wrapped) return bytesOf(standing.wrapped, "audit_keys");
    if (standing || (await this.#endedDays()).includes(name.slice(0, name.indexOf("/")))) throw new AppError("unavailable", "the day whose key is wanted has ended"); // prettier-ignore
    await this.#insert({ _id: keyId(name, 0), wrapped });
    return bytesOf((await this.#newest(name))?.wrapped ?? wrapped, "audit_keys");
  }

  async key(name: string): Promise<Uint8Array | undefined> {
    const row = await this.#newest(name);
    return row?.wrapped && bytesOf(row.wrapped, "audit_keys");
  }

  async keys(): Promise<DayKey[]> {
    const rows = await this.#connection.ask((session) => this.#keys.find({}, { session, sort: { _id: 1 } }).toArray());
    const newest = new Map(rows.map(({ _id, wrapped }) => [_id.slice(0, _id.lastIndexOf("/")), wrapped]));
    return [...newest].flatMap(([name, wrapped]) => (wrapped ? [{ name, wrapped: bytesOf(wrapped, "audit_keys") }] : []));
  }

  /** The new wrapping is inserted before the old one is removed: whoever is interrupted leaves one or two, both good. */
  async replaceKey(name: string, from: Uint8Array, to: Uint8Array): Promise<boolean> {
    const standing = await this.#newest(name);
    if (!standing?.wrapped || !Buffer.from(bytesOf(standing.wrapped, "audit_keys")).equals(from)) return false;
    const number = Number(standing._id.slice(standing._id.lastIndexOf("/") + 1));
    if (!(await this.#insert({ _id: keyId(name, number + 1), wrapped: to }))) return false;
    await this.#remove(standing._id);
    return true;
  }

  async tally(): Promise<TrailTally> {
    const days = new Set<string>();
    const told = { batches: 0, events: 0, from: undefined as string | undefined, to: undefined as string | undefined };
    await this.#connection.ask(async (session) => {
      const projection = { _id: 0, day: 1, events: 1, from: 1, to: 1 };
      for await (const { day, events, from, to } of this.#batches.find({}, { session, projection })) {
        days.add(day);
        told.batches += 1;
        told.events += numberOf(events, "audit_batches");
        if (told.from === undefined || from < told.from) told.from = from;
        if (told.to === undefined || to > told.to) told.to = to;
      }
    });
    return { ...told, days: days.size, keys: (await this.keys()).length };
  }

  async endDays(days: readonly string[]): Promise<void> {
    for (const day of days) await this.#endDay(day);
  }

  async #endDay(day: string): Promise<void> {
    const rows = await this.#connection.ask((session) => this.#keys.find({ _id: { $gte: `${day}/`, $lt: `${day}0` } }, { session }).toArray());
    // Of a day that came from elsewhere without its keys the blank alone is kept.
    if (rows.length === 0) await this.#insert({ _id: keyId(`${day}/${ENDED}`, 0) });
    for (const { _id, wrapped } of rows) {
      if (!wrapped) continue;
      const at = _id.lastIndexOf("/");
      // A blank stands behind it for ever, so that nobody who was asleep makes another.
      await this.#insert({ _id: keyId(_id.slice(0, at), Number(_id.slice(at + 1)) + 1) });
      await this.#remove(_id);
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async endedDays(): Promise<string[]> {
    return (await this.#endedDays()).sort();
  }

  /** Days of which nothing may be found any more. Their tokens stay in documents that are never changed, and say nothing without the key that they were made with. */
  async #endedDays(): Promise<string[]> {
    const rows = await this.#connection.ask((session) => this.#keys.find({ wrapped: { $exists: false } }, { session }).toArray());
    return [...new Set(rows.map(({ _id }) => _id.slice(0, _id.indexOf("/"))))];
  }

  #newest(name: string): Promise<KeyRow | null> {
    return this.#connection.ask((session) => this.#keys.findOne({ _id: within(name) }, { session, sort: { _id: -1 } }));
  }

  #insert(row: KeyRow): Promise<boolean> {
    return this.#connection.ask((session) =>
      this.#keys.insertOne(row, { session }).then(
        () => true,
        (cause: unknown) => {
          if (isDuplicate(cause)) return false;
          throw cause;
        },
      ),
    );
  }

  async #remove(id: string): Promise<void> {
    await this.#connection.ask((session) => this.#keys.deleteOne({ _id: id }, { session }));
  }
}

/** Ids that begin with a name and a slash: `0` follows the slash. */
function within(name: string): { readonly $gte: string; readonly $lt: string } {
  return { $gte: `${name}/`, $lt: `${name}0` };
}

function rowId(log: string, index: number): string {
  return `${log}/${String(index).padStart(DIGITS, "0")}`;
}

function nodeId(log: string, { level, index }: NodePosition): string {
  return `${log}/${level}/${index}`;
}

function keyId(name: string, number: number): string {
  return `${name}/${String(number).padStart(4, "0")}`;
}

function behind({ to, log, index }: TrailCursor): object[] {
  return [{ to: { $lt: to } }, { to, log: { $lt: log } }, { to, log, index: { $lt: index } }];
}

function batchOf({ log, index, from, to, day, events, leaf, sealed }: BatchRow): KeptBatch {
  const what = "audit_batches";
  return {
    ...{ log: textOf(log, what), index: numberOf(index, what), from: textOf(from, what), to: textOf(to, what), day: textOf(day, what) },
    ...{ events: numberOf(events, what), leaf: bytesOf(leaf, what), sealed: bytesOf(sealed, what) },
  };
}
