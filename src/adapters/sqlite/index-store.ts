import type { IndexBeside, IndexedDocument, IndexPort, Related } from "../../search/index-port.ts";
import type { Predicate } from "../../search/predicate.ts";
import type { FoundLink, FoundResource, FoundText, Probe, ResourceBounds, Scope, SearchLane, Window } from "../../search/resource-index.ts";
import type { ResourceIdParts } from "../../search/query/resource-id.ts";
import type { ResourceNumber } from "../../search/resource-number.ts";
import type { Database } from "./database.ts";
import type { IndexFile } from "./index-file.ts";
import { addGeneration, currentGeneration, displaced, dropLeftovers, positionOf, removeGeneration, replaceCurrent } from "./index-generations.ts";
import { SqliteIndexPart, type OnTables } from "./index-part.ts";
import { documentsById, newestDocuments, relatedDocuments, searchDocuments } from "./index-questions.ts";
import { tablesOf } from "./index-schema.ts";
import { ResourceQuestions } from "./resource-questions.ts";

/** The port IndexPort on an SQLite file of its own. Several processes may have it open. */
export class SqliteIndex extends SqliteIndexPart implements IndexPort {
  readonly #file: IndexFile;
  readonly #longest: number;
  #cost = 0;

  /** @param longest how many milliseconds of a processor a question about resources may take */
  constructor(file: IndexFile, longest = Infinity) {
    super(onCurrent(file), file.tag);
    this.#file = file;
    this.#longest = longest;
  }

  newest(count: number, permitted: Predicate, before?: { readonly receivedAt: string; readonly from: number }): Promise<IndexedDocument[]> {
    return this.on((database, tables) => newestDocuments(database, tables, { count, permitted, before }));
  }

  search(terms: readonly string[], count: number, permitted: Predicate): Promise<IndexedDocument[]> {
    return this.on((database, tables) => searchDocuments(database, tables, { terms, count, permitted }));
  }

  documents(ids: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.on((database, tables) => documentsById(database, tables, ids, permitted));
  }

  related(ids: readonly string[], permitted: Predicate): Promise<Related[]> {
    return this.on((database, tables, generation) => {
      const { size } = positionOf(database, generation);
      return ids.map((id) => ({ size, ...relatedDocuments(database, tables, id, permitted) }));
    });
  }

  find(type: string, probe: Probe, window: Window, scope: Scope): Promise<ResourceNumber[]> {
    return this.#ask((questions) => questions.find(type, probe, window, scope));
  }

  among(type: string, probe: Probe, numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]> {
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.among(type, probe, numbers));
  }

  estimate(type: string, probe: Probe, most: number): Promise<number> {
    return this.#ask((questions) => questions.estimate(type, probe, most));
  }

  targets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    return this.#ask((questions) => questions.targets(type, name, numbers));
  }

  referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    return this.#ask((questions) => questions.referrers(type, name, numbers));
  }

  resources(numbers: readonly ResourceNumber[], scope: Scope): Promise<FoundResource[]> {
    return this.#ask((questions) => questions.resources(numbers, scope));
  }

  numbersOf(places: readonly ResourceIdParts[], type: string): Promise<(ResourceNumber | undefined)[]> {
    return this.#ask((questions) => questions.numbersOf(places, type));
  }

  bounds(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<ResourceBounds[]> {
    return this.#ask((questions) => questions.bounds(type, name, numbers));
  }

  texts(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<FoundText[]> {
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.texts(type, name, numbers));
  }

  #ask<Answer>(question: (questions: ResourceQuestions) => Answer): Promise<Answer> {
    return this.on((database, tables) => {
      try {
        return database.within(this.#longest, () => question(new ResourceQuestions(database, tables)));
      } finally {
        this.#cost = database.cost;
      }
    });
  }

  lane(longest: number): SearchLane {
    const index = new SqliteIndex(this.#file, longest);
    return { index, width: 1, cost: () => index.cost };
  }

  /** Milliseconds of a processor that the question about resources cost which was over last. */
  get cost(): number {
    return this.#cost;
  }

  clear(): Promise<void> {
    return this.#file.use((database) => database.transaction(() => replaceCurrent(database)));
  }

  async beside(): Promise<IndexBeside> {
    const number = await this.#file.use((database) =>
      database.transaction(() => {
        dropLeftovers(database);
        return addGeneration(database, false);
      }),
    );
    return new SqliteIndexBeside(this.#file, number);
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

class SqliteIndexBeside extends SqliteIndexPart implements IndexBeside {
  readonly #file: IndexFile;
  readonly #number: number;

  constructor(file: IndexFile, number: number) {
    super((work) => file.use((database) => ifThere(database, number, () => work(database, tablesOf(number), number))), file.tag);
    this.#file = file;
    this.#number = number;
  }

  takeOver(): Promise<"taken-over" | "behind"> {
    const number = this.#number;
    return this.#file.use((database) =>
      database.transaction(() => {
        const { size } = positionOf(database, number);
        const current = currentGeneration(database);
        if (positionOf(database, current).size > size) return "behind";
        removeGeneration(database, current);
        database.run("UPDATE generations SET is_current = 1 WHERE number = ?", number);
        return "taken-over";
      }),
    );
  }

  abandon(): Promise<void> {
    const number = this.#number;
    return this.#file.use((database) =>
      database.transaction(() => {
        if (database.get("SELECT 1 FROM generations WHERE number = ? AND is_current = 0", number)) removeGeneration(database, number);
      }),
    );
  }
}

function ifThere<Result>(database: Database, number: number, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (database.get("SELECT 1 FROM generations WHERE number = ?", number) === undefined) throw displaced();
    throw cause;
  }
}

/** Work on the current generation; when another process puts one in its place in the middle of it, the work is done again. */
function onCurrent(file: IndexFile): OnTables {
  return (work) =>
    file.use((database) => {
      for (;;) {
        const number = currentGeneration(database);
        try {
          return work(database, tablesOf(number), number);
        } catch (cause) {
          if (currentGeneration(database) === number) throw cause;
        }
      }
    });
}
