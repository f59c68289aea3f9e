import { equalCollections, equivalentCollections, equals, keyOf, keySets } from "./equality.ts";
import type { Item } from "./item.ts";
import { fromTruth, single, type Evaluation, type Operation } from "./operation.ts";
import { order } from "./ordering.ts";

type Builder = (left: Operation, right: Operation) => Operation;

/** FHIRPath, boolean logic: three values, undefined for what is not known. The right side is not asked where the left decides. */
export const LOGIC: Readonly<Record<"and" | "or" | "xor" | "implies", Builder>> = {
  and: (left, right) =>
    fromTruth((evaluation) => {
      const first = left.truth(evaluation);
      if (first === false) return false;
      const second = right.truth(evaluation);
      return second === false ? false : first === undefined || second === undefined ? undefined : true;
    }),
  or: (left, right) =>
    fromTruth((evaluation) => {
      const first = left.truth(evaluation);
      if (first === true) return true;
      const second = right.truth(evaluation);
      return second === true ? true : first === undefined || second === undefined ? undefined : false;
    }),
  xor: (left, right) =>
    fromTruth((evaluation) => {
      const first = left.truth(evaluation);
      const second = right.truth(evaluation);
      return first === undefined || second === undefined ? undefined : first !== second;
    }),
  implies: (left, right) =>
    fromTruth((evaluation) => {
      const first = left.truth(evaluation);
      if (first === false) return true;
      const second = right.truth(evaluation);
      return second === true ? true : first === true ? second : undefined;
    }),
};

function negated(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function areEqual(left: Operation, right: Operation): (evaluation: Evaluation) => boolean | undefined {
  return (evaluation) => {
    const first = left.items(evaluation);
    if (first.length === 0) return undefined;
    const second = right.items(evaluation);
    return first.length === 1 && second.length === 1 ? equals(first[0] as Item, second[0] as Item) : equalCollections(first, second);
  };
}

function compared(left: Operation, right: Operation, decide: (difference: number) => boolean): Operation {
  return fromTruth((evaluation) => {
    const first = single(left.items(evaluation), "A comparison");
    const second = single(right.items(evaluation), "A comparison");
    if (first === undefined || second === undefined) return undefined;
    const difference = order(first, second);
    return difference === undefined ? undefined : decide(difference);
  });
}

/** FHIRPath, membership: empty on the left gives empty, several items are an error. */
function isMember(element: Operation, collection: Operation): Operation {
  const keysOf = keySets();
  return fromTruth((evaluation) => {
    const item = single(element.items(evaluation), "Membership");
    if (item === undefined) return undefined;
    const items = collection.items(evaluation);
    return items.length > 0 && keysOf(items).has(keyOf(item));
  });
}

export const COMPARISONS: Readonly<Record<"=" | "!=" | "~" | "!~" | "<" | "<=" | ">" | ">=" | "in" | "contains", Builder>> = {
  "=": (left, right) => fromTruth(areEqual(left, right)),
  "!=": (left, right) => {
    const areSame = areEqual(left, right);
    return fromTruth((evaluation) => negated(areSame(evaluation)));
  },
  "~": (left, right) => fromTruth((evaluation) => equivalentCollections(left.items(evaluation), right.items(evaluation))),
  "!~": (left, right) => fromTruth((evaluation) => !equivalentCollections(left.items(evaluation), right.items(evaluation))),
  "<": (left, right) => compared(left, right, (difference) => difference < 0),
  "<=": (left, right) => compared(left, right, (difference) => difference <= 0),
  ">": (left, right) => compared(left, right, (difference) => difference > 0),
  ">=": (left, right) => compared(left, right, (difference) => difference >= 0),
  in: isMember,
  contains: (left, right) => isMember(right, left),
};
