/** docs/design/presentation.md says what is left out and why, as the code does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { JsonNumber } from "../../../../src/core/fhir/tree/tree.ts";
import { LEFT_OUT } from "../../../../src/pipeline/render/generated/left-out.ts";
import { definitionOf } from "../../../r4.ts";
import { shownText } from "./shown.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../../docs/design/presentation.md"), "utf8");

test("the page has every row of the table, and no other", () => {
  const rows = [...PAGE.matchAll(/^\| `([\w.*]+)` \| (.*?) \|$/gm)].map((match) => [match[1], match[2]]);
  expect(rows).toEqual(Object.entries(LEFT_OUT).map(([path, { why }]) => [path, why]));
});

test("every path is an element of R4", () => {
  const strangers = Object.keys(LEFT_OUT).filter((path) => {
    const [root = "", ...steps] = path.split(".");
    if (root === "*") return false;
    let type = definitionOf(root);
    for (const step of steps) {
      const property = type?.properties.get(step);
      if (property === undefined) return true;
      type = property.content;
    }
    return false;
  });
  expect(strangers).toEqual([]);
});

describe("what would be left out elsewhere is shown where it says something", () => {
  const allergy = (more: object): string => shownText([{ resourceType: "AllergyIntolerance", id: "a", criticality: "high", ...more }]);
  const div = (words: string): string => `<div xmlns="http://www.w3.org/1999/xhtml"><p>${words}</p></div>`;

  test("a text that has more than its data, or the name that the data lacks", () => {
    expect(allergy({ text: { status: "additional", div: div("Hives as a child") }, code: { text: "Doxycycline" } })).toContain("Hives as a child");
    expect(allergy({ text: { status: "generated", div: div("Doxycycline") } })).toContain("Text Doxycycline");
    expect(allergy({ text: { status: "generated", div: div("Made of data") }, code: { text: "Doxycycline" } })).not.toContain("Made of data");
  });

  test("a code without words, as a code of its system", () => {
    expect(allergy({ code: { coding: [{ system: "http://snomed.info/sct", code: "372748001" }] } })).toContain("code 372748001 (SNOMED CT)");
    expect(allergy({ code: { coding: [{ system: "https://example.org/codes", code: "penicillin" }] } })).toContain("code penicillin (codes)");
  });

  test("a unit that its code contradicts", () => {
    const observation = (unit: string, code: string): string =>
      shownText([
        { resourceType: "Observation", id: "o", status: "final", code: { text: "Dose" }, valueQuantity: { value: new JsonNumber("5"), unit, code } },
      ]);
    expect(observation("mg", "ug")).toContain("5 mg (Code: ug)");
    expect(observation("mg", "mg")).toContain("5 mg");
    expect(observation("mg", "mg")).not.toContain("Code");
  });

  test("a diagnosis that is only suspected, or excluded, by the sender's extension", () => {
    const url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit";
    const system = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT";
    const coding = { system: "http://fhir.de/CodeSystem/bfarm/icd-10-gm", code: "I26.9", extension: [{ url, valueCoding: { system, code: "A" } }] };
    const text = shownText([{ resourceType: "Condition", id: "c", code: { coding: [coding], text: "Lungenembolie" } }]);
    expect(text).toContain("Lungenembolie (Certainty: EXCLUDED diagnosis)");
  });

  test("an annotation of a unit, without the braces of its code", () => {
    const rate = { value: new JsonNumber("75"), unit: "{beats}/min", system: "http://unitsofmeasure.org", code: "{beats}/min" };
    const text = shownText([{ resourceType: "Observation", id: "o", status: "final", code: { text: "Heart rate" }, valueQuantity: rate }]);
    expect(text.replaceAll("\u00A0", " ")).toContain("75 beats/min");
  });
});

test("where a narrative tells of an entry is no words for a reader; other extensions are", () => {
  const extension = [
    { url: "http://hl7.org/fhir/StructureDefinition/narrativeLink", valueUrl: "urn:uuid:2e5b2f5a-8b5a-4a49-9d1c-0d6a38a56d0b#row-7" },
    { url: "https://example.org/ward", valueString: "Ward 7" },
  ];
  const text = shownText([{ resourceType: "Condition", id: "c", extension, code: { text: "Asthma" } }]);
  expect(text).toContain("Ward: Ward 7");
  expect(text).not.toMatch(/row-7|link/i);
  const alone = shownText([{ resourceType: "Condition", id: "c", extension: extension.slice(0, 1), code: { text: "Asthma" } }]);
  expect(alone).not.toMatch(/row-7|link/i);
});
