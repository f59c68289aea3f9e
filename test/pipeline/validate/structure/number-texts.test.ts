import { expect, test } from "@jest/globals";
import { saidOfText } from "../a-document.ts";

const observation = (value: string): string =>
  `<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="Sodium"/></code><valueQuantity><value value="${value}"/></valueQuantity></Observation>`;
const about = (text: string, mediaType: "application/fhir+xml" | "application/fhir+json"): string[] =>
  saidOfText(text, mediaType)
    .filter(({ rule }) => rule === "wrong-json-type")
    .map((issue) => issue.text);

test.each([
  ["007.50", /"007\.50" is no decimal: zeros lead it/],
  ["-07", /zeros lead it/],
  ["+7", /begins with a plus sign/],
  ["7,5", /decimals stand behind a point/],
  ["1.234,5", /decimals stand behind a point/],
  [".5", /digits stand before and behind its point/],
  ["5.", /digits stand before and behind its point/],
  [" 5", /white space/],
  ["five", /it is digits/],
])("XML: %s is told what it lacks", (value, expected) => {
  expect(about(observation(value), "application/fhir+xml")).toEqual([expect.stringMatching(expected)]);
});

test("a number of XML is none too few", () => {
  expect(about(observation("7.50"), "application/fhir+xml")).toEqual([]);
});

test.each([
  ['{"resourceType":"Patient","active":"true"}', /boolean.*leave out its quotation marks/],
  ['{"resourceType":"Patient","multipleBirthInteger":"2"}', /number in JSON.*leave out its quotation marks/],
  ['{"resourceType":"Patient","active":"yes"}', /"yes" is no boolean: it is true or false/],
  ['{"resourceType":"Patient","birthDate":1970}', /which is a string in JSON, not a number/],
])("JSON: %s", (text, expected) => {
  expect(about(text, "application/fhir+json")).toEqual([expect.stringMatching(expected)]);
});
