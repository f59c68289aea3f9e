import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { formatCheckpoint } from "../../core/crypto/checkpoint.ts";
import type { LogSigner } from "../../core/crypto/keys.ts";
import { rootOf } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import type { Sealed, Stored } from "../record.ts";
import type { DocumentStore, Twin } from "../store/document-store.ts";
import { nextCommit } from "./next-commit.ts";
import { CommitQueue, LEDGER_LIMITS, type LedgerLimits, type Waiting } from "./queue.ts";
import { verifiedSize } from "./tree-head.ts";

/** `stored`: in the log, durable. `twin`: the document's identifier was taken before; nothing was stored. */
export type Entered = { readonly kind: "stored"; readonly stored: Stored } | { readonly kind: "twin"; readonly twin: Twin };

type LedgerStore = Pick<DocumentStore, "checkpoint" | "nodes" | "commit" | "findTwins" | "read">;

/** Milliseconds that a batch waits at most before it tries again. */
const LONGEST_WAIT = 200;

/**
 * Enters sealed documents in the log, several with one commit: whoever arrives while a commit runs goes into the next. Only one commit runs at a time here;
 * against other processes the store's compare-and-swap decides.
 */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #signer: LogSigner;
  readonly #queue: CommitQueue<Entered>;
  readonly #attempts: number;
  /** The tree's size as we last saw it verified or committed it; undefined when somebody else may have moved it. */
  #size: number | undefined;
  /** The log never becomes shorter than this. */
  #leastSize: number;
  #running: Promise<void> | undefined;
  #isClosing = false;

  private constructor(store: LedgerStore, signer: LogSigner, { size, limits }: { readonly size: number; readonly limits: LedgerLimits }) {
    this.#store = store;
    this.#signer = signer;
    this.#size = size;
    this.#leastSize = size;
    this.#queue = new CommitQueue(limits);
    this.#attempts = limits.attempts;
  }

  /** Starts where the store's log ends. AppError `damaged` when that is not a tree under a checkpoint of ours. */
  static async open(store: LedgerStore, signer: LogSigner, limits: LedgerLimits = LEDGER_LIMITS): Promise<Ledger> {
    return new Ledger(store, signer, { size: await verifiedSize(store, signer), limits });
  }

  /**
   * Resolves once the document is durable, or its identifier is found to be taken.
   *
   * @throws AppError `unavailable` when it was not stored: too many wait, the ledger closes, or the store fails.
   */
  append(document: Sealed): Promise<Entered> {
    return new Promise((resolve, reject) => {
      if (this.#isClosing) throw new AppError("unavailable", "the repository is stopping and takes no more documents");
      this.#queue.push({ document, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** The newest checkpoint as a signed note; of a log without leaves too. */
  async checkpoint(): Promise<string> {
    const record = await this.#store.checkpoint();
    if (record) return record.note;
    const root = await rootOf(0, (places) => this.#store.nodes(places));
    return this.#signer.sign(formatCheckpoint({ origin: this.#signer.origin, size: 0, root }));
  }

  /** Finishes what was accepted, refuses the rest. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#queue.isEmpty) {
      // One turn of the event loop lets everybody who is ready by now come along.
      await nextTurn();
      const batch = this.#queue.take();
      try {
        await this.#enter(batch);
      } catch (cause) {
        await this.#settle(batch, cause);
      }
    }
    this.#running = undefined;
  }

  /** Commits a batch; every document of it is answered when this resolves. */
  async #enter(batch: readonly Waiting<Entered>[]): Promise<void> {
    let waiting = batch;
    for (let attempt = 0; attempt < this.#attempts; attempt++) {
      waiting = await this.#answerTwins(waiting);
      if (waiting.length === 0) return;
      const size = (this.#size ??= await this.#newSize());
      const documents = waiting.map((entry) => entry.document);
      const commit = await nextCommit(documents, size, this.#signer, (places) => this.#store.nodes(places));
      const result = await this.#store.commit(commit);
      if (result.kind === "committed") {
        this.#size = this.#leastSize = commit.checkpoint.size;
        commit.documents.forEach((stored, at) => waiting[at]?.resolve({ kind: "stored", stored }));
        return;
      }
      this.#size = undefined;
      if (result.kind === "behind") await sleep(Math.random() * Math.min(2 ** attempt, LONGEST_WAIT));
    }
    throw new AppError("unavailable", "other writers were quicker too often; try again");
  }

  /** The size to which somebody else may have brought the log. */
  async #newSize(): Promise<number> {
    const size = await verifiedSize(this.#store, this.#signer);
    if (size < this.#leastSize) throw new AppError("damaged", `the log has ${size} leaves and had ${this.#leastSize}: an older copy took its place`);
    this.#leastSize = size;
    return size;
  }

  /** Answers those whose identifier is taken; gives the others. */
  async #answerTwins(waiting: readonly Waiting<Entered>[]): Promise<readonly Waiting<Entered>[]> {
    const twins = await this.#store.findTwins(waiting.map((entry) => entry.document.identityKey));
    return waiting.filter(({ document, resolve }) => {
      const twin = twins.get(document.identityKey);
      if (twin) resolve({ kind: "twin", twin });
      return !twin;
    });
  }

  /**
   * After a failure it may be unknown whether the commit took place (a connection that broke while it ran). What is found stored under its own id was;
   * everything else is refused with the failure.
   */
  async #settle(batch: readonly Waiting<Entered>[], cause: unknown): Promise<void> {
    this.#size = undefined;
    for (const { document, resolve, reject } of batch) {
      const stored = await this.#store.read(document.id).catch(() => undefined);
      if (stored !== undefined && stored !== "gone") resolve({ kind: "stored", stored });
      else reject(cause instanceof AppError ? cause : new AppError("internal", "the document could not be entered in the log", { cause }));
    }
  }
}
