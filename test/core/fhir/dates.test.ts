import { describe, expect, test } from "@jest/globals";
import { ageAt, formatDate, formatPeriod } from "../../../src/core/fhir/dates.ts";

describe("formatDate", () => {
  test.each([
    ["2026", "2026"],
    ["2026-03", "Mar-2026"],
    ["2026-03-04", "04-Mar-2026"],
    ["2026-03-04T09:31:00+01:00", "04-Mar-2026 09:31 +01:00"],
    ["2026-03-04T09:31:22.123Z", "04-Mar-2026 09:31 UTC"],
    ["2026-13-04", "2026-13-04"],
    ["last spring", "last spring"],
  ])("%s reads %s", (date, text) => expect(formatDate(date)).toBe(text));
});

describe("formatPeriod", () => {
  test("says what is known", () => {
    expect(formatPeriod("2026-03-04", "2026-03-06")).toBe("04-Mar-2026 – 06-Mar-2026");
    expect(formatPeriod("2026-03-04", undefined)).toBe("04-Mar-2026 –");
    expect(formatPeriod(undefined, undefined)).toBeUndefined();
  });
});

describe("ageAt", () => {
  test.each([
    ["1961-03-14", "2026-03-13", { value: 64, unit: "years" }],
    ["1961-03-14", "2026-03-14T00:00:00Z", { value: 65, unit: "years" }],
    ["2024-04-01", "2026-03-20", { value: 23, unit: "months" }],
    ["2026-01-01", "2026-03-20", { value: 11, unit: "weeks" }],
    ["2026-03-01", "2026-03-20", { value: 19, unit: "days" }],
    ["2026-03-20", "2026-03-20", { value: 0, unit: "days" }],
    ["1961-03", "2026-03-20", undefined],
    ["1961", "2026-03-20", undefined],
    ["2027-01-01", "2026-03-20", undefined],
  ])("born %s, on %s", (birthDate, at, age) => expect(ageAt(birthDate, at)).toEqual(age));
});
