import { describe, expect, test } from "@jest/globals";
import { parseDateOrDateTime, parseTime } from "../../../../src/core/fhir/fhirpath/temporal.ts";

describe("dates and times", () => {
  test.each(["2014", "2014-02", "2014-02-28", "2014-02-28T", "2014-02-28T14", "2014-02-28T14:30:00.120+10:00", "2014-02-28T14:30:00Z", "2016-02-29"])(
    "%s reads and writes the same",
    (text) => {
      expect(parseDateOrDateTime(text)?.toString()).toBe(text.replace(/T$/, ""));
    },
  );

  test("a T makes a DateTime of a date", () => {
    expect(parseDateOrDateTime("2014")?.kind).toBe("Date");
    expect(parseDateOrDateTime("2014T")?.kind).toBe("DateTime");
  });

  test.each(["2014-13", "2014-02-30", "2015-02-29", "14", "2014-2-1", "2014T10", "2014-01-01T24:00", "2014-01-01T10:60"])(
    "%s does not exist",
    (text) => {
      expect(parseDateOrDateTime(text)).toBeUndefined();
    },
  );

  test("a time has no zone", () => {
    expect(parseTime("14:30:00.5")?.toString()).toBe("14:30:00.5");
    expect(parseTime("14:30Z")).toBeUndefined();
    expect(parseTime("25:00")).toBeUndefined();
  });
});
