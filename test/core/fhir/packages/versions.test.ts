import { expect, test } from "@jest/globals";
import { compareVersions, majorMinorOf } from "../../../../src/core/fhir/packages/versions.ts";

test("versions are in the order of their numbers, then of their labels", () => {
  const inOrder = ["0.9.10", "1.0.0-ballot", "1.0.0-snapshot2", "1.0.0", "1.2", "1.10.0", "2018-08-12", "2022.4.20221006", "draft"];
  expect(inOrder.toReversed().toSorted(compareVersions)).toEqual(inOrder);
  expect(compareVersions("1.0", "1.0.0")).toBe(0);
  expect(compareVersions("1.0.0+1", "1.0.0+2")).toBe(0);
});

test.each([
  ["1.5", "1.5"],
  ["1.5.0", "1.5"],
  ["1.5.x", "1.5"],
  ["1.5.0-ballot", "1.5"],
  ["1.5-cibuild", "1.5"],
  ["1", undefined],
  ["2018-08-12", undefined],
  ["v1.5", undefined],
  ["", undefined],
])("of %j major and minor number are %s", (version, expected) => {
  expect(majorMinorOf(version)).toBe(expected);
});
