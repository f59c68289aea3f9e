/** What a resource must have to satisfy a criterion: by one of these words whoever wants it is found. */
import type { Criterion, RowTest } from "../search/query/criterion.ts";

/** A word that a resource has or has not. */
export interface NeededWord {
  /**
   * `word`: a row of the name has this text. `system`: a token of this system. `start`: one that begins so; `text`: a word of its texts that does. `target`: it refers by the name to what has this id. `present`: it has a row of the name. `id`: it has this id
   * itself.
   */
  readonly kind: "word" | "system" | "start" | "text" | "target" | "present" | "id";
  readonly name: string;
  readonly value: string;
}

/** What stands for no system. */
export const NO_SYSTEM = "";

/** What each alternative costs: about how many resources have such a word. */
export type CostOf = (word: NeededWord) => number;

/**
 * Words of which it must have one at least, the cheapest such list that there is; undefined when there is none, as of what must not be. Of nothing that could be satisfied the list is empty.
 */
export function neededWords(criterion: Criterion, costOf: CostOf): readonly NeededWord[] | undefined {
  switch (criterion.kind) {
    case "row":
      return criterion.anyOf.map(wordOf);
    case "text":
      return criterion.names.map((name) => ({ kind: "text", name, value: criterion.value }));
    case "present":
      return [{ kind: "present", name: criterion.name, value: "" }];
    case "together":
      return cheapest(
        criterion.components.map((tests) => tests.map(wordOf)),
        costOf,
      );
    case "refers-to":
      return [{ kind: "target", name: criterion.name, value: criterion.id }];
    case "id":
      return criterion.ids.map((id) => ({ kind: "id", name: "", value: id }));
    case "every":
      return cheapest(
        criterion.of.map((one) => neededWords(one, costOf)),
        costOf,
      );
    case "some": {
      const all = criterion.of.map((one) => neededWords(one, costOf));
      const known = all.filter((words) => words !== undefined);
      return known.length === all.length ? known.flat() : undefined;
    }
    default:
      return undefined;
  }
}

/** All words that stand in it, whichever of them it is filed under. */
export function wordsIn(criterion: Criterion): readonly NeededWord[] {
  switch (criterion.kind) {
    case "every":
    case "some":
      return criterion.of.flatMap(wordsIn);
    case "together":
      return criterion.components.flat<readonly (readonly RowTest[])[]>().map(wordOf);
    default:
      return neededWords(criterion, () => 0) ?? [];
  }
}

function wordOf(test: RowTest): NeededWord {
  const { name } = test;
  if (test.kind === "span") return { kind: "present", name, value: "" };
  const { value, match, system } = test;
  if (value === undefined) return system === undefined ? { kind: "present", name, value: "" } : { kind: "system", name, value: system ?? NO_SYSTEM };
  return match === "anywhere" ? { kind: "present", name, value: "" } : { kind: match === "whole" ? "word" : "start", name, value };
}

function cheapest(all: readonly (readonly NeededWord[] | undefined)[], costOf: CostOf): readonly NeededWord[] | undefined {
  let [best, least]: [readonly NeededWord[] | undefined, number] = [undefined, Infinity];
  for (const words of all) {
    if (words === undefined) continue;
    const cost = words.reduce((sum, word) => sum + costOf(word), 0);
    if (cost < least) [best, least] = [words, cost];
  }
  return best;
}
