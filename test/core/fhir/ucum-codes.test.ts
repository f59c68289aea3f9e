import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import { isUcumCode, meantUnit } from "../../../src/core/fhir/ucum-codes.ts";

interface Oracle {
  readonly UnitTables: { getInstance(): { allUnitsByDef(): readonly { readonly csCode_: string }[] } };
}

/** Reads its units when it is made. */
interface Loader {
  readonly UcumLhcUtils: { getInstance(): unknown };
}

test("every unit that the National Library of Medicine's UCUM library lists is one; its Torr is not UCUM's, and two have a space behind them", () => {
  const fhirpath = createRequire(import.meta.url).resolve("fhirpath");
  const { UnitTables } = createRequire(fhirpath)("@lhncbc/ucum-lhc/source-cjs/unitTables.js") as Oracle;
  (createRequire(fhirpath)("@lhncbc/ucum-lhc/source-cjs/ucumPkg.js") as Loader).UcumLhcUtils.getInstance();
  const all = UnitTables.getInstance()
    .allUnitsByDef()
    .map((unit) => unit.csCode_);
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter((code) => !isUcumCode(code))).toEqual(["Torr", "g/kg ", "L/(min.m2) "]);
});

describe("codes and what looks like them", () => {
  test.each([
    "mg",
    "kg/m2",
    "kg.m-2",
    "10*9/L",
    "10*-6",
    "10^9/L",
    "/min",
    "mL/min/{1.73_m2}",
    "{tablet}",
    "{tablet}/d",
    "m+2",
    "(g)",
    "24.h",
    "g/(100.g)",
    "[arb'U]/mL",
    "%{0-3}",
    "Mibit",
    "dam",
    "1",
    "[IU]",
    "U",
    "''",
  ])("%s is one", (code) => {
    expect(isUcumCode(code)).toBe(true);
  });
  test.each([
    "",
    "mcg",
    "drop",
    "TAB",
    "mm[Hg",
    "g//L",
    "mg{",
    "{a}g",
    "2mg",
    "g{a}{b}",
    "/",
    "mg/",
    "m^2",
    "(g)2",
    "mmHg",
    "K/uL ",
    "{É}",
    "k[lb_av]",
    "k%",
    "da",
    "constructor",
    "((((((((((((((((((((((g))))))))))))))))))))))",
  ])("%j is none", (code) => {
    expect(isUcumCode(code)).toBe(false);
  });

  test("a long one costs no more than its length", () => {
    expect(isUcumCode(`${"g.".repeat(200_000)}g`)).toBe(true);
    expect(isUcumCode("[".repeat(400_000))).toBe(false);
  });

  test("what is meant is said where it is known", () => {
    expect(["KU/L", "UU/ML", "U/ML", "MG/DL", "10*3/UL", "mu/l"].map(meantUnit)).toEqual(["kU/l", "uU/ml", "U/ml", "mg/dl", "10*3/ul", "mU/l"]);
    // In lower case they would be other units, or may be: a phot, a parsec, the mass of an atom, millimetres, a thousandth of a million.
    expect(["Ph", "PH", "PC", "UA", "ST", "KCAL/PH", "MG{U}", "[PH]", "mM", "MU/DL", "Mg/DL"].map(meantUnit)).toEqual(Array(11).fill(undefined));
    expect(["mcg", "TAB", "MG", "mEq", "nothing"].map(meantUnit)).toEqual(["ug", "{tablet}", "mg", "meq", undefined]);
  });
});
