import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";

const observation = (display: string, more: Plain = {}): Plain => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "x" },
  category: [{ coding: [{ system: CATEGORY, code: "laboratory", display }] }],
  ...more,
});
const LINE = "warning display-other Observation.category[0].coding[0].display";

describe("a display against its code", () => {
  test.each<[what: string, resource: Plain, lines: string[]]>([
    ["the words of the code system", observation("Laboratory"), []],
    ["in another case, and spacing", observation(" LABORATORY. "), []],
    ["the code itself", observation("laboratory"), []],
    ["other words", observation("Blood"), [LINE]],
    ["those of another code", observation("Vital Signs"), [LINE]],
    ["other words in another language", observation("Labor", { language: "de" }), []],
    ["those of another code, whatever the language", observation("Vital Signs", { language: "de" }), [LINE]],
    ["words that are no ASCII, without a language", observation("Κλινικό"), []],
    ["but with English said", observation("Κλινικό", { language: "en-GB" }), [LINE]],
    [
      "a translation of the code system's own",
      observation("", { category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0001", code: "A", display: "mehrdeutig" }] }] }),
      [],
    ],
    [
      "a code system that is not held",
      observation("x", { category: [{ coding: [{ system: "http://snomed.info/sct", code: "1", display: "x" }] }] }),
      [],
    ],
    [
      "a code that is none is told so once",
      observation("x", { category: [{ coding: [{ system: CATEGORY, code: "lab", display: "x" }] }] }),
      ["error code-unknown Observation.category[0].coding[0].code"],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });

  test("the right words are told, and what to do if it is a translation", () => {
    expect(saidOf(observation("Labor"))[0]?.text).toBe(
      `laboratory of ${CATEGORY} means "Laboratory", and not "Labor". If it is a translation, say in which language (Resource.language).`,
    );
    expect(saidOf(observation("Vital signs", { language: "de" }))[0]?.text).toContain("which is vital-signs: mend either");
  });

  test("the language of what a resource lies within counts for it", () => {
    const inner = { ...observation("Labor"), id: "a" };
    const outer: Plain = {
      resourceType: "DiagnosticReport",
      status: "final",
      code: { text: "x" },
      result: [{ reference: "#a" }],
      contained: [inner],
    };
    expect(briefly(saidOf(outer))).toEqual(["warning display-other DiagnosticReport.contained[0].category[0].coding[0].display"]);
    expect(briefly(saidOf({ ...outer, language: "de" }))).toEqual([]);
  });
});

test("units that are none of UCUM are warned of, in a Quantity and in a Coding", () => {
  const quantity = (code: string, system = "http://unitsofmeasure.org"): Plain => ({
    ...observation("Laboratory"),
    valueQuantity: { value: 1, unit: code, system, code },
  });
  const said = saidOf(quantity("mcg"));
  expect(briefly(said)).toEqual(["warning unit-unknown Observation.value.code"]);
  expect(said[0]?.text).toBe('"mcg" is no unit of UCUM: write ug.');
  expect(saidOf(quantity("xyz"))[0]?.text).toContain("{tablet}");
  expect(briefly(saidOf(quantity("mg/dL")))).toEqual([]);
  expect(briefly(saidOf(quantity("mcg", "urn:x:y")))).toEqual([]);
  const coded = { ...observation("Laboratory"), valueCodeableConcept: { coding: [{ system: "http://unitsofmeasure.org", code: "TAB" }] } };
  expect(briefly(saidOf(coded))).toEqual(["warning unit-unknown Observation.value.coding[0].code"]);
});
