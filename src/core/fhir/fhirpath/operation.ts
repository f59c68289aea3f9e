import type { Environment } from "./environment.ts";
import { FhirPathError } from "./errors.ts";
import { EMPTY, FALSE, TRUE, type Collection, type Item } from "./item.ts";
import { FhirPathNode } from "./node.ts";

/** The state of one evaluation. `self`, `index` and `total` are put back by whoever changes them. */
export interface Evaluation {
  readonly environment: Environment;
  /** The focus of the whole expression: `%context` unless the environment says otherwise. */
  readonly focus: Item | undefined;
  /** `$this`; undefined only within an `iif` upon nothing. */
  self: Item | undefined;
  index: number;
  total: Collection;
  /** What `now()` tells, once it was asked. */
  moment: Date | undefined;
}

/**
 * A part of an expression, compiled. The three questions have the same answer in three forms; asking for no more than is needed is what makes invariants cheap:
 * `truth` and `some` make no collection where they can do without.
 */
export interface Operation {
  readonly items: (evaluation: Evaluation) => Collection;
  /** As a boolean, undefined for empty (FHIRPath, singleton evaluation: one item that is no boolean is true). Throws on several items. */
  readonly truth: (evaluation: Evaluation) => boolean | undefined;
  /** Whether there is any item. */
  readonly some: (evaluation: Evaluation) => boolean;
}

/** An operation that gives a collection. */
export function fromItems(items: (evaluation: Evaluation) => Collection, some?: (evaluation: Evaluation) => boolean): Operation {
  return { items, truth: (evaluation) => truthOf(items(evaluation)), some: some ?? ((evaluation) => items(evaluation).length > 0) };
}

/** An operation that gives a boolean or nothing. */
export function fromTruth(truth: (evaluation: Evaluation) => boolean | undefined): Operation {
  return {
    items: (evaluation) => collectionOf(truth(evaluation)),
    truth,
    some: (evaluation) => truth(evaluation) !== undefined,
  };
}

/** An operation that gives one item or none. */
export function fromItem(item: (evaluation: Evaluation) => Item | undefined): Operation {
  return fromItems((evaluation) => {
    const only = item(evaluation);
    return only === undefined ? EMPTY : [only];
  });
}

/** FHIRPath, singleton evaluation of collections. */
export function truthOf(items: Collection): boolean | undefined {
  if (items.length === 0) return undefined;
  if (items.length > 1) throw new FhirPathError(`Expected one item, but found ${items.length}.`);
  const only = items[0];
  if (typeof only === "boolean") return only;
  if (only instanceof FhirPathNode && only.type === "boolean" && typeof only.value === "boolean") return only.value;
  return true;
}

export function collectionOf(truth: boolean | undefined): Collection {
  return truth === undefined ? EMPTY : truth ? TRUE : FALSE;
}

/** The only item, undefined for none. */
export function single(items: Collection, what: string): Item | undefined {
  if (items.length > 1) throw new FhirPathError(`${what} expects one item, but found ${items.length}.`);
  return items[0];
}
