/**
 * Who asks the index next. Searches cost it very different times, and what one of them will cost nobody knows before. So all begin in a lane for short questions, in which the engine gives up whatever takes
 * longer: it is asked anew in the next lane, where other searches are that have cost as much. The engine works for all lanes at once, so that a short question never waits for a long one; within a lane whoever has
 * had least goes first.
 */
import { AppError } from "../../core/errors.ts";
import { FairTurns } from "../../core/fair-turns.ts";
import type { ResourceSearch, SearchLane } from "../resource-index.ts";
import type { Effort } from "./effort.ts";
import { MOST_EFFORT } from "./effort.ts";

/** `longest`: of a question. `until`: what a search may have cost before it asks in the next lane. In milliseconds. */
const LANES = [
  { longest: 25, until: 150 },
  { longest: 500, until: 2_000 },
  { longest: MOST_EFFORT, until: Infinity },
] as const;

/** How long a question waits for others, in milliseconds. */
const PATIENCE = 30_000;

interface Lane extends Pick<SearchLane, "index" | "cost"> {
  readonly turns: FairTurns;
  readonly until: number;
}

export class SearchLanes {
  readonly #lanes: readonly Lane[];

  /** @param open gives the way to the engine for questions that may take so many milliseconds */
  constructor(open: (longest: number) => SearchLane) {
    this.#lanes = LANES.map(({ longest, until }) => {
      const { width, ...lane } = open(longest);
      return { ...lane, turns: new FairTurns({ width, patience: PATIENCE }), until };
    });
  }

  /** The questions of one search, each in its turn. */
  of(effort: Effort): ResourceSearch {
    const ask = <Answer>(question: (index: ResourceSearch) => Promise<Answer>): Promise<Answer> => this.#ask(effort, question);
    return {
      find: (...given) => ask((index) => index.find(...given)),
      among: (...given) => ask((index) => index.among(...given)),
      estimate: (...given) => ask((index) => index.estimate(...given)),
      targets: (...given) => ask((index) => index.targets(...given)),
      referrers: (...given) => ask((index) => index.referrers(...given)),
      resources: (numbers, scope) => (numbers.length === 0 ? Promise.resolve([]) : ask((index) => index.resources(numbers, scope))),
      numbersOf: (...given) => ask((index) => index.numbersOf(...given)),
      bounds: (...given) => ask((index) => index.bounds(...given)),
      texts: (...given) => ask((index) => index.texts(...given)),
    };
  }

  async #ask<Answer>(effort: Effort, question: (index: ResourceSearch) => Promise<Answer>): Promise<Answer> {
    const first = this.#lanes.findIndex(({ until }) => effort.spent < until);
    for (const { index, turns, cost } of this.#lanes.slice(first, -1))
      try {
        return await turns.take(effort, () => question(index), cost);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "too-costly") throw error;
      }
    effort.check();
    const last = this.#lanes.at(-1);
    if (!last) throw new AppError("internal", "there is a lane for every search");
    return last.turns.take(effort, () => question(last.index), last.cost);
  }
}
