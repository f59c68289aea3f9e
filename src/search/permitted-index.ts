/**
 * The index as somebody may know it: what he may not know of does not exist in it, whichever way a search takes: as a match, a step of a chain, what refers or is referred to, an inclusion, a count. So neither a
 * total nor an answer to a cunning question tells of it.
 */
import { everyOf, permitsEverything, type Predicate } from "./predicate.ts";
import type { FoundLink, Probe, ResourceSearch, Scope, Window } from "./resource-index.ts";
import type { ResourceNumber } from "./resource-number.ts";
import type { ResourceIdParts } from "./query/resource-id.ts";

/** What may be asked of an index. */
export interface AskedIndex extends ResourceSearch {
  /** The index with all that there is: who is whom is known of all. A merge counts for those too who may not read what the feed said of the person. */
  readonly whole?: ResourceSearch;
}

/** The same index where everything is permitted. */
export function permittedIndex(index: ResourceSearch, permitted: Predicate): AskedIndex {
  if (permitsEverything(permitted)) return index;
  const narrowed = (scope: Scope): Scope => ({ ...scope, permitted: everyOf(permitted, scope.permitted) });
  /** What was decided about once in this search. */
  const decided = new Map<ResourceNumber, boolean>();
  const known = async (numbers: readonly ResourceNumber[]): Promise<ReadonlySet<ResourceNumber>> => {
    const open = [...new Set(numbers)].filter((number) => !decided.has(number));
    if (open.length > 0) {
      const may = new Set((await index.resources(open, { permitted, isCurrent: false })).map(({ number }) => number));
      for (const number of open) decided.set(number, may.has(number));
    }
    return new Set(numbers.filter((number) => decided.get(number)));
  };
  const between = async (links: readonly FoundLink[]): Promise<FoundLink[]> => {
    const may = await known(links.flatMap(({ from, to }) => [from, to]));
    return links.filter(({ from, to }) => may.has(from) && may.has(to));
  };
  return {
    whole: index,
    find: (type: string, probe: Probe, window: Window, scope: Scope) => index.find(type, probe, window, narrowed(scope)),
    // Numbers come from the other questions alone, and what is counted here is told to nobody: it says by which criterion a search begins.
    among: (type: string, probe: Probe, numbers: readonly ResourceNumber[]) => index.among(type, probe, numbers),
    estimate: (type: string, probe: Probe, most: number) => index.estimate(type, probe, most),
    targets: async (type, name, numbers) => between(await index.targets(type, name, numbers)),
    referrers: async (type, name, numbers) => between(await index.referrers(type, name, numbers)),
    resources: (numbers: readonly ResourceNumber[], scope: Scope) => index.resources(numbers, narrowed(scope)),
    numbersOf: async (places: readonly ResourceIdParts[], type: string) => {
      const found = await index.numbersOf(places, type);
      const may = await known(found.filter((number) => number !== undefined));
      return found.map((number) => (number !== undefined && may.has(number) ? number : undefined));
    },
    bounds: (type: string, name: string, numbers: readonly ResourceNumber[]) => index.bounds(type, name, numbers),
    texts: (type: string, name: string, numbers: readonly ResourceNumber[]) => index.texts(type, name, numbers),
  };
}
