/** HL7's FHIRPath suite for R4 (FHIR/fhir-test-cases, r4/fhirpath), every test of it. Those that we fail stand here with the reason; one that begins to pass fails this test too. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { faultOf, readSuite } from "./fhirpath-suite.ts";

const FOLDER = join(process.env["CASES"] ?? "../shared/cases", "fhirpath");

const EXCEPTIONS: Readonly<Record<string, string>> = {
  testPlusDate19: "the suite drops 0.1 s; the specification ignores fractions of units above the second only",
  LowBoundaryDecimal15: "the lower bound of -0.0034 at one digit is rounded downwards (-0.1), as LowBoundaryNegDecimal2 has it",
  HighBoundaryDecimal15: "the upper bound of 0.0034 at one digit is rounded upwards (0.1), as HighBoundaryDecimal2 has it",
  HighBoundaryDecimal16: "the same, and the sign binds later than the function",
  HighBoundaryDateTimeMillisecond1: "08 o'clock without minutes ends at 08:59:59.999; the suite takes it for 08:00",
  HighBoundaryDateTimeMillisecond3: "the same",
};

if (!existsSync(FOLDER)) {
  test.skip("HL7's FHIRPath suite (no folder fhirpath in CASES)", () => undefined);
} else {
  const suite = readSuite(FOLDER);

  test("the suite is all there", () => {
    expect(suite.length).toBeGreaterThanOrEqual(935);
    expect(Object.keys(EXCEPTIONS).filter((name) => !suite.some((one) => one.name === name))).toEqual([]);
  });

  describe("HL7's FHIRPath suite", () => {
    test.each(suite.filter(({ name }) => !(name in EXCEPTIONS)).map((one) => [one.name, one] as const))("%s", (_name, one) => {
      expect(faultOf(one, FOLDER)).toBeUndefined();
    });

    test.each(suite.filter(({ name }) => name in EXCEPTIONS).map((one) => [one.name, one] as const))("%s is an exception", (_name, one) => {
      expect(faultOf(one, FOLDER)).toBeDefined();
    });
  });
}
