import type { Definitions } from "../../r4/definitions.ts";
import type { FhirPathMode } from "../mode.ts";
import type { Collection, Item } from "../item.ts";
import type { Evaluation, Operation } from "../operation.ts";
import type { Expression } from "../syntax.ts";

/** A call of a function, with its arguments compiled. */
export interface Call {
  /** The input; `$this` at the start of a path. */
  readonly source: Operation;
  readonly args: readonly Operation[];
  /** The arguments as they were written: a type's name, a descending sort key. */
  readonly syntax: readonly Expression[];
  readonly mode: FhirPathMode;
  readonly definitions: Definitions;
  readonly compile: (expression: Expression) => Operation;
}

export interface FunctionDefinition {
  /** How many arguments it takes, at least and at most. */
  readonly takes: readonly [number, number];
  readonly build: (call: Call) => Operation;
}

export type FunctionTable = Readonly<Record<string, FunctionDefinition>>;

export function define(least: number, most: number, build: (call: Call) => Operation): FunctionDefinition {
  return { takes: [least, most], build };
}

/** Makes each item `$this` in turn, with its `$index`. A criterion that throws ends the evaluation, so nothing has to be put back then. */
export function forEachItem(evaluation: Evaluation, items: Collection, visit: (item: Item, index: number) => boolean): void {
  const { self, index } = evaluation;
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Item;
    evaluation.self = item;
    evaluation.index = at;
    if (!visit(item, at)) break;
  }
  evaluation.self = self;
  evaluation.index = index;
}
