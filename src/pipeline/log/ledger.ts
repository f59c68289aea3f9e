import { setImmediate as nextTurn } from "node:timers/promises";
import { formatCheckpoint } from "../../core/crypto/checkpoint.ts";
import type { LogName, LogSigner } from "../../core/crypto/keys.ts";
import { rootOf, withNodes } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { timeOfLeaf } from "../../core/formats/leaf.ts";
import { closedReason } from "./closed-log.ts";
import type { StoredCheckpoint } from "../store/record-store.ts";
import type { KeyFence, LedgerOptions, LedgerStore } from "./ledger-options.ts";
import { answerEntered, failureOf, findUnit, storedAs, type Entered } from "./entered.ts";
import { edgeOf, enteredBy, nextCommit } from "./next-commit.ts";
import { Pace } from "./pace.ts";
import {
  CommitQueue,
  LEDGER_LIMITS,
  waitingUnit,
  type LedgerLimits,
  type Unit,
  type UnitCondition,
  type Waiting,
  type WaitingUnit,
} from "./queue.ts";
import { answerRefused, answerTaken } from "./refusals.ts";
import { surelyVerifiedSize, verifiedSize } from "./tree-head.ts";
import { contradiction, readMarkOr, type Watermark } from "./watermark.ts";

const UNMARKED = "the log's mark cannot be written (WATERMARK_FILE)";

