/** Dates, numbers and quantities as rows (R4 search.html). */
import type { Item } from "../../core/fhir/fhirpath/item.ts";
import { multiply, parseDecimal, type Decimal } from "../../core/fhir/fhirpath/decimal.ts";
import { FhirPathNode } from "../../core/fhir/fhirpath/node.ts";
import { parseDateOrDateTime } from "../../core/fhir/fhirpath/temporal.ts";
import { unitSize, type UnitSizes } from "../../core/fhir/fhirpath/ucum.ts";
import { asDecimal, systemValue, textOf } from "../../core/fhir/fhirpath/values.ts";
import { JsonNumber, JsonObject } from "../../core/fhir/tree/tree.ts";
import { BEGINNING, DATE_SCALES, END, spanOf, type DateSpan, type Span } from "./date-span.ts";
import { nameOf, type SpanRow } from "./index-row.ts";
import { HIGHEST, LOWEST, numberKey } from "./number-key.ts";

const UCUM = "http://unitsofmeasure.org";
const CURRENCIES = "urn:iso:std:iso:4217";

export function dateRows(code: string, item: Item, part: number): SpanRow[] {
  return dateSpans(item).flatMap(({ local, zoned }) => {
    const row = (scale: string, { low, high }: Span): SpanRow => ({ kind: "span", name: nameOf(code), scale, low, high, part });
    return zoned ? [row(DATE_SCALES.zoned, zoned), row(DATE_SCALES.local, local)] : [row(DATE_SCALES.plain, local)];
  });
}

/** A date or time; from where to where a Period or the bounds of a Timing reach, or a Timing's events. */
function dateSpans(item: Item): DateSpan[] {
  if (!(item instanceof FhirPathNode) || !(item.value instanceof JsonObject)) return dateSpan(textOf(item));
  const { value } = item;
  if (item.type === "Period") return periodSpan(value);
  if (item.type !== "Timing") return [];
  const bounds = value.object("repeat")?.object("boundsPeriod");
  const events = value.items("event").flatMap((event) => (typeof event === "string" ? dateSpan(event) : []));
  const [first] = events;
  const outer = first && events.reduce(joined, first);
  return [...(outer ? [outer] : []), ...(bounds ? periodSpan(bounds) : [])];
}

function dateSpan(text: string | undefined): DateSpan[] {
  const temporal = text === undefined ? undefined : parseDateOrDateTime(text);
  return temporal ? [spanOf(temporal)] : [];
}

/** A missing bound is before, or after, every date. In UTC only when no bound that is there lacks a zone. */
function periodSpan(period: JsonObject): DateSpan[] {
  const [start] = dateSpan(period.string("start"));
  const [end] = dateSpan(period.string("end"));
  if (!start && !end) return [];
  const local = { low: start?.local.low ?? BEGINNING, high: end?.local.high ?? END };
  const isZoned = (!start || start.zoned !== undefined) && (!end || end.zoned !== undefined);
  return [{ local, zoned: isZoned ? { low: start?.zoned?.low ?? BEGINNING, high: end?.zoned?.high ?? END } : undefined }];
}

function joined(one: DateSpan, other: DateSpan): DateSpan {
  const both = (left: Span, right: Span): Span => ({ low: Math.min(left.low, right.low), high: Math.max(left.high, right.high) });
  return { local: both(one.local, other.local), zoned: one.zoned && other.zoned && both(one.zoned, other.zoned) };
}

export function numberRows(code: string, item: Item, part: number): SpanRow[] {
  const value = asDecimal(systemValue(item));
  if (!value) return [];
  const key = numberKey(value);
  return [{ kind: "span", name: nameOf(code), scale: "", low: key, high: key, part }];
}

/** What can be compared with a number of this unit: any number, the same written unit, and whatever measures the same when the unit is UCUM's. */
export interface UnitText {
  readonly system: string | undefined;
  readonly code: string | undefined;
  /** For people. */
  readonly unit: string | undefined;
}

/** The scales that a quantity is found on, with what its value is multiplied by there. */
export function quantityScales(
  { system, code, unit }: UnitText,
  sizes?: UnitSizes,
): { readonly scale: string; readonly factor: Decimal | undefined }[] {
  const size = system === UCUM && code !== undefined ? (sizes ? sizes.of(code) : unitSize(code)) : undefined;
  const written = [...new Set([code, unit])].filter((text) => text !== undefined).map((text) => ({ scale: `|${text}`, factor: undefined }));
  const exact = size ? { scale: `=${size.dimension}`, factor: size.factor } : { scale: `${system ?? ""}|${code ?? ""}`, factor: undefined };
  return [{ scale: "", factor: undefined }, ...(size !== undefined || (system !== undefined && code !== undefined) ? [exact] : []), ...written];
}

export function quantityRows(code: string, item: Item, part: number, sizes?: UnitSizes): SpanRow[] {
  if (!(item instanceof FhirPathNode) || !(item.value instanceof JsonObject)) return numberRows(code, item, part);
  const { value, type } = item;
  const [low, high] = type === "Range" ? [value.object("low"), value.object("high")] : [value, value];
  const unit = unitOf(type, low ?? high);
  const [from, to] = [low && decimalAt(low), high && decimalAt(high)];
  if (!from && !to) return [];
  const comparator = type === "Range" ? undefined : value.string("comparator");
  return quantityScales(unit, sizes).map(({ scale, factor }) => {
    const key = (decimal: Decimal): string => numberKey(factor ? multiply(decimal, factor) : decimal);
    return {
      kind: "span",
      name: nameOf(code),
      scale,
      low: from && comparator?.startsWith("<") !== true ? key(from) : LOWEST,
      high: to && comparator?.startsWith(">") !== true ? key(to) : HIGHEST,
      part,
    };
  });
}

function unitOf(type: string, quantity: JsonObject | undefined): UnitText {
  if (type === "Money") return { system: CURRENCIES, code: quantity?.string("currency"), unit: undefined };
  return { system: quantity?.string("system"), code: quantity?.string("code"), unit: quantity?.string("unit") };
}

function decimalAt(quantity: JsonObject): Decimal | undefined {
  const value = quantity.get("value");
  return value instanceof JsonNumber ? parseDecimal(value.text) : undefined;
}
