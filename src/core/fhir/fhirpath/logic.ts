import { equalCollections, equivalentCollections, equals, keyOf, keySets } from "./equality.ts";
import type { Item } from "./item.ts";
import { fromTruth, single, type Frame, type Operation } from "./operation.ts";
import { order } from "./ordering.ts";

type Builder = (left: Operation, right: Operation) => Operation;

/** FHIRPath, boolean logic: three values, undefined for what is not known. The right side is not asked where the left decides. */
export const LOGIC: Readonly<Record<"and" | "or" | "xor" | "implies", Builder>> = {
  and: (left, right) =>
    fromTruth((frame) => {
      const first = left.truth(frame);
      if (first === false) return false;
      const second = right.truth(frame);
      return second === false ? false : first === undefined || second === undefined ? undefined : true;
    }),
  or: (left, right) =>
    fromTruth((frame) => {
      const first = left.truth(frame);
      if (first === true) return true;
      const second = right.truth(frame);
      return second === true ? true : first === undefined || second === undefined ? undefined : false;
    }),
  xor: (left, right) =>
    fromTruth((frame) => {
      const first = left.truth(frame);
      const second = right.truth(frame);
      return first === undefined || second === undefined ? undefined : first !== second;
    }),
  implies: (left, right) =>
    fromTruth((frame) => {
      const first = left.truth(frame);
      if (first === false) return true;
      const second = right.truth(frame);
      return second === true ? true : first === true ? second : undefined;
    }),
};

function negated(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function areEqual(left: Operation, right: Operation): (frame: Frame) => boolean | undefined {
  return (frame) => {
    const first = left.items(frame);
    if (first.length === 0) return undefined;
    const second = right.items(frame);
    return first.length === 1 && second.length === 1 ? equals(first[0] as Item, second[0] as Item) : equalCollections(first, second);
  };
}

function compared(left: Operation, right: Operation, decide: (difference: number) => boolean): Operation {
  return fromTruth((frame) => {
    const first = single(left.items(frame), "A comparison");
    const second = single(right.items(frame), "A comparison");
    if (first === undefined || second === undefined) return undefined;
    const difference = order(first, second);
    return difference === undefined ? undefined : decide(difference);
  });
}

/** FHIRPath, membership: empty on the left gives empty, several items are an error. */
function isMember(element: Operation, collection: Operation): Operation {
  const keysOf = keySets();
  return fromTruth((frame) => {
    const item = single(element.items(frame), "Membership");
    if (item === undefined) return undefined;
    const items = collection.items(frame);
    return items.length > 0 && keysOf(items).has(keyOf(item));
  });
}

export const COMPARISONS: Readonly<Record<"=" | "!=" | "~" | "!~" | "<" | "<=" | ">" | ">=" | "in" | "contains", Builder>> = {
  "=": (left, right) => fromTruth(areEqual(left, right)),
  "!=": (left, right) => {
    const areSame = areEqual(left, right);
    return fromTruth((frame) => negated(areSame(frame)));
  },
  "~": (left, right) => fromTruth((frame) => equivalentCollections(left.items(frame), right.items(frame))),
  "!~": (left, right) => fromTruth((frame) => !equivalentCollections(left.items(frame), right.items(frame))),
  "<": (left, right) => compared(left, right, (difference) => difference < 0),
  "<=": (left, right) => compared(left, right, (difference) => difference <= 0),
  ">": (left, right) => compared(left, right, (difference) => difference > 0),
  ">=": (left, right) => compared(left, right, (difference) => difference >= 0),
  in: isMember,
  contains: (left, right) => isMember(right, left),
};
