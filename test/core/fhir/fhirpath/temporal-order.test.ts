import { describe, expect, test } from "@jest/globals";
import { parseDateOrDateTime, parseTime, type Temporal } from "../../../../src/core/fhir/fhirpath/temporal.ts";
import { compareTemporals, temporalKey } from "../../../../src/core/fhir/fhirpath/temporal-order.ts";

function temporal(text: string): Temporal {
  const value = text.startsWith("T") ? parseTime(text) : parseDateOrDateTime(text);
  if (!value) throw new Error(`${text} is no date`);
  return value;
}

describe("the order of dates and times", () => {
  test.each([
    ["2014-01-01", "2014-01-02", -1],
    ["2014", "2013-12-31", 1],
    ["2014-01-01T10:00:00Z", "2014-01-01T11:00:00+01:00", 0],
    ["2014-01-01T23:30:00-01:00", "2014-01-02T00:00:00Z", 1],
    ["2014-01-01T10:00:00", "2014-01-01T10:00:00.000", 0],
    ["T10:00", "T09:59", 1],
    ["0050-01-01", "1950-01-01", -1],
    // Three days are more than any zone.
    ["2014-01-01", "2014-01-04T00:00:00Z", -1],
  ])("%s and %s", (left, right, expected) => {
    expect(Math.sign(compareTemporals(temporal(left), temporal(right)) ?? NaN)).toBe(expected);
    expect(Math.sign(compareTemporals(temporal(right), temporal(left)) ?? NaN) + expected).toBe(0);
  });

  test.each([
    ["2014", "2014-05"],
    ["2014-05-01", "2014-05-01T10:00:00Z"],
    ["2014-05-01T10:00:00", "2014-05-01T12:00:00Z"],
    ["2014-05-01T10", "2014-05-01T10:30"],
    ["T10:00", "2014"],
  ])("%s and %s: not known", (left, right) => {
    expect(compareTemporals(temporal(left), temporal(right))).toBeUndefined();
  });

  test("equal moments have one key", () => {
    expect(temporalKey(temporal("2014-01-01T10:00:00Z"))).toBe(temporalKey(temporal("2014-01-01T11:00:00.000+01:00")));
    expect(temporalKey(temporal("2014-01-01T10:00:00"))).not.toBe(temporalKey(temporal("2014-01-01T10:00:00Z")));
  });
});
