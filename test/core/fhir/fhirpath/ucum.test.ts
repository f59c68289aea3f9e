import { describe, expect, test } from "@jest/globals";
import { unitSize } from "../../../../src/core/fhir/fhirpath/ucum.ts";
import { found } from "./reading.ts";

describe("UCUM units", () => {
  test.each([
    ["mg", "0.001", "g1"],
    ["kg/m2", "1000", "g1m-2"],
    ["mm[Hg]", "133322.000", "g1m-1s-2"],
    ["10*9/L", "1000000000000", "m-3"],
    ["mL/min/{1.73_m2}", undefined, "m3s-1"],
    ["/min", undefined, "s-1"],
    ["ug/(24.h)", undefined, "g1s-1"],
    ["{score}", "1", ""],
    ["%", "0.01", ""],
    ["[stone_av]", "6350.29318", "g1"],
    ["KiL", "1.024", "m3"],
    ["[st_av]", undefined, undefined],
    ["2{a}g", undefined, undefined],
    ["10-3", undefined, undefined],
    ["da", undefined, undefined],
    ["Cel", undefined, undefined],
    ["mg/", undefined, undefined],
    ["", undefined, undefined],
    ["constructor", undefined, undefined],
  ])("%s", (unit, factor, dimension) => {
    const size = unitSize(unit);
    expect(size?.dimension).toBe(dimension);
    if (factor !== undefined) expect(Number(size?.factor.toString())).toBeCloseTo(Number(factor), 9);
  });

  test.each([
    ["1 'kg' = 1000 'g'", ["true"]],
    ["1 'mmol/L' < 1 'mol/L'", ["true"]],
    ["180 'mg/dL' = 1.8 'g/L'", ["true"]],
    ["37 'Cel' = 37 'Cel'", ["true"]],
    ["37 'Cel' > 98 '[degF]'", []],
    ["1 'mg' = 1 'mL'", []],
    ["1 year = 12 months", ["true"]],
    ["1 year = 1 'a'", []],
    ["(1 'kg' | 1000 'g').count()", ["1"]],
    ["3 'g' + 2 'g'", ["5 'g'"]],
  ])("%s", (expression, expected) => {
    expect(found(expression)).toEqual(expected);
  });
});
