import { integer } from "../arithmetic.ts";
import { compareDecimals, Decimal, decimalOf, multiply, negate, parseDecimal, roundTo, toNumber, type Rounding } from "../decimal.ts";
import { FhirPathError } from "../errors.ts";
import type { SystemValue } from "../item.ts";
import { fromItem, single, type Evaluation, type Operation } from "../operation.ts";
import { Quantity } from "../quantity.ts";
import { asDecimal, systemValue } from "../values.ts";
import { define, type FunctionDefinition, type FunctionTable } from "./definition.ts";
import { integerOf } from "./subsetting.ts";

function numberOf(evaluation: Evaluation, operation: Operation | undefined): number | Decimal | undefined {
  const item = operation && single(operation.items(evaluation), "A math function");
  const value = item === undefined ? undefined : systemValue(item);
  if (value === undefined || typeof value === "number" || value instanceof Decimal) return value;
  throw new FhirPathError("Expected a number.");
}

/** To a whole number: an Integer where it is in range. */
function whole(rounding: Rounding): FunctionDefinition {
  return define(0, 0, ({ source }) =>
    fromItem((evaluation) => {
      const value = numberOf(evaluation, source);
      return value instanceof Decimal ? integer(roundTo(value, 0, rounding).digits) : value;
    }),
  );
}

/** In binary floating point; empty where there is no real result. */
function real(calculate: (input: number) => number): FunctionDefinition {
  return define(0, 0, ({ source }) =>
    fromItem((evaluation) => {
      const value = asDecimal(numberOf(evaluation, source));
      return value && fromReal(calculate(toNumber(value)));
    }),
  );
}

function fromReal(result: number): Decimal | undefined {
  return Number.isFinite(result) ? (parseDecimal(String(result)) ?? decimalOf(0)) : undefined;
}

function power(base: number | Decimal, exponent: number | Decimal): SystemValue | undefined {
  if (typeof exponent === "number" && exponent >= 0 && exponent <= 1000) {
    const decimal = asDecimal(base) ?? decimalOf(0);
    let result = decimalOf(1);
    for (let count = 0; count < exponent; count++) result = multiply(result, decimal);
    return typeof base === "number" ? integer(result.digits) : result;
  }
  return fromReal(Math.pow(Number(base.toString()), Number(exponent.toString())));
}

/** FHIRPath, math functions. */
export const MATH: FunctionTable = {
  abs: define(0, 0, ({ source }) =>
    fromItem((evaluation) => {
      const item = single(source.items(evaluation), "abs()");
      const value = item === undefined ? undefined : systemValue(item);
      if (value instanceof Quantity) return new Quantity(absolute(value.value), value.unit, value.isCalendar);
      if (value instanceof Decimal) return absolute(value);
      if (value === undefined || typeof value === "number") return value === undefined ? undefined : Math.abs(value);
      throw new FhirPathError("Expected a number.");
    }),
  ),
  ceiling: whole("up"),
  floor: whole("down"),
  truncate: whole("towards-zero"),
  exp: real(Math.exp),
  ln: real((input) => (input > 0 ? Math.log(input) : NaN)),
  sqrt: real((input) => (input < 0 ? NaN : Math.sqrt(input))),
  log: define(1, 1, ({ source, args }) =>
    fromItem((evaluation) => {
      const [value, base] = [asDecimal(numberOf(evaluation, source)), asDecimal(numberOf(evaluation, args[0]))];
      // Math.log10 and log2 are exact for the powers of their base.
      return value && base && fromReal(logarithm(toNumber(value), toNumber(base)));
    }),
  ),
  power: define(1, 1, ({ source, args }) =>
    fromItem((evaluation) => {
      const [base, exponent] = [numberOf(evaluation, source), numberOf(evaluation, args[0])];
      return base === undefined || exponent === undefined ? undefined : power(base, exponent);
    }),
  ),
  round: define(0, 1, ({ source, args }) =>
    fromItem((evaluation) => {
      const value = asDecimal(numberOf(evaluation, source));
      const scale = integerOf(evaluation, args[0]) ?? 0;
      if (scale < 0) throw new FhirPathError("round() takes a number of digits that is not negative.");
      return value && roundTo(value, Math.min(scale, value.scale), "half-up");
    }),
  ),
};

function absolute(value: Decimal): Decimal {
  return compareDecimals(value, decimalOf(0)) < 0 ? negate(value) : value;
}

function logarithm(value: number, base: number): number {
  if (base === 10) return Math.log10(value);
  return base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base);
}
