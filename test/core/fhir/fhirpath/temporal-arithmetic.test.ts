import { describe, expect, test } from "@jest/globals";
import { FhirPathError } from "../../../../src/core/fhir/fhirpath/errors.ts";
import { found } from "./reading.ts";

describe("dates and durations", () => {
  test.each([
    ["@2014 + 24 months", "2016"],
    ["@2014 + 23 months", "2015"],
    ["@2014-01 + 31 days", "2014-02"],
    ["@2014-01-31 + 1 month", "2014-02-28"],
    ["@2016-02-29 - 1 year", "2015-02-28"],
    ["@2014-01-01 + 25 hours", "2014-01-02"],
    ["@2014-01-01 - 1 day", "2013-12-31"],
    ["@2014-01-01T00:00:00Z - 1 's'", "2013-12-31T23:59:59Z"],
    ["@2014-01-01T10:00:00 + 1.5 's'", "2014-01-01T10:00:01.500"],
    ["@T23:30 + 45 minutes", "00:15"],
    ["@T00:15 - 1 hour", "23:15"],
  ])("%s is %s", (expression, expected) => {
    expect(found(expression)).toEqual([expected]);
  });

  test("a mean month is no duration of the calendar, and a length none at all", () => {
    expect(() => found("@2014-01-01 + 1 'mo'")).toThrow(FhirPathError);
    expect(() => found("@2014-01-01 + 1 'cm'")).toThrow(FhirPathError);
    expect(() => found("@T10:00 + 1 month")).toThrow(FhirPathError);
  });

  test("the calendar ends", () => {
    expect(found("@9999-12-31 + 1 day")).toEqual([]);
  });
});
