import type { Indexer } from "./indexer.ts";
import type { IndexedDocument, IndexPort, Related } from "./index-port.ts";
import type { Predicate } from "./predicate.ts";

/** What a question found, and how much of the log it could not ask: 0 but while the index is made anew. */
export interface Found {
  readonly documents: readonly IndexedDocument[];
  /** Entries that the index has not taken in. */
  readonly missing: number;
}

/** `isComplete`: the index has the document, and has taken in all of the log that was wanted. */
export interface FoundRelated extends Omit<Related, "size"> {
  readonly isComplete: boolean;
}

/** Where a page of a list goes on: behind a document of this time of receipt and place. */
export interface ListPosition {
  readonly receivedAt: string;
  readonly from: number;
}

/** How long a question waits for an index that is behind, in milliseconds. Others' commits are taken in much faster. */
const PATIENCE = 1_000;

/** Asks the index, which it first brings up to the log: whoever asks after a deposit finds it, whichever process took it. */
export class Finder {
  readonly #index: IndexPort;
  readonly #indexer: Pick<Indexer, "reach">;
  readonly #onFault: (error: unknown) => void;

  constructor(index: IndexPort, indexer: Pick<Indexer, "reach">, onFault: (error: unknown) => void) {
    this.#index = index;
    this.#indexer = indexer;
    this.#onFault = onFault;
  }

  /** The newest documents by time of receipt. */
  async newest(count: number, permitted: Predicate, before?: ListPosition): Promise<Found> {
    const missing = await this.#indexer.reach(undefined, PATIENCE);
    return { missing, documents: await this.#index.newest(count, permitted, before) };
  }

  /** Documents in which every term (`searchTerms`) begins a word; the newest first. */
  async search(terms: readonly string[], count: number, permitted: Predicate): Promise<Found> {
    const missing = await this.#indexer.reach(undefined, PATIENCE);
    return { missing, documents: await this.#index.search(terms, count, permitted) };
  }

  /**
   * A document among those that it names or that name it, as far as the index knows. Never fails: a document is shown without, and says so.
   *
   * @param size of the log to which the index is brought first, asked for at the same time: an index that is there already, which is the rule, is waited for once
   */
  async related(id: string, permitted: Predicate, size: Promise<number>): Promise<FoundRelated> {
    try {
      const [wanted, found] = await Promise.all([size, this.#index.related(id, permitted)]);
      if (found.size >= wanted) return { ...found, isComplete: found.document !== undefined };
      await this.#indexer.reach(wanted, PATIENCE);
      const later = await this.#index.related(id, permitted);
      return { ...later, isComplete: later.document !== undefined && later.size >= wanted };
    } catch (error) {
      this.#onFault(error);
      return { document: undefined, claimants: [], versions: [], targets: [], isComplete: false };
    }
  }

  /** What the index has of a document; undefined when it has nothing, or cannot be asked. */
  async document(id: string, permitted: Predicate): Promise<IndexedDocument | undefined> {
    try {
      return await this.#index.document(id, permitted);
    } catch (error) {
      this.#onFault(error);
      return undefined;
    }
  }
}
