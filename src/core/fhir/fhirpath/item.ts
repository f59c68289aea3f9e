import type { Decimal } from "./decimal.ts";
import type { FhirPathNode } from "./node.ts";
import type { Quantity } from "./quantity.ts";
import type { Temporal } from "./temporal.ts";

/** `System.Any` (FHIRPath, types): a JavaScript number is an Integer; decimals are `Decimal`, for they keep their digits. */
export type SystemValue = string | boolean | number | Decimal | Temporal | Quantity | TypeInfo;

/** One item of a collection: an element of a resource, or a value that the expression made. */
export type Item = FhirPathNode | SystemValue;

export type Collection = readonly Item[];

/** What `type()` gives (FHIRPath, reflection). */
export class TypeInfo {
  readonly namespace: string;
  readonly name: string;

  constructor(namespace: string, name: string) {
    this.namespace = namespace;
    this.name = name;
  }
}

export const EMPTY: Collection = [];
export const TRUE: Collection = [true];
export const FALSE: Collection = [false];
