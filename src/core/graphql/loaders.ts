import DataLoader from "dataloader";
import { GRAPH_LIMITS } from "./limits.ts";
import type { Edge, GraphQLSource, Held, ReverseSearch } from "./source.ts";

/** What one query asks of its source: whatever is wanted at the same time is asked for at once, and nothing twice. */
export interface Loaders {
  readonly source: GraphQLSource;
  read(type: string, id: string): Promise<Held | undefined>;
  follow(edge: Edge): Promise<Held | undefined>;
  referring(search: ReverseSearch, to: Held): Promise<readonly Held[]>;
}

/** In one question. */
const TOGETHER = GRAPH_LIMITS.matches;

export function createLoaders(source: GraphQLSource): Loaders {
  const reads = new DataLoader<{ readonly type: string; readonly id: string }, Held | undefined, string>(
    async (wanted) => [...(await source.read(wanted))],
    {
      cacheKeyFn: ({ type, id }) => `${type}/${id}`,
      maxBatchSize: TOGETHER,
    },
  );
  const bases = new Map<Held, number>();
  const edges = new DataLoader<Edge, Held | undefined, string>(async (wanted) => [...(await source.follow(wanted))], {
    // What a reference leads to depends on where it stands.
    cacheKeyFn: ({ reference, from }) => `${numberOf(from, bases)} ${reference}`,
    maxBatchSize: TOGETHER,
  });
  const reverse = new Map<string, DataLoader<Held, readonly Held[]>>();
  return {
    source,
    read: (type, id) => reads.load({ type, id }),
    follow: (edge) => edges.load(edge),
    referring: (search, to) => {
      const key = JSON.stringify(search);
      const known =
        reverse.get(key) ??
        new DataLoader<Held, readonly Held[]>(async (all) => [...(await source.referring(search, all))], { maxBatchSize: TOGETHER });
      reverse.set(key, known);
      return known.load(to);
    },
  };
}

function numberOf(held: Held, numbers: Map<Held, number>): number {
  const number = numbers.get(held) ?? numbers.size;
  numbers.set(held, number);
  return number;
}
