/**
 * Decimals, exact (FHIRPath, Decimal): digits times a power of ten, so that 1.10 keeps its zero and 0.1 + 0.2 is 0.3. Division gives at most 28 digits behind the
 * point beyond those of its operands; results that no decimal holds (roots, logarithms) come from binary floating point.
 */
export class Decimal {
  readonly digits: bigint;
  /** How many of the digits stand behind the point. */
  readonly scale: number;

  constructor(digits: bigint, scale: number) {
    this.digits = digits;
    this.scale = scale;
  }

  toString(): string {
    const negative = this.digits < 0n;
    const digits = (negative ? -this.digits : this.digits).toString().padStart(this.scale + 1, "0");
    const text = this.scale === 0 ? digits : `${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`;
    return negative ? `-${text}` : text;
  }
}

/** Longer numbers are nobody's measurement; reading one takes more than linear time. */
const MAX_LENGTH = 1000;
const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
const DIVISION_DIGITS = 28;

/** A decimal as JSON, XML or FHIRPath writes it; undefined for anything else, and for what nobody means (more than 1000 characters, exponents beyond 999). */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign, whole, fraction = "", exponent = "0"] = text.length > MAX_LENGTH ? [] : (NUMBER.exec(text) ?? []);
  if (whole === undefined) return undefined;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? new Decimal(digits, scale) : new Decimal(digits * tenTo(-scale), 0);
}

export function decimalOf(value: number): Decimal {
  if (Number.isInteger(value)) return new Decimal(BigInt(value), 0);
  return parseDecimal(String(value)) ?? new Decimal(0n, 0);
}

/** The nearest binary number. */
export function toNumber(value: Decimal): number {
  return value.scale === 0 ? Number(value.digits) : Number(value.toString());
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function atScale(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.digits : value.digits * tenTo(scale - value.scale);
}

/** Negative, zero or positive. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  const scale = Math.max(left.scale, right.scale);
  const difference = atScale(left, scale) - atScale(right, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function add(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return new Decimal(atScale(left, scale) + atScale(right, scale), scale);
}

export function negate(value: Decimal): Decimal {
  return new Decimal(-value.digits, value.scale);
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  return add(left, negate(right));
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return new Decimal(left.digits * right.digits, left.scale + right.scale);
}

/** Undefined by zero. The quotient without the zeros at its end. */
export function divide(left: Decimal, right: Decimal): Decimal | undefined {
  if (right.digits === 0n) return undefined;
  const scale = Math.max(left.scale, right.scale) + DIVISION_DIGITS;
  const quotient = divideRounded(left.digits * tenTo(scale + right.scale - left.scale), right.digits);
  return normalised(new Decimal(quotient, scale));
}

/** The whole part of the quotient, towards zero; undefined by zero. */
export function divideWhole(left: Decimal, right: Decimal): bigint | undefined {
  const scale = Math.max(left.scale, right.scale);
  return right.digits === 0n ? undefined : atScale(left, scale) / atScale(right, scale);
}

/** What is left of the division, with the sign of the dividend; undefined by zero. */
export function remainder(left: Decimal, right: Decimal): Decimal | undefined {
  const scale = Math.max(left.scale, right.scale);
  return right.digits === 0n ? undefined : new Decimal(atScale(left, scale) % atScale(right, scale), scale);
}

const ZERO = 0x30;

/** Without the zeros at the end of its fraction: two decimals are equal when their normal forms are. */
export function normalised(value: Decimal): Decimal {
  const { digits, scale } = value;
  if (scale === 0) return value;
  if (digits === 0n) return new Decimal(0n, 0);
  const text = digits.toString();
  let zeros = 0;
  while (zeros < scale && text.charCodeAt(text.length - 1 - zeros) === ZERO) zeros++;
  return zeros === 0 ? value : new Decimal(digits / tenTo(zeros), scale - zeros);
}

export type Rounding = "half-up" | "down" | "up" | "towards-zero";

/** Rounded to `scale` digits behind the point: halves away from zero, or downwards or upwards in value. */
export function roundTo(value: Decimal, scale: number, rounding: Rounding): Decimal {
  if (scale >= value.scale) return new Decimal(atScale(value, scale), scale);
  const unit = tenTo(value.scale - scale);
  const whole = value.digits / unit;
  const rest = value.digits % unit;
  if (rounding === "half-up") return new Decimal(divideRounded(value.digits, unit), scale);
  if (rounding === "down") return new Decimal(rest < 0n ? whole - 1n : whole, scale);
  if (rounding === "up") return new Decimal(rest > 0n ? whole + 1n : whole, scale);
  return new Decimal(whole, scale);
}

function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n !== divisor < 0n;
  const [over, under] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const quotient = (over * 2n + under) / (under * 2n);
  return isNegative ? -quotient : quotient;
}
