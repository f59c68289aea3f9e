/**
 * The record on an engine that can only insert and find: for tests of what stands above the port, and to show that the port asks for no more. What is staged lies in the
 * collections for ever; what makes it exist is one insert into `commits`, under the size that the commit was made upon.
 */
import { AppError } from "../../src/core/errors.ts";
import type { NodePosition } from "../../src/core/crypto/merkle.ts";
import { checkClaims, checkCommit, checkEntry, isComplete } from "../../src/pipeline/store/commit-shape.ts";
import type { WrappedKeys } from "../../src/pipeline/store/document-keys.ts";
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
} from "../../src/pipeline/store/record-store.ts";
import { Collection, DuplicateKey } from "./insert-only-engine.ts";

/** What several open records share. */
export class Memory {
  staged = new Collection<NewEntry>();
  /** By `{key}\n{id of the entry}`. */
  claims = new Collection<string>();
  /** By the size that it was made upon. */
  commits = new Collection<Commit>();
  /** By the size that the next commit would be made upon: an engine keeps both in one collection, so that one of them alone is inserted. */
  closures = new Collection<Closure>();
  /** Wrapped keys may be removed, too. */
  readonly keys = new Map<string, Uint8Array>();

  /** All of it as it is now. */
  copy(): Memory {
    return Object.assign(new Memory(), { staged: this.staged.copy(), claims: this.claims.copy(), commits: this.commits.copy() });
  }

  /** The newest commit, for a test that alters it. */
  get newest(): Commit {
    const newest = this.commits.findAll().at(-1);
    if (!newest) throw new Error("nothing was committed");
    return newest;
  }

  /** Puts something else in the newest commit's place; nothing: takes it away. */
  alterNewest(change: Partial<Commit> | undefined): void {
    const { newest } = this;
    this.commits.tamper(String(newest.previousSize), change && { ...newest, ...change });
  }
}

export class MemoryRecord implements RecordStore {
  readonly memory: Memory;
  #isClosed = false;

  constructor(memory = new Memory()) {
    this.memory = memory;
  }

  async stage(entry: NewEntry): Promise<void> {
    await this.check();
    checkEntry(entry, this.memory.staged.find(entry.id));
    ignoreDuplicate(() => this.memory.staged.insert(entry.id, entry));
    for (const { key } of entry.claims) ignoreDuplicate(() => this.memory.claims.insert(`${key}\n${entry.id}`, entry.id));
  }

  discard(): void {
    // It lies there until it is swept.
  }

