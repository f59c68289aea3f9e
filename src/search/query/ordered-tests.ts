/** Dates, numbers and quantities as tests (R4 search.html, prefixes). */
import { AppError } from "../../core/errors.ts";
import { add, Decimal, multiply, negate, parseDecimal, subtract } from "../../core/fhir/fhirpath/decimal.ts";
import { parseDateOrDateTime } from "../../core/fhir/fhirpath/temporal.ts";
import { DATE_SCALES, spanOf, type Span } from "../values/date-span.ts";
import { numberKey } from "../values/number-key.ts";
import { quantityScales } from "../values/ordered-values.ts";
import type { SpanCondition, SpanTest } from "./criterion.ts";
import { splitEscaped, unescaped } from "./escapes.ts";

const PREFIXES = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"] as const;
export type Prefix = (typeof PREFIXES)[number];

/** A value without its prefix; `eq` when it has none. */
export function prefixed(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const prefix = PREFIXES.find((one) => text.startsWith(one));
  return prefix === undefined ? { prefix: "eq", rest: text } : { prefix, rest: text.slice(prefix.length) };
}

type Bounds = readonly [low: number | string, high: number | string];

/** Dates: `high` is the first moment behind a span, in the question and in the row. */
const DATE_CONDITIONS: Readonly<Record<Prefix, (bounds: Bounds) => readonly (readonly SpanCondition[])[]>> = {
  eq: ([low, high]) => [[at("low", ">=", low), at("high", "<=", high)]],
  ne: ([low, high]) => [[at("low", "<", low)], [at("high", ">", high)]],
  gt: ([, high]) => [[at("high", ">", high)]],
  lt: ([low]) => [[at("low", "<", low)]],
  ge: ([low]) => [[at("high", ">", low)]],
  le: ([, high]) => [[at("low", "<", high)]],
  sa: ([, high]) => [[at("low", ">=", high)]],
  eb: ([low]) => [[at("high", "<=", low)]],
  ap: ([low, high]) => [[at("low", "<", high), at("high", ">", low)]],
};

/** Numbers: a row's span holds both of its ends. The question's is that of the digits as written, without its upper end; a comparison takes the number as exact. */
const NUMBER_CONDITIONS: Readonly<Record<Prefix, (bounds: Bounds, exact: string) => readonly (readonly SpanCondition[])[]>> = {
  eq: ([low, high]) => [[at("low", ">=", low), at("high", "<", high)]],
  ne: ([low, high]) => [[at("low", "<", low)], [at("high", ">=", high)]],
  gt: (_, exact) => [[at("high", ">", exact)]],
  lt: (_, exact) => [[at("low", "<", exact)]],
  ge: (_, exact) => [[at("high", ">=", exact)]],
  le: (_, exact) => [[at("low", "<=", exact)]],
  sa: (_, exact) => [[at("low", ">", exact)]],
  eb: (_, exact) => [[at("high", "<", exact)]],
  ap: ([low, high]) => [[at("low", "<=", high), at("high", ">=", low)]],
};

function at(column: "low" | "high", operator: SpanCondition["operator"], bound: number | string): SpanCondition {
  return { column, operator, bound };
}

/**
 * @param text with its prefix
 * @param now for `ap`: a tenth of the time between now and the date
 * @throws AppError `bad-query`
 */
export function dateTests(name: string, text: string, now: Date): SpanTest[] {
  const { prefix, rest } = prefixed(unescaped(text));
  const temporal = parseDateOrDateTime(rest);
  if (!temporal)
    throw badValue(name, text, "a date such as 2024-05, 2024-05-17 or 2024-05-17T10:30:00Z, which exists; a plus sign in an address is written %2B");
  const { local, zoned } = spanOf(temporal);
  const scales: readonly (readonly [string, Span])[] = zoned
    ? [
        [DATE_SCALES.zoned, zoned],
        [DATE_SCALES.plain, local],
      ]
    : [
        [DATE_SCALES.local, local],
        [DATE_SCALES.plain, local],
      ];
  return scales.flatMap(([scale, span]) =>
    DATE_CONDITIONS[prefix](prefix === "ap" ? around(span, now) : [span.low, span.high]).map((conditions) => ({
      kind: "span" as const,
      name,
      scale,
      conditions,
    })),
  );
}

