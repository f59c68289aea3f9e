import type { ClientSession, Collection, Filter } from "mongodb";
import { leafHash } from "../../core/crypto/merkle.ts";
import type { BodyRow, ClaimRow, CustodyRow, InventoryFault, KeyRow, NodeRow, RecordInventory } from "../../pipeline/store/record-inventory.ts";
import type { StoredCheckpoint, TreeNode } from "../../pipeline/store/record-store.ts";
import type { Connection } from "./connection.ts";
import { documentOfKey, type KeyEpochs } from "./key-names.ts";
import { bytesIn, isCompletedBy, keptCommit, textIn, type KeptCommit, type KeptEntry } from "./kept-commit.ts";
import { isChunked, joinChunks } from "./parts.ts";
import type { ChunkRow, CommitRow, KeyRow as StoredKey, StagedRow } from "./rows.ts";
import { fingerprint } from "./staging.ts";

/** Commits, and names of nodes, that are asked for at once. */
const PAGE = 500;
const NAMES = 500;

/**
 * The port RecordInventory: it reads along `commits`, which says what exists, and looks for what belongs to that. What is staged and in no commit is nobody's (docs/design/mongo.md).
 * The connection is the store's, and closed with it.
 */
export class MongoInventory implements RecordInventory {
  readonly #connection: Connection;
  readonly #commits: Collection<CommitRow>;
  readonly #staged: Collection<StagedRow>;
  readonly #chunks: Collection<ChunkRow>;
  readonly #keys: Collection<StoredKey>;
  readonly #epochs: KeyEpochs;

  constructor(connection: Connection, epochs: KeyEpochs) {
    this.#epochs = epochs;
    this.#connection = connection;
    this.#commits = connection.db.collection("commits");
    this.#staged = connection.db.collection("staged");
    this.#chunks = connection.db.collection("chunks");
    this.#keys = connection.db.collection("keys");
  }

  async checkpoints(after: number, count: number): Promise<StoredCheckpoint[]> {
    const rows = await this.#upon({ $gte: after }, count);
    return rows.map(({ size, note }) => ({ size, note }));
  }

  async nodesAt(level: number, from: number, to: number): Promise<TreeNode[]> {
    if (level === 0) {
      const entries = await this.#entries(from, to);
      return entries.flatMap(({ index, leaf }) => (leaf ? [{ level, index, hash: leafHash(leaf) }] : []));
    }
    const found: TreeNode[] = [];
    for (let first = from; first < to; first += NAMES) {
      const last = Math.min(to, first + NAMES);
      const names = Array.from({ length: last - first }, (_, at) => `${level}/${first + at}`);
      const commits = await this.#find({ "nodes.at": { $in: names } });
      for (const commit of commits)
        found.push(...commit.nodes.filter((node) => node.level === level && node.index >= first && node.index < last && isCompletedBy(node, commit)));
    }
    return found;
  }

