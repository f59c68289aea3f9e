import { JsonNumber, JsonObject } from "../tree/tree.ts";
import { Decimal, decimalOf, parseDecimal } from "./decimal.ts";
import type { Item, SystemValue } from "./item.ts";
import { FhirPathNode } from "./node.ts";
import { Quantity } from "./quantity.ts";
import { parseDateOrDateTime, parseDateTime, parseTime, Temporal } from "./temporal.ts";

const QUANTITY_TYPES: ReadonlySet<string> = new Set(["Quantity", "Age", "Count", "Distance", "Duration", "MoneyQuantity", "SimpleQuantity"]);
const INTEGER_TYPES: ReadonlySet<string> = new Set(["integer", "positiveInt", "unsignedInt"]);
const UCUM = "http://unitsofmeasure.org";

/**
 * The System value that an element is taken for where an operator or function needs one (R4 fhirpath.html, "Using FHIR types in expressions"); undefined for a complex
 * element, and for a primitive without a value. A date that does not exist stays the string that was sent.
 */
export function systemValue(item: Item): SystemValue | undefined {
  if (!(item instanceof FhirPathNode)) return item;
  const { value, type } = item;
  if (typeof value === "string") return fromText(value, type);
  if (typeof value === "boolean") return value;
  if (value instanceof JsonNumber) return fromNumber(value, type);
  return value instanceof JsonObject && QUANTITY_TYPES.has(type) ? quantityOf(value) : undefined;
}

/** Whether it is a primitive element or a System value, rather than an element with elements of its own. */
export function isSimple(item: Item): boolean {
  return !(item instanceof FhirPathNode) || !(item.value instanceof JsonObject) || QUANTITY_TYPES.has(item.type);
}

function fromText(text: string, type: string): SystemValue {
  if (type === "date") return parseDateOrDateTime(text) ?? text;
  if (type === "dateTime" || type === "instant") return parseDateTime(text) ?? text;
  return type === "time" ? (parseTime(text) ?? text) : text;
}

function fromNumber({ text }: JsonNumber, type: string): SystemValue | undefined {
  const number = Number(text);
  return INTEGER_TYPES.has(type) && Number.isInteger(number) ? number : parseDecimal(text);
}

/** R4 fhirpath.html: a Quantity's unit is its code when that is UCUM's, else what it calls its unit. A comparator makes it no quantity that can be reckoned with. */
function quantityOf(object: JsonObject): Quantity | undefined {
  const value = object.get("value");
  const decimal = value instanceof JsonNumber ? parseDecimal(value.text) : undefined;
  if (decimal === undefined || object.has("comparator")) return undefined;
  const code = object.string("system") === UCUM ? object.string("code") : undefined;
  return new Quantity(decimal, code ?? object.string("unit") ?? object.string("code") ?? "1");
}

/** An Integer or Decimal as a Decimal. */
export function asDecimal(value: SystemValue | undefined): Decimal | undefined {
  return typeof value === "number" ? decimalOf(value) : value instanceof Decimal ? value : undefined;
}

/** The string of a primitive, undefined for anything else. */
export function asString(item: Item | undefined): string | undefined {
  if (typeof item === "string") return item;
  return item instanceof FhirPathNode && typeof item.value === "string" ? item.value : undefined;
}

/** A simple value as `toString` gives it; undefined for a complex one. */
export function textOf(item: Item): string | undefined {
  if (item instanceof FhirPathNode && typeof item.value === "string") return item.value;
  const value = systemValue(item);
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  return value instanceof Decimal || value instanceof Temporal || value instanceof Quantity ? value.toString() : undefined;
}
