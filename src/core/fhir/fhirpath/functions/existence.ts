import { distinct, keyOf, keySets } from "../equality.ts";
import type { Item } from "../item.ts";
import { fromItem, fromItems, fromTruth, truthOf, type Operation } from "../operation.ts";
import { refuseNonBoolean } from "../types.ts";
import { systemValue } from "../values.ts";
import { define, forEachItem, type Call, type FunctionTable } from "./definition.ts";

/** FHIRPath, existence. */
export const EXISTENCE: FunctionTable = {
  empty: define(0, 0, ({ source }) => fromTruth((evaluation) => !source.some(evaluation))),
  exists: define(0, 1, (call) => {
    const { source, args } = call;
    return args[0] === undefined ? fromTruth(source.some) : fromTruth((evaluation) => someFulfils(source, args[0] as Operation)(evaluation));
  }),
  all: define(1, 1, ({ source, args: [criterion] }) =>
    fromTruth((evaluation) => {
      let areAll = true;
      forEachItem(evaluation, source.items(evaluation), () => (areAll = criterion?.truth(evaluation) === true));
      return areAll;
    }),
  ),
  allTrue: booleans((values) => values.every((value) => value)),
  anyTrue: booleans((values) => values.some((value) => value)),
  allFalse: booleans((values) => values.every((value) => !value)),
  anyFalse: booleans((values) => values.some((value) => !value)),
  subsetOf: define(1, 1, ({ source, args: [other] }) => isSubset(source, other as Operation)),
  supersetOf: define(1, 1, ({ source, args: [other] }) => isSubset(other as Operation, source)),
  count: define(0, 0, ({ source }) => fromItem((evaluation) => source.items(evaluation).length)),
  distinct: define(0, 0, ({ source }) => fromItems((evaluation) => distinct(source.items(evaluation)), source.some)),
  isDistinct: define(0, 0, ({ source }) =>
    fromTruth((evaluation) => {
      const items = source.items(evaluation);
      return distinct(items).length === items.length;
    }),
  ),
  not: define(0, 0, ({ source }) =>
    fromTruth((evaluation) => {
      const truth = source.truth(evaluation);
      return truth === undefined ? undefined : !truth;
    }),
  ),
};

/** Whether any item of the source fulfils a criterion; stops at the first. */
export function someFulfils(source: Operation, criterion: Operation): Operation["some"] {
  return (evaluation) => {
    let isFound = false;
    forEachItem(evaluation, source.items(evaluation), () => !(isFound = criterion.truth(evaluation) === true));
    return isFound;
  };
}

function booleans(decide: (values: readonly boolean[]) => boolean): FunctionTable[string] {
  return define(0, 0, ({ source }: Call) => fromTruth((evaluation) => decide(source.items(evaluation).map(booleanOf))));
}

function booleanOf(item: Item): boolean {
  return typeof systemValue(item) === "boolean" ? truthOf([item]) === true : refuseNonBoolean(item);
}

function isSubset(part: Operation, whole: Operation): Operation {
  const keysOf = keySets();
  return fromTruth((evaluation) => {
    const items = part.items(evaluation);
    const keys = keysOf(whole.items(evaluation));
    return items.every((item) => keys.has(keyOf(item)));
  });
}
