import { distinct, keyOf, keySets } from "../equality.ts";
import type { Item } from "../item.ts";
import { fromItem, fromItems, fromTruth, truthOf, type Operation } from "../operation.ts";
import { refuseNonBoolean } from "../types.ts";
import { systemValue } from "../values.ts";
import { define, forEachItem, type Call, type FunctionTable } from "./definition.ts";

/** FHIRPath, existence. */
export const EXISTENCE: FunctionTable = {
  empty: define(0, 0, ({ source }) => fromTruth((frame) => !source.some(frame))),
  exists: define(0, 1, (call) => {
    const { source, args } = call;
    return args[0] === undefined ? fromTruth(source.some) : fromTruth((frame) => someFulfils(source, args[0] as Operation)(frame));
  }),
  all: define(1, 1, ({ source, args: [criterion] }) =>
    fromTruth((frame) => {
      let areAll = true;
      forEachItem(frame, source.items(frame), () => (areAll = criterion?.truth(frame) === true));
      return areAll;
    }),
  ),
  allTrue: booleans((values) => values.every((value) => value)),
  anyTrue: booleans((values) => values.some((value) => value)),
  allFalse: booleans((values) => values.every((value) => !value)),
  anyFalse: booleans((values) => values.some((value) => !value)),
  subsetOf: define(1, 1, ({ source, args: [other] }) => isSubset(source, other as Operation)),
  supersetOf: define(1, 1, ({ source, args: [other] }) => isSubset(other as Operation, source)),
  count: define(0, 0, ({ source }) => fromItem((frame) => source.items(frame).length)),
  distinct: define(0, 0, ({ source }) => fromItems((frame) => distinct(source.items(frame)), source.some)),
  isDistinct: define(0, 0, ({ source }) =>
    fromTruth((frame) => {
      const items = source.items(frame);
      return distinct(items).length === items.length;
    }),
  ),
  not: define(0, 0, ({ source }) =>
    fromTruth((frame) => {
      const truth = source.truth(frame);
      return truth === undefined ? undefined : !truth;
    }),
  ),
};

/** Whether any item of the source fulfils a criterion; stops at the first. */
export function someFulfils(source: Operation, criterion: Operation): Operation["some"] {
  return (frame) => {
    let isFound = false;
    forEachItem(frame, source.items(frame), () => !(isFound = criterion.truth(frame) === true));
    return isFound;
  };
}

function booleans(decide: (values: readonly boolean[]) => boolean): FunctionTable[string] {
  return define(0, 0, ({ source }: Call) => fromTruth((frame) => decide(source.items(frame).map(booleanOf))));
}

function booleanOf(item: Item): boolean {
  return typeof systemValue(item) === "boolean" ? truthOf([item]) === true : refuseNonBoolean(item);
}

function isSubset(part: Operation, whole: Operation): Operation {
  const keysOf = keySets();
  return fromTruth((frame) => {
    const items = part.items(frame);
    const keys = keysOf(whole.items(frame));
    return items.every((item) => keys.has(keyOf(item)));
  });
}
