/** The record made again in another store while it grows, and closed here for ever when the other has all of it: docs/design/copy.md. */
import { setTimeout as sleep } from "node:timers/promises";
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import type { KnownLog } from "../../core/crypto/log-keys.ts";
import type { MasterEpoch } from "../../core/crypto/keys.ts";
import { wrapperOf } from "../../core/envelope.ts";
import { AppError } from "../../core/errors.ts";
import { erasureClaim } from "../erasures.ts";
import { edgeOf } from "../log/next-commit.ts";
import type { KeyMove, WrappedKeys } from "../store/document-keys.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { Closure, RecordStore } from "../store/record-store.ts";
import { commitsOf, Replay } from "./replay.ts";
import { wholeCommits } from "./whole-commits.ts";

export interface CopySource {
  readonly store: RecordStore;
  readonly inventory: RecordInventory;
}

export interface CopyTarget {
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  /** By what the copy is known: a UUID that is laid down in it. */
  readonly id: string;
  /** Where it is, for people. */
  readonly name: string;
}

export interface CopyOptions {
  /** That may have signed the checkpoints. */
  readonly logs: readonly KnownLog[];
  /** Documents whose keys are not copied: the list of erasures names them. */
  readonly erased: ReadonlySet<string>;
  readonly now: () => Date;
  onProgress(done: number, all: number): void;
  /** The newest epoch of the master key, and by what its key is known in what it wrapped; looked at now. */
  newestEpoch(): Promise<Pick<MasterEpoch, "epoch" | "keyId">>;
  /** Audits the target; documents before `openFrom` were opened before. Throws when it is not what was committed. */
  verify(openFrom: number): Promise<void>;
}

/** While the source runs ahead by more entries than this it is caught up with before it is closed, as long as each time it is nearer by this part at least. */
const NEAR = 200;
const NEARER = 0.8;
/** How often it is tried to close the source between two commits of others, and how long is waited at most between, in milliseconds. */
const ATTEMPTS = 2_000;
const LONGEST_WAIT = 5;

/**
 * Copies, verifies and closes. Interrupted anywhere, it is run again with the same target and goes on. Gives the closure, after which everything is in the target.
 *
 * @throws AppError `conflict` when the target has another log, or the source was closed for another copy; `damaged` when something is not what was committed.
 */
export async function copyRecord(source: CopySource, target: CopyTarget, options: CopyOptions): Promise<Closure> {
  const copy = await RecordCopy.begin(source, target, options);
  let closure = await source.store.closure();
  if (closure === undefined) {
    await copy.catchUp();
    const audited = copy.size;
    await copy.renewKeys();
    await options.verify(0);
    await copy.catchUp();
    closure = await close(source.store, target, options.now);
    refuseOther(closure, target);
    await copy.to(closure.size);
    await copy.renewKeys();
    await options.verify(audited);
  } else {
    // It was closed by a run that was interrupted since.
    refuseOther(closure, target);
    await copy.to(closure.size);
    await copy.renewKeys();
    await options.verify(0);
  }
  await copy.destroyErased();
  return closure;
}

class RecordCopy {
  readonly #source: CopySource;
  readonly #target: CopyTarget;
  readonly #options: CopyOptions;
  readonly #replay: Replay;
  /** By which master keys those were wrapped that were copied; of what an earlier run copied it is not known. */
  readonly #wrappers: Set<string>;

