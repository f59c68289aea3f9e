import { describe, expect, test } from "@jest/globals";
import { ageAt, readDate } from "../../../src/core/fhir/dates.ts";

describe("readDate", () => {
  const zoned = { year: "2026", month: "03", day: "04", time: "09:31", zone: "+01:00" };

  test.each([
    ["2026", { year: "2026" }],
    ["2026-03", { year: "2026", month: "03" }],
    ["2026-03-04", { year: "2026", month: "03", day: "04" }],
    ["2026-03-04T09:31:00+01:00", zoned],
    ["2026-03-04T09:31:22.123Z", { ...zoned, zone: "UTC" }],
    ["2026-03-04T09:31:22+00:00", { ...zoned, zone: "UTC" }],
  ])("%s", (date, parts) => expect(readDate(date)).toEqual(parts));

  test.each(["2026-13-04", "2026-00-04", "last spring", "04-03-2026"])("%s is no date", (date) => expect(readDate(date)).toBeUndefined());
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
