import { describe, expect, test } from "@jest/globals";
import {
  add,
  compareDecimals,
  divide,
  multiply,
  parseDecimal,
  remainder,
  roundTo,
  toNumber,
  type Decimal,
} from "../../../../src/core/fhir/fhirpath/decimal.ts";

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (!value) throw new Error(`${text} is no decimal`);
  return value;
}

describe("decimals", () => {
  test.each([
    ["1.10", "1.10"],
    ["-0.050", "-0.050"],
    ["1e3", "1000"],
    ["1.5E-3", "0.0015"],
    ["+2", "2"],
    ["123456789012345678901234567890.1", "123456789012345678901234567890.1"],
  ])("%s keeps its digits", (text, expected) => {
    expect(decimal(text).toString()).toBe(expected);
  });

  test.each(["", "1.", ".5", "1,5", "0x10", "1e9999", "9".repeat(1001)])("%s is none", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test("arithmetic is exact", () => {
    expect(add(decimal("0.1"), decimal("0.2")).toString()).toBe("0.3");
    expect(multiply(decimal("1.20"), decimal("3")).toString()).toBe("3.60");
    expect(divide(decimal("1"), decimal("8"))?.toString()).toBe("0.125");
    expect(divide(decimal("1"), decimal("3"))?.toString()).toBe(`0.${"3".repeat(28)}`);
    expect(remainder(decimal("-2.2"), decimal("1.8"))?.toString()).toBe("-0.4");
  });

  test("nothing is divided by zero", () => {
    expect(divide(decimal("1"), decimal("0.0"))).toBeUndefined();
    expect(remainder(decimal("1"), decimal("0"))).toBeUndefined();
  });

  test("1.10 is 1.1, and more digits decide", () => {
    expect(compareDecimals(decimal("1.10"), decimal("1.1"))).toBe(0);
    expect(compareDecimals(decimal("1.1000000000000000000001"), decimal("1.1"))).toBeGreaterThan(0);
    expect(toNumber(decimal("-1.25"))).toBe(-1.25);
  });

  test.each([
    ["2.5", "half-up", "3"],
    ["-2.5", "half-up", "-3"],
    ["-2.1", "down", "-3"],
    ["-2.9", "up", "-2"],
    ["2.9", "towards-zero", "2"],
  ] as const)("%s rounded %s is %s", (text, rounding, expected) => {
    expect(roundTo(decimal(text), 0, rounding).toString()).toBe(expected);
  });
});
