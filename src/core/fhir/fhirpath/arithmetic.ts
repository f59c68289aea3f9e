import { add, Decimal, divide, divideWhole, multiply, remainder, subtract } from "./decimal.ts";
import { FhirPathError } from "./errors.ts";
import type { Item, SystemValue } from "./item.ts";
import { fromItem, single, type Operation } from "./operation.ts";
import { divideQuantities, multiplyQuantities, Quantity } from "./quantity.ts";
import { addDuration } from "./temporal-arithmetic.ts";
import { Temporal } from "./temporal.ts";
import { typeOf } from "./types.ts";
import { asDecimal, systemValue } from "./values.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "div" | "mod" | "&";

/** FHIRPath, math: empty gives empty; `&` takes empty for the empty string. */
export function arithmetic(operator: ArithmeticOperator, left: Operation, right: Operation): Operation {
  const calculate = CALCULATIONS[operator];
  return fromItem((evaluation) => {
    const first = single(left.items(evaluation), `'${operator}'`);
    const second = single(right.items(evaluation), `'${operator}'`);
    if (operator === "&") return concatenated(first, second);
    if (first === undefined || second === undefined) return undefined;
    const [own, other] = [systemValue(first), systemValue(second)];
    if (own === undefined || other === undefined) return undefined;
    const result = calculate(own, other);
    if (result === NOT_DEFINED) throw new FhirPathError(`'${operator}' is not defined for ${typeOf(first).name} and ${typeOf(second).name}.`);
    return result;
  });
}

/** `+` and `-` before a number or quantity. */
export function signed(sign: "+" | "-", operand: Operation): Operation {
  return fromItem((evaluation) => {
    const item = single(operand.items(evaluation), `'${sign}'`);
    const value = item === undefined ? undefined : systemValue(item);
    if (item === undefined) return undefined;
    const isNumeric = typeof value === "number" || value instanceof Decimal || value instanceof Quantity;
    if (!isNumeric) throw new FhirPathError(`'${sign}' is not defined for ${typeOf(item).name}.`);
    return sign === "+" ? value : opposite(value);
  });
}

function opposite(value: number | Decimal | Quantity): SystemValue {
  if (typeof value === "number") return value === 0 ? 0 : -value;
  if (value instanceof Decimal) return new Decimal(-value.digits, value.scale);
  return new Quantity(new Decimal(-value.value.digits, value.value.scale), value.unit, value.isCalendar);
}

const NOT_DEFINED = Symbol("not defined");
type Calculation = (left: SystemValue, right: SystemValue) => SystemValue | undefined | typeof NOT_DEFINED;

/** The range of an Integer: what is outside of it is empty (FHIRPath, math: overflow). */
export function integer(value: bigint | number): number | undefined {
  return value >= -2147483648 && value <= 2147483647 ? Number(value) : undefined;
}

function onNumbers(
  integers: ((left: number, right: number) => number | undefined) | undefined,
  decimals: (left: Decimal, right: Decimal) => SystemValue | undefined,
): Calculation {
  return (left, right) => {
    if (integers && typeof left === "number" && typeof right === "number") return integers(left, right);
    const [own, other] = [asDecimal(left), asDecimal(right)];
    return own && other ? decimals(own, other) : NOT_DEFINED;
  };
}

const PLUS = onNumbers((left, right) => integer(left + right), add);
const MINUS = onNumbers((left, right) => integer(left - right), subtract);
const TIMES = onNumbers((left, right) => integer(left * right), multiply);
const OVER = onNumbers(undefined, divide);

function plus(left: SystemValue, right: SystemValue): ReturnType<Calculation> {
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (left instanceof Temporal && right instanceof Quantity) return addDuration(left, right, 1);
  if (left instanceof Quantity && right instanceof Quantity && left.unit === right.unit)
    return new Quantity(add(left.value, right.value), left.unit, left.isCalendar);
  return PLUS(left, right);
}

function minus(left: SystemValue, right: SystemValue): ReturnType<Calculation> {
  if (left instanceof Temporal && right instanceof Quantity) return addDuration(left, right, -1);
  if (left instanceof Quantity && right instanceof Quantity && left.unit === right.unit)
    return new Quantity(subtract(left.value, right.value), left.unit, left.isCalendar);
  return MINUS(left, right);
}

function asQuantity(value: SystemValue): Quantity | undefined {
  if (value instanceof Quantity) return value;
  const decimal = asDecimal(value);
  return decimal && new Quantity(decimal, "1");
}

function onQuantities(
  left: SystemValue,
  right: SystemValue,
  calculate: (left: Quantity, right: Quantity) => Quantity | undefined,
): ReturnType<Calculation> {
  if (!(left instanceof Quantity || right instanceof Quantity)) return NOT_DEFINED;
  const [own, other] = [asQuantity(left), asQuantity(right)];
  return own && other ? calculate(own, other) : NOT_DEFINED;
}

const CALCULATIONS: Readonly<Record<ArithmeticOperator, Calculation>> = {
  "+": plus,
  "-": minus,
  "*": (left, right) => {
    const product = onQuantities(left, right, multiplyQuantities);
    return product === NOT_DEFINED ? TIMES(left, right) : product;
  },
  "/": (left, right) => {
    const quotient = onQuantities(left, right, divideQuantities);
    return quotient === NOT_DEFINED ? OVER(left, right) : quotient;
  },
  div: onNumbers(undefined, (left, right) => {
    const whole = divideWhole(left, right);
    return whole === undefined ? undefined : integer(whole);
  }),
  mod: onNumbers((left, right) => (right === 0 ? undefined : left % right), remainder),
  "&": () => undefined,
};

function concatenated(first: Item | undefined, second: Item | undefined): string {
  return [first, second].map((item) => (item === undefined ? "" : stringOperand(item))).join("");
}

function stringOperand(item: Item): string {
  const value = systemValue(item);
  if (value === undefined) return "";
  if (typeof value !== "string") throw new FhirPathError(`'&' is not defined for ${typeOf(item).name}.`);
  return value;
}
