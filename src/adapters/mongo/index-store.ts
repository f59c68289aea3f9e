import { AppError } from "../../core/errors.ts";
import type { IndexBeside, IndexedDocument, IndexPort, Related } from "../../search/index-port.ts";
import { PERMIT_ALL, type Predicate } from "../../search/predicate.ts";
import type { FoundLink, FoundResource, FoundText, Probe, ResourceBounds, Scope, SearchLane, Window } from "../../search/resource-index.ts";
import type { ResourceIdParts } from "../../search/query/resource-id.ts";
import type { ResourceNumber } from "../../search/resource-number.ts";
import { ResourceQuestions } from "./resource-questions.ts";
import { MongoIndexPart, type ShelfChoice } from "./index-part.ts";
import { documentsById, newestDocuments, relatedDocuments, searchDocuments } from "./index-questions.ts";
import type { IndexStates } from "./index-state.ts";

/** Questions of one lane that the server is asked at once. */
const AT_ONCE = 8;

const CURRENT: ShelfChoice = {
  of: ({ generation, size, mark, depth }) => ({ generation, size, mark, depth }),
  is: ({ generation, size }) => ({ generation, size }),
  moves: (to) => ({ $set: to }),
  moved: (state, to) => ({ ...state, ...to }),
  stands: ({ generation, depth }) => ({ generation, depth }),
  deepens: (depth) => ({ $set: { depth } }),
};

/** The port IndexPort on MongoDB. All instances of one database share it. */
export class MongoIndex extends MongoIndexPart implements IndexPort {
  constructor(states: IndexStates) {
    super(states, CURRENT);
  }

  newest(count: number, permitted: Predicate, before?: { readonly receivedAt: string; readonly from: number }): Promise<IndexedDocument[]> {
    return this.question(permitted, (asked) => newestDocuments(asked, count, before));
  }

  search(terms: readonly string[], count: number, permitted: Predicate): Promise<IndexedDocument[]> {
    return this.question(permitted, (asked) => searchDocuments(asked, terms, count));
  }

  documents(ids: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.question(permitted, (asked) => documentsById(asked, ids));
  }

  related(ids: readonly string[], permitted: Predicate): Promise<Related[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.question(permitted, (asked) => relatedDocuments(asked, ids));
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
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.targets(type, name, numbers));
  }

  referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.referrers(type, name, numbers));
  }

  resources(numbers: readonly ResourceNumber[], scope: Scope): Promise<FoundResource[]> {
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.resources(numbers, scope));
  }

  numbersOf(places: readonly ResourceIdParts[], type: string): Promise<(ResourceNumber | undefined)[]> {
    return places.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.numbersOf(places, type));
  }

  bounds(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<ResourceBounds[]> {
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.bounds(type, name, numbers));
  }

  texts(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<FoundText[]> {
    return numbers.length === 0 ? Promise.resolve([]) : this.#ask((questions) => questions.texts(type, name, numbers));
  }

  #ask<Answer>(work: (questions: ResourceQuestions) => Promise<Answer>): Promise<Answer> {
    return this.question(PERMIT_ALL, ({ rows, session, shelf }) =>
      work(new ResourceQuestions({ db: this.states.connection.db, documents: rows, rows: this.states.resources, session, shelf })),
    );
  }

  /** The server works for all at once, and ends nothing before its time. */
  lane(): SearchLane {
    return { index: this, width: AT_ONCE };
  }

  async clear(): Promise<void> {
    while (!(await this.states.replaceCurrent()));
    await this.states.sweep();
  }

  async beside(): Promise<IndexBeside> {
    const number = await this.states.begin();
    await this.states.sweep();
    return new MongoIndexBeside(this.states, number);
  }

  close(): Promise<void> {
    this.states.close();
    return Promise.resolve();
  }
}

class MongoIndexBeside extends MongoIndexPart implements IndexBeside {
  readonly #number: number;

  constructor(states: IndexStates, number: number) {
    super(states, besides(number));
    this.#number = number;
  }

  async takeOver(): Promise<"taken-over" | "behind"> {
    const { generation, size, mark, depth } = await this.shelf();
    // One change: for everybody at once.
    const isDone = await this.states.change(
      { tag: this.states.tag, "beside.generation": generation, "beside.size": size, "beside.depth": depth, size: { $lte: size } },
      { $set: { generation, size, mark, depth }, $unset: { beside: "" } },
    );
    if (!isDone) {
      await this.shelf();
      return "behind";
    }
    await this.states.sweep();
    return "taken-over";
  }

  async abandon(): Promise<void> {
    await this.states.change({ "beside.generation": this.#number }, { $unset: { beside: "" } });
    await this.states.sweep();
  }
}

/** The shelf of a number, as long as it stands beside the current one. */
function besides(number: number): ShelfChoice {
  return {
    of: ({ beside }) => {
      if (beside?.generation !== number) throw new AppError("conflict", "somebody else began to make the index anew");
      return beside;
    },
    is: ({ generation, size }) => ({ "beside.generation": generation, "beside.size": size }),
    moved: (state, to) => ({ ...state, ...(state.beside && { beside: { ...state.beside, ...to } }) }),
    moves: ({ size, mark }) => ({ $set: { "beside.size": size, "beside.mark": mark } }),
    stands: ({ generation, depth }) => ({ "beside.generation": generation, "beside.depth": depth }),
    deepens: (depth) => ({ $set: { "beside.depth": depth } }),
  };
}