/** `_lastUpdated`: the same upon an instant. */
export function receivedConditions(text: string, now: Date): readonly (readonly SpanCondition[])[] {
  const { prefix, rest } = prefixed(unescaped(text));
  const temporal = parseDateOrDateTime(rest);
  if (!temporal) throw badValue("_lastUpdated", text, "a date such as 2024-05-17 or 2024-05-17T10:30:00Z; a plus sign in an address is written %2B");
  const { local, zoned } = spanOf(temporal);
  const span = zoned ?? local;
  return DATE_CONDITIONS[prefix](prefix === "ap" ? around(span, now) : [span.low, span.high]);
}

function around({ low, high }: Span, now: Date): Bounds {
  const gap = Math.abs(now.getTime() - low) / 10;
  return [Math.floor(low - gap), Math.ceil(high + gap)];
}

/** @throws AppError `bad-query` */
export function numberTests(name: string, text: string): SpanTest[] {
  const { prefix, rest } = prefixed(unescaped(text));
  return testsOf(name, prefix, numberOf(name, rest), [{ scale: "", factor: undefined }]);
}

/** `[prefix][number]|[system]|[code]`. @throws AppError `bad-query` */
export function quantityTests(name: string, text: string): SpanTest[] {
  const [first = "", system, code, ...more] = splitEscaped(text, "|").map(unescaped);
  if (more.length > 0 || (system !== undefined && (code === undefined || code === "")))
    throw badValue(name, text, "a number, or number|system|code, or number||unit");
  const { prefix, rest } = prefixed(first);
  const unit = code === undefined ? undefined : { system: system === "" ? undefined : system, code, unit: undefined };
  // The most exact scale on which both can stand: the first is any number, the second the unit of a system.
  const scale =
    unit === undefined
      ? { scale: "", factor: undefined }
      : unit.system === undefined
        ? { scale: `|${code}`, factor: undefined }
        : quantityScales(unit)[1];
  return scale ? testsOf(name, prefix, numberOf(name, rest), [scale]) : [];
}

interface Written {
  readonly value: Decimal;
  /** Half a unit of its last digit. */
  readonly half: Decimal;
}

function numberOf(name: string, text: string): Written {
  const value = parseDecimal(text);
  const [, fraction = "", exponent = "0"] = /^[^.eE]*(?:\.(\d*))?(?:[eE](.*))?$/.exec(text) ?? [];
  if (!value) throw badValue(name, text, "a number such as 5.40 or 1e-3");
  return { value, half: parseDecimal(`5e${Number(exponent) - fraction.length - 1}`) ?? new Decimal(0n, 0) };
}

function testsOf(
  name: string,
  prefix: Prefix,
  { value, half }: Written,
  scales: readonly { readonly scale: string; readonly factor: Decimal | undefined }[],
): SpanTest[] {
  const [low, high] = prefix === "ap" ? [subtract(value, tenth(value)), add(value, tenth(value))] : [subtract(value, half), add(value, half)];
  return scales.flatMap(({ scale, factor }) => {
    const key = (decimal: Decimal): string => numberKey(factor ? multiply(decimal, factor) : decimal);
    return NUMBER_CONDITIONS[prefix]([key(low), key(high)], key(value)).map((conditions) => ({ kind: "span" as const, name, scale, conditions }));
  });
}

const TENTH = new Decimal(1n, 1);

function tenth(value: Decimal): Decimal {
  const part = multiply(value, TENTH);
  return part.digits < 0n ? negate(part) : part;
}

function badValue(name: string, text: string, wanted: string): AppError {
  return new AppError("bad-query", `${name}: "${text}" is not ${wanted}.`);
}
