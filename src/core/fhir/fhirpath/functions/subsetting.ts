import { distinct, keyOf, keySets } from "../equality.ts";
import { EMPTY, type Collection, type Item } from "../item.ts";
import { fromItem, fromItems, single, type Evaluation, type Operation } from "../operation.ts";
import { systemValue } from "../values.ts";
import { FhirPathError } from "../errors.ts";
import { define, type FunctionTable } from "./definition.ts";

/** FHIRPath, subsetting and combining. */
export const SUBSETTING: FunctionTable = {
  single: define(0, 0, ({ source }) => fromItem((evaluation) => single(source.items(evaluation), "single()"))),
  first: define(0, 0, ({ source }) => fromItems((evaluation) => firstOf(source.items(evaluation)), source.some)),
  last: define(0, 0, ({ source }) => fromItems((evaluation) => source.items(evaluation).slice(-1), source.some)),
  tail: define(0, 0, ({ source }) => fromItems((evaluation) => source.items(evaluation).slice(1))),
  skip: define(1, 1, ({ source, args }) =>
    fromItems((evaluation) => source.items(evaluation).slice(Math.max(0, integerOf(evaluation, args[0]) ?? 0))),
  ),
  take: define(1, 1, ({ source, args }) =>
    fromItems((evaluation) => source.items(evaluation).slice(0, Math.max(0, integerOf(evaluation, args[0]) ?? 0))),
  ),
  intersect: define(1, 1, ({ source, args }) => {
    const keysOf = keySets();
    return fromItems((evaluation) => {
      const items = source.items(evaluation);
      if (items.length === 0) return EMPTY;
      const keys = keysOf(args[0]?.items(evaluation) ?? EMPTY);
      return distinct(items.filter((item) => keys.has(keyOf(item))));
    });
  }),
  exclude: define(1, 1, ({ source, args }) => {
    const keysOf = keySets();
    return fromItems((evaluation) => {
      const keys = keysOf(args[0]?.items(evaluation) ?? EMPTY);
      return source.items(evaluation).filter((item) => !keys.has(keyOf(item)));
    });
  }),
  union: define(1, 1, ({ source, args }) => union(source, args[0] as Operation)),
  combine: define(1, 1, ({ source, args }) => fromItems((evaluation) => [...source.items(evaluation), ...(args[0]?.items(evaluation) ?? EMPTY)])),
};

/** `|`: what is in either, each once. */
export function union(left: Operation, right: Operation): Operation {
  return fromItems(
    (evaluation) => {
      const [first, second] = [left.items(evaluation), right.items(evaluation)];
      return distinct(first.length === 0 ? second : second.length === 0 ? first : [...first, ...second]);
    },
    (evaluation) => left.some(evaluation) || right.some(evaluation),
  );
}

/** `[ ]`: the item at a place, from 0. */
export function itemAt(source: Operation, index: Operation): Operation {
  return fromItem((evaluation) => {
    const at = integerOf(evaluation, index);
    return at === undefined || at < 0 ? undefined : source.items(evaluation)[at];
  });
}

function firstOf(items: Collection): Collection {
  return items.length > 1 ? [items[0] as Item] : items;
}

/** An argument that is an Integer; undefined when it is empty. */
export function integerOf(evaluation: Evaluation, argument: Operation | undefined): number | undefined {
  const item = argument && single(argument.items(evaluation), "An argument");
  if (item === undefined) return undefined;
  const value = systemValue(item);
  if (typeof value !== "number") throw new FhirPathError("An argument must be an Integer.");
  return value;
}
