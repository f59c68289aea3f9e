import type { AnyBulkWriteOperation } from "mongodb";
import type { NewDocument } from "../../search/index-port.ts";
import { areDuplicates } from "./failure.ts";
import { documentsAt } from "./index-questions.ts";
import { rowsOf, type IndexRow } from "./index-rows.ts";
import type { IndexStates } from "./index-state.ts";
import { putResources, removeLoose } from "./resource-step.ts";

/** What is known to lie at a place. */
interface Laid {
  readonly generation: number;
  /** Whether all of it is there. */
  readonly isThere: Promise<boolean>;
  /** Another process laid it, and its rows are not at hand. */
  readonly isOfOthers: boolean;
}

/**
 * Rows that lie ready before a step takes them in. They follow from the document and its place alone, so each process lays those of its own documents at once, whoever's turn it is. A document's row comes
 * last: where it is, all of the document is there. Nothing that lies there is ever replaced by this: whoever comes late, or was asleep, brings nothing back.
 */
export class LaidAhead {
  readonly #states: IndexStates;
  readonly #places = new Map<number, Laid>();

  constructor(states: IndexStates) {
    this.#states = states;
  }

  async lay(documents: readonly NewDocument[], generation: number): Promise<void> {
    const laying = this.#lay(documents, generation);
    const isThere = laying.then(
      () => true,
      () => false,
    );
    for (const { from } of documents) this.#places.set(from, { generation, isThere, isOfOthers: false });
    await laying;
  }

  /** What lies there by whomever; a step may take it in. */
  async read({ from, to }: { readonly from: number; readonly to: number }, generation: number): Promise<NewDocument[]> {
    const found = await this.#states.connection.ask((session) => documentsAt({ from, to }, { rows: this.#states.rows, session, generation }));
    for (const document of found)
      if (!this.#places.has(document.from)) this.#places.set(document.from, { generation, isThere: Promise.resolve(true), isOfOthers: true });
    return found.map((document) => ({ ...document, terms: [], header: [] }));
  }

  /** The places of documents that lie in a generation; `elsewhere` when one does not of which only others have the rows. */
  async among(documents: readonly NewDocument[], generation: number): Promise<ReadonlySet<number> | "elsewhere"> {
    const there = new Set<number>();
    for (const { from } of documents) {
      const laid = this.#places.get(from);
      if (laid?.generation === generation && (await laid.isThere)) there.add(from);
      else if (laid) {
        this.#places.delete(from);
        if (laid.isOfOthers) return "elsewhere";
      }
    }
    return there;
  }

  /** What lies below was taken in. */
  forgetBelow(size: number): void {
    for (const from of this.#places.keys()) if (from < size) this.#places.delete(from);
  }

  async #lay(documents: readonly NewDocument[], generation: number): Promise<void> {
    const rows = documents.flatMap((document) => rowsOf(document, generation, document.from + 1));
    const headers = documents.map(({ from: position, header }) => ({ position, resources: header }));
    const parts = rows.filter(({ bytes }) => bytes !== undefined);
    await Promise.all([this.#insert(parts), putResources(this.#states, headers, generation)]);
    const inserted = await this.#insert(rows.filter(({ bytes }) => bytes === undefined));
    // Somebody else was here before: a document may have been taken in since, and removed.
    if (inserted < documents.length)
      await removeLoose(
        this.#states,
        documents.map(({ from }) => from),
        generation,
      );
  }

  /** Inserts those that are not there; gives how many were not. */
  async #insert(rows: readonly IndexRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    const writes = rows.map((row): AnyBulkWriteOperation<IndexRow> => ({
      updateOne: { filter: { _id: row._id }, update: { $setOnInsert: row }, upsert: true },
    }));
    return this.#states.connection.ask(async (session) => {
      try {
        return (await this.#states.rows.bulkWrite(writes, { session, ordered: false })).upsertedCount;
      } catch (cause) {
        // Two at once: of each row there is one.
        if (!areDuplicates(cause)) throw cause;
        return 0;
      }
    });
  }
}
