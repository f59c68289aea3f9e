import { AppError } from "../../core/errors.ts";
import type { IndexBeside, IndexedDocument, IndexPort } from "../../search/index-port.ts";
import type { Predicate } from "../../search/predicate.ts";
import { MongoIndexPart, type ShelfChoice } from "./index-part.ts";
import { newestDocuments, searchDocuments } from "./index-questions.ts";
import type { IndexStates } from "./index-state.ts";

const CURRENT: ShelfChoice = {
  of: ({ generation, size, mark }) => ({ generation, size, mark }),
  is: ({ generation, size }) => ({ generation, size }),
  moves: (to) => ({ $set: to }),
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
    const { generation, size, mark } = await this.shelf();
    // One change: for everybody at once.
    const isDone = await this.states.change(
      { tag: this.states.tag, "beside.generation": generation, "beside.size": size, size: { $lte: size } },
      { $set: { generation, size, mark }, $unset: { beside: "" } },
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
    moves: ({ size, mark }) => ({ $set: { "beside.size": size, "beside.mark": mark } }),
  };
}
