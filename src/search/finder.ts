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
   * Documents among those that they name or that name them, in the order of `ids`, as far as the index knows. Never fails: a document is shown without, and says so.
   *
   * @param size of the log to which the index is brought first, asked for at the same time: an index that is there already, which is the rule, is waited for once
   */
  async related(ids: readonly string[], permitted: Predicate, size: Promise<number>): Promise<FoundRelated[]> {
    try {
      const [wanted, found] = await Promise.all([size, this.#index.related(ids, permitted)]);
      if (found.every((one) => one.size >= wanted)) return found.map((one) => ({ ...one, isComplete: one.document !== undefined }));
      await this.#indexer.reach(wanted, PATIENCE);
      const later = await this.#index.related(ids, permitted);
      return later.map((one) => ({ ...one, isComplete: one.document !== undefined && one.size >= wanted }));
    } catch (error) {
      this.#onFault(error);
      return ids.map(() => ({ document: undefined, claimants: [], versions: [], targets: [], isComplete: false }));
    }
  }

  /** Documents that have one of the keys among their own: what claims upon these keys may mean. Never fails. */
  async named(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    try {
      await this.#indexer.reach(undefined, PATIENCE);
      return await this.#index.named(keys, permitted);
    } catch (error) {
      this.#onFault(error);
      return [];
    }
  }

  /** What the index has of documents, by their ids; of some, or of all when it cannot be asked, it has nothing. */
  async documents(ids: readonly string[], permitted: Predicate): Promise<Map<string, IndexedDocument>> {
    try {
      const found = ids.length === 0 ? [] : await this.#index.documents([...new Set(ids)], permitted);
      return new Map(found.map((document) => [document.summary.id, document]));
    } catch (error) {
      this.#onFault(error);
      return new Map();
    }
  }
}
