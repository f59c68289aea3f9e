import { compareDecimals, decimalOf, parseDecimal, type Decimal, divide, multiply, normalised } from "./decimal.ts";
import { calendarUnit, type CalendarUnit } from "./syntax.ts";
import { unitSize, type UnitSize } from "./ucum.ts";

/** A number with a unit (FHIRPath, Quantity): UCUM's, or a calendar duration, which is written as a word. */
export class Quantity {
  readonly value: Decimal;
  /** A UCUM code; `1` without a unit; a calendar duration in the singular. What a FHIR Quantity without a code calls its unit, as it is. */
  readonly unit: string;
  readonly isCalendar: boolean;

  constructor(value: Decimal, unit: string, isCalendar = false) {
    this.value = value;
    this.unit = unit;
    this.isCalendar = isCalendar;
  }

  toString(): string {
    return `${this.value.toString()} ${this.isCalendar ? this.unit : `'${this.unit}'`}`;
  }
}

/** The definite durations are those of UCUM; a calendar month or year is none (FHIRPath, time-valued quantities). */
const DEFINITE: Readonly<Partial<Record<CalendarUnit, string>>> = { week: "wk", day: "d", hour: "h", minute: "min", second: "s", millisecond: "ms" };

const TEXT = /^([+-]?\d+(?:\.\d+)?)(?:\s*(?:'([^']+)'|([a-z]+)))?$/;

/** A quantity as `toQuantity` reads it: `1`, `1.5 'mg'`, `4 days`. */
export function parseQuantity(text: string): Quantity | undefined {
  const [, number, unit, word] = TEXT.exec(text.trim()) ?? [];
  const value = number === undefined ? undefined : parseDecimal(number);
  if (value === undefined) return undefined;
  if (word === undefined) return new Quantity(value, unit ?? "1");
  const calendar = calendarUnit(word);
  return calendar && new Quantity(value, calendar, true);
}

function sizeOf(quantity: Quantity): UnitSize | undefined {
  if (!quantity.isCalendar) return unitSize(quantity.unit);
  if (quantity.unit === "year") return { factor: decimalOf(12), dimension: "month" };
  if (quantity.unit === "month") return { factor: decimalOf(1), dimension: "month" };
  const calendar = calendarUnit(quantity.unit);
  const code = calendar && DEFINITE[calendar];
  return code === undefined ? undefined : unitSize(code);
}

/** Whether one can be converted to the other. */
export function areComparable(left: Quantity, right: Quantity): boolean {
  return compareQuantities(left, right) !== undefined;
}

/** Negative, zero or positive; undefined when their units measure different things or are not known. */
export function compareQuantities(left: Quantity, right: Quantity): number | undefined {
  if (left.unit === right.unit && left.isCalendar === right.isCalendar) return compareDecimals(left.value, right.value);
  const [size, otherSize] = [sizeOf(left), sizeOf(right)];
  if (!size || size.dimension !== otherSize?.dimension) return undefined;
  return compareDecimals(multiply(left.value, size.factor), multiply(right.value, otherSize.factor));
}

/** The same for equal quantities. */
export function quantityKey(quantity: Quantity): string {
  const size = sizeOf(quantity);
  if (!size) return `q:${normalised(quantity.value).toString()}:${quantity.unit}`;
  return `q:${normalised(multiply(quantity.value, size.factor)).toString()}:${size.dimension}`;
}

/** Both values in the coarser unit of the two, for `~`, which rounds to the less exact one; undefined when they cannot be converted. */
export function inSameUnit(left: Quantity, right: Quantity): readonly [Decimal, Decimal] | undefined {
  if (left.unit === right.unit && left.isCalendar === right.isCalendar) return [left.value, right.value];
  const [size, otherSize] = [sizeOf(left), sizeOf(right)];
  if (!size || size.dimension !== otherSize?.dimension) return undefined;
  const coarser = compareDecimals(size.factor, otherSize.factor) >= 0 ? size : otherSize;
  const own = divide(multiply(left.value, size.factor), coarser.factor);
  const other = divide(multiply(right.value, otherSize.factor), coarser.factor);
  return own && other && [own, other];
}

/** Product and quotient, with the units combined (FHIRPath, math). */
export function multiplyQuantities(left: Quantity, right: Quantity): Quantity {
  return new Quantity(multiply(left.value, right.value), combinedUnit(left, ".", right));
}

export function divideQuantities(left: Quantity, right: Quantity): Quantity | undefined {
  const value = divide(left.value, right.value);
  return value && new Quantity(value, left.unit === right.unit ? "1" : combinedUnit(left, "/", right));
}

function combinedUnit(left: Quantity, sign: "." | "/", right: Quantity): string {
  if (right.unit === "1") return left.unit;
  if (left.unit === "1" && sign === ".") return right.unit;
  return `${bracketed(codeOf(left))}${sign}${bracketed(codeOf(right))}`;
}

function codeOf({ unit, isCalendar }: Quantity): string {
  const calendar = isCalendar ? calendarUnit(unit) : undefined;
  return (calendar && DEFINITE[calendar]) ?? unit;
}

function bracketed(unit: string): string {
  return /[./]/.test(unit) ? `(${unit})` : unit;
}
