import type { ResourceSearch } from "../resource-index.ts";
import type { ResourceNumber } from "../resource-number.ts";
import { nameOf } from "../values/index-row.ts";
import type { SortKey } from "./search-query.ts";

/** A match with its type. */
export interface Match {
  readonly number: ResourceNumber;
  readonly type: string;
}

/**
 * Matches in the order of the sort keys (R4 search.html, sorting): of several values the one that comes first in that order counts; what has none stands last; what stands equal is newest first.
 *
 */
export async function sorted(matches: readonly Match[], keys: readonly SortKey[], index: Pick<ResourceSearch, "bounds">): Promise<Match[]> {
  const types = [...new Set(matches.map(({ type }) => type))];
  const values = await Promise.all(
    keys.map(async (key) => {
      const found = new Map<ResourceNumber, string | number>();
      // Receipt is in the order of numbers; an id is not, but stands for nothing else.
      if (ORDER_OF_RECEIPT.has(key.code)) for (const { number } of matches) found.set(number, number);
      else
        for (const type of types) {
          const numbers = matches.filter((match) => match.type === type).map(({ number }) => number);
          for (const { number, low, high } of await index.bounds(type, nameOf(key.code), numbers)) found.set(number, key.isDescending ? high : low);
        }
      return found;
    }),
  );
  return [...matches].sort((one, other) => {
    for (const [at, key] of keys.entries()) {
      const [left, right] = [values[at]?.get(one.number), values[at]?.get(other.number)];
      if (left === right) continue;
      if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
      const order = left < right ? -1 : 1;
      return key.isDescending ? -order : order;
    }
    return other.number - one.number;
  });
}

const ORDER_OF_RECEIPT: ReadonlySet<string> = new Set(["_lastUpdated", "_id"]);
