import { compareDecimals } from "./decimal.ts";
import { FhirPathError } from "./errors.ts";
import type { Item } from "./item.ts";
import { compareQuantities, Quantity } from "./quantity.ts";
import { Temporal } from "./temporal.ts";
import { compareTemporals } from "./temporal-order.ts";
import { typeOf } from "./types.ts";
import { asDecimal, systemValue } from "./values.ts";

/**
 * Negative, zero or positive (FHIRPath, comparison): strings by code unit, numbers, dates, times, quantities; undefined where it is not known.
 * @throws FhirPathError for two values that have no order between them
 */
export function order(left: Item, right: Item): number | undefined {
  const own = systemValue(left);
  const other = systemValue(right);
  if (typeof own === "string" && typeof other === "string") return own < other ? -1 : own > other ? 1 : 0;
  const number = asDecimal(own);
  const otherNumber = asDecimal(other);
  if (number && otherNumber) return compareDecimals(number, otherNumber);
  if (own instanceof Temporal && other instanceof Temporal && (own.kind === "Time") === (other.kind === "Time")) return compareTemporals(own, other);
  if (own instanceof Quantity && other instanceof Quantity) return compareQuantities(own, other);
  if ((own === undefined && isElement(left)) || (other === undefined && isElement(right))) return undefined;
  throw new FhirPathError(`${typeOf(left).name} and ${typeOf(right).name} have no order.`);
}

function isElement(item: Item): boolean {
  return typeOf(item).namespace === "FHIR";
}
