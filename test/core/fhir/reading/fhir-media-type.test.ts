import { expect, test } from "@jest/globals";
import { fhirMediaTypeOf } from "../../../../src/core/fhir/reading/fhir-media-type.ts";

test.each([
  ["<Bundle/>", "a.json", "xml"],
  ["\uFEFF \r\n\t<Bundle/>", "", "xml"],
  ['{"resourceType":"Bundle"}', "a.xml", "json"],
  ["\uFEFF\n{}", "", "json"],
  ["neither", "A.XML", "xml"],
  ["neither", "a.txt", "json"],
  ["", "", "json"],
])("%j of a file %j is read as %s", (text, name, form) => {
  expect(fhirMediaTypeOf(new TextEncoder().encode(text), name)).toBe(`application/fhir+${form}`);
});
