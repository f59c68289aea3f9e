import type { Probe, ResourceSearch, Scope, Window } from "../resource-index.ts";
import type { ResourceNumber } from "../resource-number.ts";

/** Longer answers are not kept: they are of walks through much of the index. */
const LONGEST = 1_024;

/**
 * Questions of one search that are asked of the index once, however often they come up: a compartment asks by each parameter of each type for what refers to the same person. Whether what they
 * found may be seen is asked anew each time.
 */
export class RememberedQuestions {
  readonly #index: Pick<ResourceSearch, "estimate" | "find">;
  readonly #estimates = new Map<string, Promise<number>>();
  readonly #found = new Map<string, Promise<ResourceNumber[]>>();

  constructor(index: Pick<ResourceSearch, "estimate" | "find">) {
    this.#index = index;
  }

  /** As ResourceSearch.estimate. */
  estimate(type: string, probe: Probe, most: number): Promise<number> {
    return remembered(this.#estimates, [type, probe, most], () => this.#index.estimate(type, probe, most));
  }

  /** As ResourceSearch.find, for a scope that is the same in the whole search. */
  find(type: string, probe: Probe, window: Window, scope: Scope): Promise<ResourceNumber[]> {
    if (window.count > LONGEST) return this.#index.find(type, probe, window, scope);
    return remembered(this.#found, [type, probe, String(window.below), window.count], () => this.#index.find(type, probe, window, scope));
  }
}

function remembered<Answer>(known: Map<string, Promise<Answer>>, question: readonly unknown[], ask: () => Promise<Answer>): Promise<Answer> {
  const key = JSON.stringify(question);
  const answer = known.get(key) ?? ask();
  known.set(key, answer);
  return answer;
}
