import type { KnownRelations } from "../pipeline/present.ts";
import type { Indexer } from "./indexer.ts";
import type { IndexedDocument, IndexPort } from "./index-port.ts";
import type { Predicate } from "./predicate.ts";
import { relationsOf } from "./supersession.ts";

/** What a question found, and how much of the log it could not ask: 0 but while the index is made anew. */
export interface Found {
  readonly documents: readonly IndexedDocument[];
  /** Entries that the index has not taken in. */
  readonly missing: number;
}

/** Where a page of a list goes on: behind a document of this time of receipt and place. */
export interface Place {
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
  async newest(count: number, permitted: Predicate, before?: Place): Promise<Found> {
    const missing = await this.#indexer.reach(undefined, PATIENCE);
    return { missing, documents: await this.#index.newest(count, permitted, before) };
  }

  /** Documents in which every term (`searchTerms`) begins a word; the newest first. */
  async search(terms: readonly string[], count: number, permitted: Predicate): Promise<Found> {
    const missing = await this.#indexer.reach(undefined, PATIENCE);
    return { missing, documents: await this.#index.search(terms, count, permitted) };
  }

  /**
   * What other documents say of this one, and it of them, as far as the index knows. Never fails: a document is shown without, and says so.
   *
   * @param size of the log to which the index is brought first; all that there is by default
   */
  async relations(id: string, permitted: Predicate, size?: number): Promise<KnownRelations> {
    try {
      const missing = await this.#indexer.reach(size, PATIENCE);
      const document = await this.#index.document(id, permitted);
      if (!document) return { relations: [], isComplete: false };
      return { relations: await relationsOf(document, this.#index, permitted), isComplete: missing === 0 };
    } catch (error) {
      this.#onFault(error);
      return { relations: [], isComplete: false };
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