  private constructor(source: CopySource, target: CopyTarget, options: CopyOptions, replay: Replay) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#replay = replay;
    this.#wrappers = new Set(replay.size > 0 ? [""] : []);
  }

  /** Goes on where the target ends, which must be where the source once was. */
  static async begin(source: CopySource, target: CopyTarget, options: CopyOptions): Promise<RecordCopy> {
    const newest = await target.store.checkpoint();
    const size = newest?.size ?? 0;
    if (newest !== undefined && (await source.store.checkpoint(size))?.note !== newest.note)
      throw new AppError("conflict", `what is in ${target.name} was not copied from here: its checkpoint of ${size} entries is another`);
    const edge = await edgeOf(size, (places) => target.store.nodes(places));
    const wrappedKeys = { keep: (id: string, key: Uint8Array) => keepAnew(id, key, target.wrappedKeys) };
    const replay = new Replay({ store: target.store, wrappedKeys }, options.logs, GrowingTree.of(size, edge));
    return new RecordCopy(source, target, options, replay);
  }

  get size(): number {
    return this.#replay.size;
  }

  /** Until the source is nearly at hand, or is as quick as we are. */
  async catchUp(): Promise<void> {
    for (let before = Infinity; ;) {
      const size = (await this.#source.store.checkpoint())?.size ?? 0;
      const behind = size - this.size;
      await this.to(size);
      if (behind <= NEAR || behind > before * NEARER) return;
      before = behind;
    }
  }

  async to(size: number): Promise<void> {
    for await (const { from, to, entries, checkpoints, keys } of wholeCommits(this.size, size, this.#source)) {
      const keyOf = (id: string, index: number): Uint8Array | undefined => (this.#options.erased.has(id) ? undefined : keys.get(index));
      await this.#replay.prepare(entries, keyOf);
      for (const commit of commitsOf(entries, checkpoints)) await this.#replay.commit(commit.checkpoint, commit.entries, keyOf);
      if (this.size !== to) throw new AppError("damaged", `the log's commits from ${from} to ${to} are not whole`);
      for (const { kind, documentId } of entries)
        if (kind === "erasure" && documentId !== undefined) await this.#target.wrappedKeys.destroy(documentId);
      for (const key of keys.values()) this.#wrappers.add(wrapperOf(key));
      this.#options.onProgress(to, size);
    }
  }

  /** Keys may have been wrapped anew in the source since they were copied, and what they were wrapped by before may end at any moment. */
  async renewKeys(): Promise<void> {
    const { epoch, keyId } = await this.#options.newestEpoch();
    if (epoch === 1 || [...this.#wrappers].every((wrapper) => wrapper === keyId)) return;
    const { wrappedKeys } = this.#target;
    for await (const page of this.#source.inventory.keys()) {
      const moves: KeyMove[] = [];
      for (const { id, wrappedKey: to } of page) {
        if (id === undefined || wrapperOf(to) !== keyId) continue;
        const from = await wrappedKeys.read(id);
        if (from !== undefined && wrapperOf(from) !== keyId) moves.push({ documentId: id, from, to });
      }
      // At once: in a file each call is a transaction, which waits for the disk.
      if (moves.length > 0) await wrappedKeys.replace(epoch, moves);
    }
  }

  /** A key may have come before its document was erased, and the run that met the erasure was interrupted. */
  async destroyErased(): Promise<void> {
    const { wrappedKeys } = this.#target;
    const prefix = erasureClaim("");
    for await (const claims of this.#source.inventory.claimsBeginning(prefix))
      for (const claim of claims) {
        const id = claim.slice(prefix.length);
        if ((await wrappedKeys.read(id)) !== undefined) await wrappedKeys.destroy(id);
      }
  }
}

/** Between two commits of whoever deposits: the closure is one more that wants to be next. */
async function close(store: RecordStore, { id, name }: CopyTarget, now: () => Date): Promise<Closure> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const size = (await store.checkpoint())?.size ?? 0;
    if ((await store.closeLog({ size, at: now().toISOString(), to: name, copy: id })) === "closed") {
      const closure = await store.closure();
      if (closure) return closure;
    }
    await sleep(Math.random() * LONGEST_WAIT);
  }
  throw new AppError("unavailable", "the source took documents too quickly to be closed: run it again when there are fewer");
}

function refuseOther(closure: Closure, { id, name }: CopyTarget): void {
  if (closure.copy !== id)
    throw new AppError(
      "conflict",
      `the source was closed on ${closure.at} and goes on in ${closure.to}: what is in ${name} is another copy, and never goes on`,
    );
}

/** A key that an interrupted run left, under a master key that was another then, is replaced: its document is not in the target yet. */
async function keepAnew(id: string, key: Uint8Array, keys: WrappedKeys): Promise<void> {
  const there = await keys.read(id);
  if (there !== undefined && !Buffer.from(there).equals(key)) await keys.destroy(id);
  await keys.keep(id, key);
}
