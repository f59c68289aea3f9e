/** Places of HL7's validator, as the differential run compares them with ours. */
import { expect, test } from "@jest/globals";
import { isToldAt, placeOf } from "../../scripts/differential/places.ts";
import type { Issue } from "../../src/core/fhir/issue.ts";

function ours(expression: string): readonly Issue[] {
  return [{ severity: "error", code: "invalid", rule: "empty-string", text: "", offset: 0, expression }];
}

test("messages about entries count from one, others from nought", () => {
  const at = "Bundle.entry[1].resource/*Composition/c1*/.section[2].entry[1]";
  expect(placeOf({ severity: "error", at, id: "Bundle_BUNDLE_Entry_NotFound", text: "" })).toBe("Bundle.entry[0].resource.section[1].entry[0]");
  expect(placeOf({ severity: "error", at, id: "Reference_REF_BadTargetType", text: "" })).toBe("Bundle.entry[1].resource.section[2].entry[1]");
});

test("types of choices and addresses of extensions are no part of a place", () => {
  const at = "Patient.extension[0][url='http://example.org/x'].value.ofType(base64Binary)";
  const place = placeOf({ severity: "error", at, text: "" });
  expect(place).toBe("Patient.extension[0].value");
  expect(isToldAt(place, ours("Patient.extension[0].value"))).toBe(true);
  expect(isToldAt(place, ours("Patient.extension[1].value"))).toBe(false);
});

test("an XPath, which has no indexes, is the place that ends with its names", () => {
  const place = placeOf({ severity: "error", at: "Patient/f:name/f:family", text: "" });
  expect(isToldAt(place, ours("Bundle.entry[1].resource.name[0].family"))).toBe(true);
  expect(isToldAt(place, ours("Bundle.entry[1].resource.name[0]"))).toBe(false);
  expect(isToldAt("/f:Bundle/f:identifier/?:value", ours("Bundle.identifier.value"))).toBe(true);
});
