import { describe, expect, test } from "@jest/globals";
import { FhirPathSyntaxError } from "../../../../src/core/fhir/fhirpath/errors.ts";
import { parseFhirPath } from "../../../../src/core/fhir/fhirpath/parser.ts";
import { found } from "./reading.ts";
import { compileFhirPath } from "../../../r4.ts";

function offsetOfFault(text: string): number | undefined {
  try {
    compileFhirPath(text);
  } catch (error) {
    if (error instanceof FhirPathSyntaxError) return error.offset;
    throw error;
  }
  return undefined;
}

describe("FHIRPath is parsed", () => {
  test.each([
    ["1 + 2 * 3 - 4", "3"],
    ["2 * (3 + 4)", "14"],
    ["-2 - -3", "1"],
    ["true or false and false", "true"],
    ["false implies true = false", "true"],
    ["1 | 2 = 2", "false"],
    ["'a' & 'b' in ('ab' | 'c')", "true"],
    ["'it\\'s \\u0041'", "it's A"],
    ["1 /* two */ + // three\n 2", "3"],
    ["1.is(Integer) and 1 is Integer", "true"],
  ])("%s", (expression, expected) => {
    expect(found(expression)).toEqual([expected]);
  });

  test("keywords are names where a name is expected", () => {
    expect(parseFhirPath("contains.is.as.`div`")).toMatchObject({ kind: "member", name: "div", source: { name: "as", source: { name: "is" } } });
  });

  test.each([
    ["", 0],
    ["1 +", 3],
    ["name.", 5],
    ["name[0", 6],
    ["(1", 2],
    ["'open", 0],
    ["'bad \\q'", 5],
    ["a $ b", 2],
    ["@2014-02-30", 0],
    ["name.exist()", 5],
    ["name.first(1)", 5],
    ["x is Pateint", 5],
    ["ofType(1)", 7],
    ["1 2", 2],
  ])("%s is refused at %i", (text, offset) => {
    expect(offsetOfFault(text)).toBe(offset);
  });

  test("depth is bounded", () => {
    expect(() => parseFhirPath("(".repeat(5000))).toThrow(FhirPathSyntaxError);
    expect(() => parseFhirPath(`${"-".repeat(5000)}1`)).toThrow(FhirPathSyntaxError);
  });
});