  async commit(commit: Commit, deadline: number): Promise<CommitResult> {
    await this.check();
    checkCommit(commit);
    if (performance.now() > deadline) throw new AppError("unavailable", "the time for the commit has run out");
    const entries = commit.ids.map((id) => {
      const entry = this.memory.staged.find(id);
      if (!entry) throw new AppError("internal", `the entry ${id} was not staged`);
      return entry;
    });
    checkClaims(entries);
    const log = this.#log();
    if (this.memory.closures.find(String(log.size))) return { kind: "closed" };
    if (log.size !== commit.previousSize) return { kind: "behind" };
    if (commit.ids.some((id) => log.entries.has(id))) throw new AppError("internal", "the id is in use");
    const keys = entries.flatMap(({ claims }) => claims.map(({ key }) => key)).filter((key) => this.#claimed(key) !== undefined);
    if (keys.length > 0) return { kind: "taken", keys };
    if (commit.unless?.some((key) => this.#claimed(key) !== undefined) === true) return { kind: "barred" };
    try {
      this.memory.commits.insert(String(commit.previousSize), commit);
      return { kind: "committed" };
    } catch (error) {
      if (error instanceof DuplicateKey) return { kind: "behind" };
      throw error;
    }
  }

  async closeLog(closure: Closure): Promise<"closed" | "behind"> {
    await this.check();
    const { size } = this.#log();
    if (this.memory.closures.find(String(size))) return "closed";
    if (size !== closure.size) return "behind";
    this.memory.closures.insert(String(size), closure);
    return "closed";
  }

  async closure(): Promise<Closure | undefined> {
    await this.check();
    return this.memory.closures.find(String(this.#log().size));
  }

  async checkpoint(size?: number): Promise<StoredCheckpoint | undefined> {
    await this.check();
    const commits = this.#log().commits;
    return (size === undefined ? commits.at(-1) : commits.find(({ checkpoint }) => checkpoint.size === size))?.checkpoint;
  }

  async nodes(places: readonly NodePosition[]): Promise<Uint8Array[]> {
    await this.check();
    const log = this.#log();
    const hashes = new Map(log.commits.flatMap(({ nodes }) => nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash])));
    return places.map((place) => {
      const hash = isComplete(place, log.size) ? hashes.get(`${place.level}/${place.index}`) : undefined;
      if (!hash) throw new AppError("damaged", "no such node");
      return hash;
    });
  }

  async entries(from: number, count: number): Promise<LogEntry[]> {
    await this.check();
    return [...this.#log().entries.values()].slice(from, from + count);
  }

  async entry(id: string): Promise<LogEntry | undefined> {
    await this.check();
    return this.#log().entries.get(id);
  }

  async entriesAbout(documentId: string): Promise<LogEntry[]> {
    await this.check();
    return [...this.#log().entries.values()].filter((entry) => entry.documentId === documentId);
  }

  async claimed(keys: readonly string[]): Promise<Map<string, Claimed>> {
    await this.check();
    const found = keys.map((key) => [key, this.#claimed(key)] as const);
    return new Map(found.flatMap(([key, claimed]) => (claimed ? [[key, claimed] as const] : [])));
  }

  async content(id: string): Promise<Uint8Array | undefined> {
    return (await this.entry(id)) && this.memory.staged.find(id)?.content;
  }

  async evidence(id: string): Promise<Uint8Array | undefined> {
    return (await this.entry(id)) && this.memory.staged.find(id)?.evidence;
  }

  async proof(id: string): Promise<StoredProof | undefined> {
    const entry = await this.entry(id);
    return entry && { entry, evidence: await this.evidence(id), checkpoint: await this.checkpoint(entry.treeSize) };
  }

  fault(): string | undefined {
    return this.#isClosed ? "closed" : undefined;
  }

  check(): Promise<void> {
    return this.#isClosed ? Promise.reject(new AppError("unavailable", "closed")) : Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #claimed(key: string): Claimed | undefined {
    const { entries } = this.#log();
    const entry = this.memory.claims.findAll(`${key}\n`).flatMap((id) => entries.get(id) ?? [])[0];
    const value = entry && this.memory.staged.find(entry.id)?.claims.find((claim) => claim.key === key)?.value;
    return entry && value && { entry, value };
  }

  /** What the commits, each upon the one before, have made exist. */
  #log(): { readonly size: number; readonly commits: readonly Commit[]; readonly entries: ReadonlyMap<string, LogEntry> } {
    const commits: Commit[] = [];
    const entries = new Map<string, LogEntry>();
    let size = 0;
    for (let next = this.memory.commits.find("0"); next; next = this.memory.commits.find(String(size))) {
      commits.push(next);
      for (const [at, id] of next.ids.entries()) {
        const staged = this.memory.staged.find(id);
        if (!staged) throw new AppError("damaged", "a commit names what is not there");
        const { claims: _, content, evidence: __, ...entry } = staged;
        entries.set(id, { ...entry, contentBytes: content?.length ?? 0, index: size + at, treeSize: next.checkpoint.size });
      }
      size = next.checkpoint.size;
    }
    return { size, commits, entries };
  }
}

function ignoreDuplicate(insert: () => void): void {
  try {
    insert();
  } catch (error) {
    if (!(error instanceof DuplicateKey)) throw error;
  }
}

/** The documents' keys beside it. */
export function memoryKeys(memory: Memory): WrappedKeys {
  return {
    keep: async (id, key) => {
      const known = memory.keys.get(id);
      if (known && !Buffer.from(known).equals(key)) throw new AppError("internal", "the document has another key");
      memory.keys.set(id, key);
      return Promise.resolve();
    },
    read: (id) => Promise.resolve(memory.keys.get(id)),
    replace: (_, moves) => {
      const open = moves.filter(({ documentId, from }) => Buffer.from(from).equals(memory.keys.get(documentId) ?? new Uint8Array()));
      for (const { documentId, to } of open) memory.keys.set(documentId, to);
      return Promise.resolve(open.length);
    },
    destroy: (id) => Promise.resolve(void memory.keys.delete(id)),
  };
}