  async *nodes(): AsyncGenerator<readonly NodeRow[], undefined> {
    for await (const commits of this.#pages())
      yield commits.flatMap((commit) =>
        commit.nodes.map(({ level, index, hash }, at) => {
          const isAgain = commit.nodes.findIndex((node) => node.level === level && node.index === index) < at;
          return { level, index, hash, isStray: isAgain || !isCompletedBy({ level, index }, commit) };
        }),
      );
  }

  async *claims(): AsyncGenerator<readonly ClaimRow[], undefined> {
    for await (const commits of this.#pages()) yield commits.flatMap(({ claims }) => claims);
  }

  async *claimsBeginning(prefix: string): AsyncGenerator<readonly string[], undefined> {
    const filter: Filter<CommitRow> = { claims: { $elemMatch: { key: { $gte: prefix, $lt: `${prefix}\u{10FFFF}` } } } };
    for await (const commits of this.#pages(filter))
      yield commits.flatMap(({ claims }) => claims.map(({ key }) => key).filter((key) => key.startsWith(prefix)));
  }

  async claimsOf(from: number, to: number): Promise<ClaimRow[]> {
    const commits = await this.#around(from, to);
    return commits.flatMap(({ claims }) => claims).filter(({ index }) => index !== undefined && index >= from && index < to);
  }

  async *keys(): AsyncGenerator<readonly KeyRow[], undefined> {
    for await (const commits of this.#pages()) {
      const placeOf = new Map(commits.flatMap(({ entries }) => entries.map(({ id, index }) => [id, index] as const)));
      const rows = await this.#keysOf([...placeOf.keys()]);
      yield rows.map(({ _id, key }) => {
        const id = documentOfKey(_id);
        return { name: _id, id, index: placeOf.get(id), wrappedKey: bytesIn(key) ?? new Uint8Array() };
      });
    }
  }

  async places(from: number, count: number): Promise<number[]> {
    const here = await this.#entries(from, from + count);
    // Behind a gap there may be others.
    const beyond = here.length > 0 ? [] : (await this.#upon({ $gte: from }, 1)).flatMap(({ entries }) => entries);
    return [...here, ...beyond]
      .map(({ index }) => index)
      .filter((index) => index >= from)
      .slice(0, count);
  }

  async *custody(): AsyncGenerator<readonly CustodyRow[], undefined> {
    for await (const commits of this.#pages({ "entries.about": { $exists: true } }))
      yield commits.flatMap(({ entries }) =>
        entries.flatMap(({ index, kind, about }) => (about === undefined ? [] : [{ index, kind, documentId: about }])),
      );
  }

  async bodies(from: number, to: number): Promise<BodyRow[]> {
    const entries = await this.#entries(from, to);
    const ids = entries.map(({ id }) => id);
    const [staged, keys] = await Promise.all([
      this.#ask((session) => this.#staged.find({ _id: { $in: ids } }, { session, projection: { content: 1, evidence: 1, attempt: 1 } }).toArray()),
      this.#keysOf(ids),
    ]);
    const rowOf = new Map(staged.map((row) => [row._id, row]));
    // Of several, while they are wrapped anew, the newest.
    const keyOf = new Map(keys.map(({ _id, key }) => [documentOfKey(_id), key]));
    const bodies: BodyRow[] = [];
    for (const { id, index } of entries) {
      const row = rowOf.get(id);
      const [content, evidence] = [await this.#part(row, "content"), await this.#part(row, "evidence")];
      bodies.push({ index, content, evidence, wrappedKey: bytesIn(keyOf.get(id)) });
    }
    return bodies;
  }

  /** A commit that is none, and what stands in `staged` about entries: by that the same entry, staged twice, is known again. */
  async *faults(): AsyncGenerator<readonly InventoryFault[], undefined> {
    const strange = await this.#ask((session) =>
      this.#commits.find({ _id: { $not: { $type: "number" } } } as unknown as Filter<CommitRow>, { session, projection: { _id: 1 } }).toArray(),
    );
    yield strange.map(({ _id }) => ({ what: "checkpoint", text: `commits holds something that is no commit, ${JSON.stringify(_id)}` }));
    for await (const commits of this.#pages()) {
      const entries = commits.flatMap((commit) => commit.entries);
      const rows = await this.#ask((session) =>
        this.#staged.find({ _id: { $in: entries.map(({ id }) => id) } }, { session, projection: { entry: 1 } }).toArray(),
      );
      const rowOf = new Map(rows.map(({ _id, entry }) => [_id, bytesIn(entry)]));
      yield entries.flatMap((entry) => faultsOf(entry, rowOf));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #part(row: StagedRow | undefined, part: "content" | "evidence"): Promise<Uint8Array | undefined> {
    const value: unknown = row?.[part];
    if (row === undefined || !isChunked(value)) return bytesIn(value);
    return joinChunks({ id: row._id, part, chunks: value.chunks, bytes: value.bytes, attempt: textIn(row.attempt) }, (_id) =>
      this.#ask(async (session) => bytesIn((await this.#chunks.findOne({ _id }, { session }))?.bytes)),
    );
  }

  /** The rows that hold a key, whatever it is; those of one entry from the earliest to the newest. */
  async #keysOf(ids: readonly string[]): Promise<StoredKey[]> {
    await this.#epochs.read();
    const names = ids.flatMap((id) => this.#epochs.namesOf(id));
    const rows = await this.#ask((session) => this.#keys.find({ _id: { $in: names } }, { session, sort: { _id: 1 } }).toArray());
    return rows.filter(({ key }) => bytesIn(key)?.length !== 0);
  }

  /** Entries from place `from` to `to` (excluded). */
  async #entries(from: number, to: number): Promise<KeptEntry[]> {
    return (await this.#around(from, to)).flatMap(({ entries }) => entries).filter(({ index }) => index >= from && index < to);
  }

  /** The commits upon sizes from `from` to `to`, and the one before them, which may reach into these. */
  async #around(from: number, to: number): Promise<KeptCommit[]> {
    const [before, others] = await Promise.all([this.#find({ _id: { $lt: from } }, 1, -1), this.#upon({ $gte: from, $lt: to })]);
    return [...before, ...others];
  }

  async *#pages(filter: Filter<CommitRow> = {}): AsyncGenerator<readonly KeptCommit[], undefined> {
    for (let from = 0; ;) {
      const page = await this.#upon({ $gte: from }, PAGE, filter);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return undefined;
      from = last._id + 1;
    }
  }

  #upon(range: { readonly $gte: number; readonly $lt?: number }, limit = 0, filter: Filter<CommitRow> = {}): Promise<KeptCommit[]> {
    return this.#find({ ...filter, _id: range }, limit);
  }

  async #find(filter: Filter<CommitRow>, limit = 0, order: 1 | -1 = 1): Promise<KeptCommit[]> {
    const rows = await this.#ask((session) => this.#commits.find(filter, { session, sort: { _id: order }, limit }).toArray());
    return rows.filter((row) => row.closed === undefined).map(keptCommit);
  }

  #ask<Result>(work: (session: ClientSession) => Promise<Result>): Promise<Result> {
    return this.#connection.ask(work);
  }
}

/** An entry whose row is missing is told of as a document, or as a record, that is. */
function faultsOf({ id, index, kind, about, leaf }: KeptEntry, rowOf: ReadonlyMap<string, Uint8Array | undefined>): InventoryFault[] {
  if (leaf === undefined || !rowOf.has(id)) return [];
  const expected = fingerprint({ kind, leaf, ...(about !== undefined && { documentId: about }) });
  const found = rowOf.get(id);
  if (found && Buffer.from(found).equals(expected)) return [];
  return [{ what: "entry", id, index, text: `what stands beside the parts of entry ${index} (${id}) is of another entry` }];
}
