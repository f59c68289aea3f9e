import { distinct, keyOf, keySets } from "../equality.ts";
import { EMPTY, type Collection, type Item } from "../item.ts";
import { fromItem, fromItems, single, type Frame, type Operation } from "../operation.ts";
import { systemValue } from "../values.ts";
import { FhirPathError } from "../errors.ts";
import { define, type FunctionTable } from "./definition.ts";

/** FHIRPath, subsetting and combining. */
export const SUBSETTING: FunctionTable = {
  single: define(0, 0, ({ source }) => fromItem((frame) => single(source.items(frame), "single()"))),
  first: define(0, 0, ({ source }) => fromItems((frame) => firstOf(source.items(frame)), source.some)),
  last: define(0, 0, ({ source }) => fromItems((frame) => source.items(frame).slice(-1), source.some)),
  tail: define(0, 0, ({ source }) => fromItems((frame) => source.items(frame).slice(1))),
  skip: define(1, 1, ({ source, args }) => fromItems((frame) => source.items(frame).slice(Math.max(0, integerOf(frame, args[0]) ?? 0)))),
  take: define(1, 1, ({ source, args }) => fromItems((frame) => source.items(frame).slice(0, Math.max(0, integerOf(frame, args[0]) ?? 0)))),
  intersect: define(1, 1, ({ source, args }) => {
    const keysOf = keySets();
    return fromItems((frame) => {
      const items = source.items(frame);
      if (items.length === 0) return EMPTY;
      const keys = keysOf(args[0]?.items(frame) ?? EMPTY);
      return distinct(items.filter((item) => keys.has(keyOf(item))));
    });
  }),
  exclude: define(1, 1, ({ source, args }) => {
    const keysOf = keySets();
    return fromItems((frame) => {
      const keys = keysOf(args[0]?.items(frame) ?? EMPTY);
      return source.items(frame).filter((item) => !keys.has(keyOf(item)));
    });
  }),
  union: define(1, 1, ({ source, args }) => union(source, args[0] as Operation)),
  combine: define(1, 1, ({ source, args }) => fromItems((frame) => [...source.items(frame), ...(args[0]?.items(frame) ?? EMPTY)])),
};

/** `|`: what is in either, each once. */
export function union(left: Operation, right: Operation): Operation {
  return fromItems(
    (frame) => {
      const [first, second] = [left.items(frame), right.items(frame)];
      return distinct(first.length === 0 ? second : second.length === 0 ? first : [...first, ...second]);
    },
    (frame) => left.some(frame) || right.some(frame),
  );
}

/** `[ ]`: the item at a place, from 0. */
export function itemAt(source: Operation, index: Operation): Operation {
  return fromItem((frame) => {
    const at = integerOf(frame, index);
    return at === undefined || at < 0 ? undefined : source.items(frame)[at];
  });
}

function firstOf(items: Collection): Collection {
  return items.length > 1 ? [items[0] as Item] : items;
}

/** An argument that is an Integer; undefined when it is empty. */
export function integerOf(frame: Frame, argument: Operation | undefined): number | undefined {
  const item = argument && single(argument.items(frame), "An argument");
  if (item === undefined) return undefined;
  const value = systemValue(item);
  if (typeof value !== "number") throw new FhirPathError("An argument must be an Integer.");
  return value;
}