/**
 * Enters units of entries in the log, several with one commit: whoever arrives while a commit runs goes into the next. Each is staged as soon as it comes, so that the
 * commit itself is small. Only one commit runs at a time here; against other processes the store's compare-and-swap decides.
 */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #nodes: LedgerStore["nodes"] = (positions) => this.#store.nodes(positions);
  readonly #signer: LogSigner;
  readonly #watermark: Watermark | undefined;
  readonly #fence: KeyFence | undefined;
  readonly #pastLogs: readonly LogName[];
  readonly #queue: CommitQueue<Entered>;
  readonly #limits: LedgerLimits;
  readonly #pace = new Pace();
  readonly #staging = new Set<Promise<void>>();
  /** The tree's size as we last saw it verified or committed it; undefined when somebody else may have moved it. */
  #size: number | undefined;
  /** The log never becomes shorter than this. */
  #leastSize = 0;
  #newestAt: Date | undefined;
  /** Why nothing can be entered until somebody has looked into it. */
  #halt: string | undefined;
  /** A checkpoint that could not be marked. */
  #unmarked: string | undefined;
  #running: Promise<void> | undefined;
  #isClosing = false;

  private constructor(store: LedgerStore, signer: LogSigner, { limits = LEDGER_LIMITS, watermark, fence, pastLogs = [] }: LedgerOptions) {
    this.#store = store;
    this.#signer = signer;
    this.#watermark = watermark;
    this.#fence = fence;
    this.#pastLogs = pastLogs;
    this.#queue = new CommitQueue(limits);
    this.#limits = limits;
  }

  /**
   * Starts where the store's log ends. A log that contradicts the mark is opened, and halted.
   *
   * @throws AppError `damaged` when that is not a tree under a checkpoint of ours; `unavailable` when the mark can't be written.
   */
  static async open(store: LedgerStore, signer: LogSigner, options: LedgerOptions = {}): Promise<Ledger> {
    const ledger = new Ledger(store, signer, options);
    // Before the store, which another process may move on meanwhile.
    const mark = await ledger.#readMark();
    ledger.#size = ledger.#leastSize = await verifiedSize(store, signer, options.pastLogs);
    await ledger.#readTime(ledger.#size);
    if (mark !== undefined) await ledger.#compare(mark);
    await ledger.lookForClosure();
    if (ledger.#halt === undefined) {
      const note = await ledger.checkpoint();
      if (note !== mark) await ledger.#writeMark(note);
    }
    return ledger;
  }

  /** Why the log takes no entry, in words for whoever operates it; undefined when it does. What is in it can be read and proved all the same. */
  get halt(): string | undefined {
    return this.#halt ?? (this.#unmarked === undefined ? undefined : UNMARKED);
  }

  /** When the newest entry was made, by its own words. */
  get newestAt(): Date | undefined {
    return this.#newestAt;
  }

  /** Looks whether somebody closed the log, and halts when it is so. */
  async lookForClosure(): Promise<void> {
    this.#halt ??= await closedReason(this.#store);
  }

  /** Takes no more entries until the next start: what somebody has seen of the log is not what is here. */
  stop(reason: string): void {
    this.#halt ??= reason;
  }

  /** Tries again to write a mark that could not be written. */
  async settleMark(): Promise<void> {
    if (this.#unmarked !== undefined && this.#running === undefined) await this.#isMarked(this.#unmarked);
  }

  /**
   * Resolves once the unit is durable, or a claim of it is found to be taken, or its condition not to hold. The parts of its entries are handed over.
   * `patience`: for how many milliseconds after its condition was asked it may still be committed, where that is less than for others.
   * @throws AppError `unavailable` when it was not stored: too many wait, the ledger closes or is halted, or the store fails.
   */
  append(unit: Unit, condition?: UnitCondition, patience?: number): Promise<Entered> {
    return new Promise((resolve, reject) => {
      if (this.#isClosing) throw new AppError("unavailable", "the repository is stopping and takes no more documents");
      this.#refuseWhenHalted();
      const waiting = { unit: waitingUnit(unit), condition, patience, resolve, reject };
      this.#queue.push(waiting);
      const staging = this.#stage(unit, waiting).finally(() => this.#staging.delete(staging));
      this.#staging.add(staging);
    });
  }

  /** The newest checkpoint as a signed note; of a log without leaves too. AppError `unavailable` when the log is shorter than it was. */
  async checkpoint(): Promise<string> {
    const record = await this.#store.checkpoint();
    if ((record?.size ?? 0) < this.#leastSize) await this.#newSize();
    if (record) return record.note;
    const root = await rootOf(0, this.#nodes);
    return this.#signer.sign(formatCheckpoint({ origin: this.#signer.origin, size: 0, root }));
  }

  /** Finishes what was accepted, refuses the rest. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.#staging);
    await this.#running;
  }

  async #stage(unit: Unit, waiting: Waiting<Entered>): Promise<void> {
    try {
      for (const entry of unit) await this.#store.stage(entry);
      this.#queue.ready(waiting);
      this.#running ??= this.#run();
    } catch (cause) {
      this.#queue.remove(waiting);
      this.#letGo(waiting.unit);
      waiting.reject(failureOf(cause));
    }
  }

  async #run(): Promise<void> {
    while (this.#queue.isReady) {
      // One turn of the event loop lets everybody who is ready by now come along.
      await nextTurn();
      const batch = this.#queue.take();
      try {
        await this.#enter(batch);
      } catch (cause) {
        await this.#settle(batch, await this.#weigh(cause));
      }
      if (this.#pace.pause > 0 && !this.#isClosing) await this.#pace.rest();
    }
    this.#running = undefined;
  }

  /** Commits a batch; every unit of it is answered when this resolves. */
  async #enter(batch: readonly Waiting<Entered>[]): Promise<void> {
    this.#refuseWhenHalted();
    // What was committed before is marked first, or nothing goes on.
    if (this.#unmarked !== undefined) await this.#writeMark(this.#unmarked);
    const deadline = performance.now() + Math.min(this.#limits.patience, ...batch.map(({ patience = Infinity }) => patience));
    let waiting = batch;
    let newest: StoredCheckpoint | undefined;
    for (let attempt = 0; attempt < this.#limits.attempts; attempt++) {
      const size = (this.#size ??= await this.#newSize(newest));
      // After the size is known: whoever enters a claim from now on moves it.
      const [left, edge] = await Promise.all([
        answerTaken(waiting, this.#store),
        edgeOf(size, this.#nodes).catch((cause: unknown) => this.#refuseOlder(cause)),
      ]);
      waiting = await answerRefused(left, size, this.#store);
      if (waiting.length === 0) return;
      const entries = waiting.flatMap(({ unit }) => unit);
      const commit = await nextCommit(entries, size, this.#signer, withNodes(edge, this.#nodes));
      const unless = this.#fence?.claimsAgainst(commit.ids) ?? [];
      const result = await this.#pace.timed(() => this.#store.commit({ ...commit, unless }, deadline));
      if (result.kind === "committed") {
        this.#size = this.#leastSize = commit.checkpoint.size;
        this.#newestAt = timeOfLeaf(entries.at(-1)?.leaf ?? new Uint8Array()) ?? this.#newestAt;
        const fault = await this.#writeMark(commit.checkpoint.note).catch((cause: unknown) => failureOf(cause));
        answerEntered(waiting, enteredBy(commit, entries), fault ?? undefined);
        return;
      }
      this.#size = undefined;
      newest = result.kind === "behind" ? result.newest : undefined;
      if (result.kind === "closed") throw this.#halted((await closedReason(this.#store)) ?? "the log was closed here");
      if (result.kind === "barred") await this.#fence?.renew(commit.ids, unless);
      if (result.kind === "behind") await this.#pace.afterLoss(attempt);
    }
    throw new AppError("unavailable", "other writers were quicker too often; try again");
  }

  /** A tree without the nodes that we saw in it is an older one: that is found out, and halts. */
  async #refuseOlder(cause: unknown): Promise<never> {
    await this.#newSize();
    throw cause;
  }

  /** The size to which somebody else may have brought the log. @param newest its newest checkpoint, where the store has just read it */
  async #newSize(newest?: StoredCheckpoint): Promise<number> {
    const store = newest === undefined ? this.#store : { checkpoint: () => Promise.resolve(newest), nodes: this.#nodes };
    const size = await surelyVerifiedSize(store, this.#signer, this.#pastLogs, this.#fence).catch((cause: unknown) => {
      throw cause instanceof AppError && cause.code === "damaged" ? this.#halted(cause.message) : cause;
    });
    if (size < this.#leastSize) throw this.#halted(`the log has ${size} entries and had ${this.#leastSize}: an older copy took its place`);
    this.#leastSize = size;
    await this.#readTime(size);
    return size;
  }

  /** A store that contradicts itself takes no more entries: whatever follows would rest on it. */
  async #weigh(cause: unknown): Promise<unknown> {
    if (!(cause instanceof AppError) || cause.code !== "damaged") return cause;
    return this.#newSize().then(
      () => this.#halted(cause.message),
      (reason: unknown) => reason,
    );
  }

  async #readTime(size: number): Promise<void> {
    const [newest] = size === 0 ? [] : await this.#store.entries(size - 1, 1);
    this.#newestAt = newest && timeOfLeaf(newest.leaf);
  }

  #refuseWhenHalted(): void {
    if (this.#halt !== undefined) throw new AppError("unavailable", `The repository takes no documents: ${this.#halt}`);
  }

  /** Takes no more entries from now on; gives the failure to answer with. */
  #halted(reason: string): AppError {
    this.stop(reason);
    return new AppError("unavailable", `The repository takes no documents: ${reason}`);
  }

  #readMark(): Promise<string | undefined> {
    return readMarkOr((reason) => this.stop(reason), this.#watermark);
  }

  /** Holds the store's log against a mark, and halts when one contradicts the other. */
  async #compare(mark: string): Promise<void> {
    const size = (this.#size ??= await this.#newSize());
    const reason = await contradiction(mark, { size, log: this.#signer, pastLogs: this.#pastLogs }, this.#store);
    if (reason !== undefined) this.#halted(reason);
  }

  /** Marks a checkpoint. Throws `unavailable` when it can't be marked, or what stands there is not of this log. */
  async #writeMark(note: string): Promise<void> {
    if (this.#watermark === undefined) return;
    const standing = await this.#watermark.write(note).catch((cause: unknown) => {
      this.#unmarked = note;
      throw cause;
    });
    this.#unmarked = undefined;
    if (standing === note) return;
    // Another process went on since; or this store is no longer what that process and we worked on.
    this.#size = undefined;
    await this.#compare(standing);
    this.#refuseWhenHalted();
  }

  /**
   * After a failure it may be unknown whether the commit took place (a connection that broke while it ran). What is found stored under its own id was, if the store is
   * still what it was; everything else is refused with the failure.
   */
  async #settle(batch: readonly Waiting<Entered>[], cause: unknown): Promise<void> {
    this.#size = undefined;
    const isTrusted = this.#store.fault() === undefined && this.#halt === undefined && this.#unmarked === undefined;
    for (const { unit, resolve, reject } of batch) {
      const found = isTrusted ? await findUnit(unit, this.#store).catch(() => undefined) : undefined;
      if (found && (await this.#isMarked(found.note))) resolve(storedAs(unit, found.entered));
      else {
        this.#letGo(unit);
        reject(failureOf(cause));
      }
    }
  }

  #letGo = (unit: WaitingUnit): void => this.#store.discard(unit.map(({ id }) => id));

  #isMarked(note: string): Promise<boolean> {
    return this.#writeMark(note).then(
      () => true,
      () => false,
    );
  }
}
