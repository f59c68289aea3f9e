import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../tree/tree.ts";
import { compareDecimals, Decimal, normalised, parseDecimal, roundTo } from "./decimal.ts";
import { TypeInfo, type Collection, type Item, type SystemValue } from "./item.ts";
import { FhirPathNode } from "./node.ts";
import { compareQuantities, inSameUnit, Quantity, quantityKey } from "./quantity.ts";
import { Temporal } from "./temporal.ts";
import { compareTemporals, temporalKey } from "./temporal-order.ts";
import { asDecimal, systemValue } from "./values.ts";

/** `=` on two items (FHIRPath, equality); undefined where it is not known, as for dates of which one says less. */
export function equals(left: Item, right: Item): boolean | undefined {
  const [own, other] = [systemValue(left), systemValue(right)];
  if (own === undefined || other === undefined) return own === other && keyOf(left) === keyOf(right);
  return equalValues(own, other);
}

function equalValues(own: SystemValue, other: SystemValue): boolean | undefined {
  if (typeof own === "string" || typeof own === "boolean") return own === other;
  if (own instanceof Temporal) {
    if (!(other instanceof Temporal) || (own.kind === "Time") !== (other.kind === "Time")) return false;
    const order = compareTemporals(own, other);
    return order === undefined ? undefined : order === 0;
  }
  if (own instanceof Quantity && other instanceof Quantity) {
    const order = compareQuantities(own, other);
    return order === undefined ? undefined : order === 0;
  }
  if (own instanceof TypeInfo) return other instanceof TypeInfo && own.name === other.name && own.namespace === other.namespace;
  const [number, otherNumber] = [asDecimal(own), asDecimal(other)];
  return number !== undefined && otherNumber !== undefined && compareDecimals(number, otherNumber) === 0;
}

/** `=` on collections: as many items, each equal to the one at its place; undefined when either is empty. */
export function equalCollections(left: Collection, right: Collection): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let result: boolean | undefined = true;
  for (let at = 0; at < left.length; at++) {
    const isEqual = equals(left[at] as Item, right[at] as Item);
    if (isEqual === false) return false;
    if (isEqual === undefined) result = undefined;
  }
  return result;
}

/** `~` on two items: strings without case and with white space as one space, decimals as exactly as the less exact one, unknown is false. */
export function equivalent(left: Item, right: Item): boolean {
  const [own, other] = [systemValue(left), systemValue(right)];
  if (own === undefined || other === undefined) return own === other && keyOf(left, true) === keyOf(right, true);
  if (typeof own === "string") return typeof other === "string" && folded(own) === folded(other);
  if (own instanceof Quantity && other instanceof Quantity) {
    const values = inSameUnit(own, other);
    return values !== undefined && equivalentDecimals(...values);
  }
  const [number, otherNumber] = [asDecimal(own), asDecimal(other)];
  if (number && otherNumber) return equivalentDecimals(number, otherNumber);
  return equalValues(own, other) ?? false;
}

/** `~` on collections: the same items in any order. */
export function equivalentCollections(left: Collection, right: Collection): boolean {
  if (left.length !== right.length) return false;
  if (left.length === 1) return equivalent(left[0] as Item, right[0] as Item);
  const rest = [...right];
  return left.every((item) => {
    const at = rest.findIndex((other) => equivalent(item, other));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function equivalentDecimals(left: Decimal, right: Decimal): boolean {
  const [own, other] = [normalised(left), normalised(right)];
  const scale = Math.min(own.scale, other.scale);
  return compareDecimals(roundTo(own, scale, "half-up"), roundTo(other, scale, "half-up")) === 0;
}

function folded(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}

/**
 * A text that is the same for equal items and differs for others, so that sets of items are made in linear time. Complex elements are equal when their properties
 * are, in whatever order; `isLoose` compares them as `~` does.
 */
export function keyOf(item: Item, isLoose = false): string {
  const value = systemValue(item);
  if (value !== undefined) return keyOfValue(value, isLoose);
  if (!(item instanceof FhirPathNode)) return "";
  return keyOfJson(item.value ?? item.companion ?? null, isLoose);
}

function keyOfValue(value: SystemValue, isLoose: boolean): string {
  if (typeof value === "string") return `s:${isLoose ? folded(value) : value}`;
  if (typeof value === "boolean") return `b:${String(value)}`;
  if (typeof value === "number") return `n:${value}`;
  if (value instanceof Decimal) return `n:${normalised(value).toString()}`;
  if (value instanceof Temporal) return temporalKey(value);
  return value instanceof Quantity ? quantityKey(value) : `y:${value.namespace}.${value.name}`;
}

function keyOfJson(value: JsonValue, isLoose: boolean): string {
  if (typeof value === "string") return JSON.stringify(isLoose ? folded(value) : value);
  if (value instanceof JsonNumber) return normalised(parseDecimal(value.text) ?? new Decimal(0n, 0)).toString();
  if (value instanceof JsonArray) {
    const items = value.items.map((item) => keyOfJson(item, isLoose));
    return `[${(isLoose ? items.sort() : items).join()}]`;
  }
  if (!(value instanceof JsonObject)) return String(value);
  const fields = value.names.map((name, at) => `${JSON.stringify(name)}:${keyOfJson(value.values[at] ?? null, isLoose)}`);
  return `{${fields.sort().join()}}`;
}

/** Each item once, the first of its equals. */
export function distinct(items: Collection): Collection {
  if (items.length < 2) return items;
  const seen = new Set<string>();
  return items.filter((item) => {
    const before = seen.size;
    return seen.add(keyOf(item)).size > before;
  });
}

/** From how many items on a set of keys is kept. */
const MANY = 8;

/**
 * Makes the sets of keys for one operation. That of a long collection is kept as long as the collection is: often it is the same one for every element that is looked up in it, and
 * an expression must not take quadratic time.
 */
export function keySets(): (items: Collection) => ReadonlySet<string> {
  const known = new WeakMap<Collection, ReadonlySet<string>>();
  return (items) => {
    const before = items.length < MANY ? undefined : known.get(items);
    if (before) return before;
    const keys = new Set(items.map((item) => keyOf(item)));
    if (items.length >= MANY) known.set(items, keys);
    return keys;
  };
}
