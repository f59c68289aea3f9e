import { add, Decimal, roundTo, subtract } from "../decimal.ts";
import type { SystemValue } from "../item.ts";
import { fromItem, fromTruth, single, type Evaluation, type Operation } from "../operation.ts";
import { areComparable, Quantity } from "../quantity.ts";
import { ALL_PARTS, daysIn, SECOND, Temporal } from "../temporal.ts";
import { asDecimal, systemValue } from "../values.ts";
import { define, type FunctionDefinition, type FunctionTable } from "./definition.ts";
import { integerOf } from "./subsetting.ts";

type Side = "low" | "high";

const DECIMAL_DEFAULT_PRECISION = 8;
const DECIMAL_MAX_PRECISION = 31;
/** How many digits a date or time has, by its parts: 2014-01-05T10:30:00.000 has 17. */
const PART_DIGITS = { date: [4, 6, 8, 10, 12, 17], time: [2, 4, 9] } as const;
const SECONDS_DIGITS = { date: 14, time: 6 } as const;
/** The first and the last zone in which a moment can lie. */
const ZONES: Readonly<Record<Side, number>> = { low: 14 * 60, high: -12 * 60 };

/** The lowest and highest value that a value of this precision may stand for (FHIRPath 2.1, boundaries; R4's examples and tests use them). */
export const BOUNDARIES: FunctionTable = {
  lowBoundary: boundary("low"),
  highBoundary: boundary("high"),
  precision: define(0, 0, ({ source }) =>
    fromItem((evaluation) => {
      const value = inputOf(evaluation, source);
      if (value instanceof Temporal) return temporalPrecision(value);
      return value instanceof Quantity ? value.value.scale : asDecimal(value)?.scale;
    }),
  ),
  comparable: define(1, 1, ({ source, args }) =>
    fromTruth((evaluation) => {
      const [left, right] = [inputOf(evaluation, source), args[0] && inputOf(evaluation, args[0])];
      return left === undefined || right === undefined
        ? undefined
        : left instanceof Quantity && right instanceof Quantity && areComparable(left, right);
    }),
  ),
};

function inputOf(evaluation: Evaluation, operation: Operation): SystemValue | undefined {
  const item = single(operation.items(evaluation), "A boundary function");
  return item === undefined ? undefined : systemValue(item);
}

function boundary(side: Side): FunctionDefinition {
  return define(0, 1, ({ source, args }) =>
    fromItem((evaluation) => {
      const value = inputOf(evaluation, source);
      const precision = integerOf(evaluation, args[0]);
      if (value instanceof Temporal) return temporalBoundary(value, side, precision);
      if (value instanceof Quantity) {
        const decimal = decimalBoundary(value.value, side, precision);
        return decimal && new Quantity(decimal, value.unit, value.isCalendar);
      }
      const decimal = asDecimal(value);
      return decimal && decimalBoundary(decimal, side, precision);
    }),
  );
}

function decimalBoundary(value: Decimal, side: Side, precision = DECIMAL_DEFAULT_PRECISION): Decimal | undefined {
  if (precision < 0 || precision > DECIMAL_MAX_PRECISION) return undefined;
  const half = new Decimal(5n, value.scale + 1);
  return side === "low" ? roundTo(subtract(value, half), precision, "down") : roundTo(add(value, half), precision, "up");
}

function temporalBoundary(value: Temporal, side: Side, precision: number | undefined): Temporal | undefined {
  const isTime = value.kind === "Time";
  const family = isTime ? "time" : "date";
  const digits = PART_DIGITS[family];
  const all = value.kind === "Date" ? 8 : (digits.at(-1) ?? 0);
  const asked = precision ?? all;
  const count = asked === SECONDS_DIGITS[family] ? digits.length : digits.findIndex((digit) => digit === asked) + 1;
  if (count === 0) return undefined;
  const parts = [...value.parts];
  while (parts.length < count) parts.push(extreme(side, parts, isTime));
  const hasTime = isTime || count > 3;
  const zone = isTime || !hasTime ? undefined : (value.offset ?? (value.kind === "DateTime" ? ZONES[side] : undefined));
  const kind = isTime ? "Time" : value.kind;
  return new Temporal(kind, parts.slice(0, count), count === digits.length && asked !== SECONDS_DIGITS[family] ? 3 : 0, zone);
}

/** The lowest or highest value of the part that comes next. */
function extreme(side: Side, parts: readonly number[], isTime: boolean): number {
  const place = parts.length + (isTime ? 3 : 0);
  const [year = 0, month = 1] = parts;
  const lowest = [1, 1, 1, 0, 0, 0][place] ?? 0;
  const highest = [9999, 12, daysIn(year, month), 23, 59, 60 * SECOND - 1_000_000][place] ?? 0;
  return side === "low" ? lowest : highest;
}

function temporalPrecision({ kind, parts, fractionDigits }: Temporal): number {
  const family = kind === "Time" ? "time" : "date";
  const isWhole = parts.length === (kind === "Time" ? 3 : ALL_PARTS);
  return isWhole ? SECONDS_DIGITS[family] + fractionDigits : (PART_DIGITS[family][parts.length - 1] ?? 0);
}
