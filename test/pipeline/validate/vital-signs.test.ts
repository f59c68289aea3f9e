import { describe, expect, test } from "@jest/globals";
import { aDocument, briefly, resourceAt, saidOf, type Plain } from "./a-document.ts";
import { policyOf } from "./a-policy.ts";

const LOINC = "http://loinc.org";
const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
const VITAL = { coding: [{ system: CATEGORY, code: "vital-signs" }] };
const concept = (...codes: string[]): Plain => ({ coding: codes.map((code) => ({ system: LOINC, code })) });
const quantity = (code: string, more: Plain = {}): Plain => ({ value: 70, unit: code, system: "http://unitsofmeasure.org", code, ...more });

/** A vital sign as R4 demands it, but for what `more` says otherwise; undefined takes an element away. */
const vital = (code: string, more: Plain): Plain => ({
  resourceType: "Observation",
  status: "final",
  category: [VITAL],
  code: concept(code),
  subject: { display: "x" },
  effectiveDateTime: "2026-01-01",
  ...more,
});
const weight = (more: Plain): Plain => vital("29463-7", { valueQuantity: quantity("kg"), ...more });
const systolic = { code: concept("8480-6"), valueQuantity: quantity("mm[Hg]") };
const diastolic = { code: concept("8462-4"), valueQuantity: quantity("mm[Hg]") };
const pressure = (...component: Plain[]): Plain => vital("85354-9", { component });

const errors = (resource: Plain): string[] => briefly(saidOf(resource)).filter((line) => line.startsWith("error"));

describe("R4's vital signs, as HL7's validator judges them", () => {
  test.each<[what: string, observation: Plain]>([
    ["a weight", weight({})],
    ["in pounds", weight({ valueQuantity: quantity("[lb_av]") })],
    ["with a comparator", weight({ valueQuantity: quantity("g", { comparator: "<" }) })],
    ["absent, and why", weight({ valueQuantity: undefined, dataAbsentReason: { text: "refused" } })],
    ["in components alone", weight({ valueQuantity: undefined, component: [{ code: { text: "x" }, valueString: "y" }] })],
    ["by a period", weight({ effectiveDateTime: undefined, effectivePeriod: { start: "2026" } })],
    [
      "at a time that is not known: vs-1 is about values",
      weight({
        effectiveDateTime: undefined,
        _effectiveDateTime: { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" }] },
      }),
    ],
    ["with a category more", weight({ category: [{ coding: [{ system: CATEGORY, code: "exam" }] }, VITAL] })],
    ["with a more special code beside", vital("2708-6", { code: concept("59408-5", "2708-6"), valueQuantity: quantity("%") })],
    ["a blood pressure", pressure(systolic, diastolic)],
    ["of which one part is absent", pressure({ code: concept("8480-6"), dataAbsentReason: { text: "x" } }, diastolic)],
    ["a panel", vital("85353-1", { hasMember: [{ reference: "Observation/x" }] })],
    ["a code of another system", weight({ code: { coding: [{ system: "urn:x:y", code: "29463-7" }] }, valueQuantity: undefined, valueString: "x" })],
    ["something else", weight({ code: concept("718-7"), category: undefined, effectiveDateTime: undefined })],
  ])("%s", (_, observation) => {
    expect(errors(observation)).toEqual([]);
  });

  test.each<[what: string, observation: Plain, lines: string[]]>([
    ["words for a weight", weight({ valueQuantity: undefined, valueString: "0/3 positive" }), ["vital-sign-value Observation.value"]],
    ["a unit that is none of a weight", weight({ valueQuantity: quantity("mg") }), ["vital-sign-unit Observation.value.code"]],
    ["a unit in words", weight({ valueQuantity: { value: 70, unit: "kg" } }), ["vital-sign-value Observation.value"]],
    ["a code without a unit", weight({ valueQuantity: quantity("kg", { unit: undefined }) }), ["vital-sign-value Observation.value"]],
    ["of another system", weight({ valueQuantity: quantity("kg", { system: "urn:x:y" }) }), ["vital-sign-unit Observation.value.system"]],
    ["no value", weight({ valueQuantity: undefined }), ["vs-2 Observation"]],
    ["no time", weight({ effectiveDateTime: undefined }), ["vital-sign-missing Observation"]],
    ["a month", weight({ effectiveDateTime: "2026-01" }), ["vs-1 Observation.effective"]],
    [
      "an instant",
      weight({ effectiveDateTime: undefined, effectiveInstant: "2026-01-01T10:00:00Z" }),
      ["vital-sign-effective Observation.effective"],
    ],
    ["nobody", weight({ subject: undefined }), ["vital-sign-missing Observation"]],
    ["no category", weight({ category: undefined }), ["vital-sign-category Observation"]],
    ["twice the same", weight({ category: [VITAL, VITAL] }), ["vital-sign-category Observation"]],
    [
      "a category that says more",
      weight({ category: [{ coding: [...VITAL.coding, { system: "urn:x:y", code: "z" }] }] }),
      ["vital-sign-category Observation.category[0].coding[1].system", "vital-sign-category Observation.category[0].coding[1].code"],
    ],
    ["the special code alone", vital("59408-5", { valueQuantity: quantity("%") }), ["vital-sign-code Observation.code"]],
    [
      "SNOMED CT's alone",
      vital("", { code: { coding: [{ system: "http://snomed.info/sct", code: "386725007" }] }, valueQuantity: quantity("Cel") }),
      ["vital-sign-code Observation.code"],
    ],
    ["the code twice", weight({ code: concept("29463-7", "29463-7") }), ["vital-sign-code Observation.code"]],
    [
      "the heart rate first, whatever the order",
      vital("", { code: concept("8867-4", "9279-1"), valueQuantity: quantity("%") }),
      ["vital-sign-unit Observation.value.code"],
    ],
    ["a mass index without a number", vital("39156-5", { dataAbsentReason: { text: "x" } }), ["vital-sign-missing Observation"]],
    ["half a blood pressure", pressure(systolic), ["vital-sign-component Observation", "vital-sign-component Observation"]],
    ["two of the same", pressure(systolic, systolic), ["vital-sign-component Observation", "vital-sign-component Observation"]],
    ["in other units", pressure(systolic, { ...diastolic, valueQuantity: quantity("kPa") }), ["vital-sign-unit Observation.component[1].value.code"]],
    ["in words", pressure(systolic, { code: concept("8462-4"), valueString: "80" }), ["vital-sign-value Observation.component[1].value"]],
    ["without a part's value", pressure(systolic, { code: concept("8462-4") }), ["vs-3 Observation.component[1]"]],
    [
      "one for both",
      pressure({ code: concept("8480-6", "8462-4"), valueQuantity: quantity("mm[Hg]") }),
      ["vital-sign-component Observation", "vital-sign-component Observation.component[0]"],
    ],
    [
      "a part named twice",
      pressure({ ...systolic, code: concept("8480-6", "8480-6") }, diastolic),
      ["vital-sign-component Observation.component[0].code"],
    ],
    ["120/80", vital("85354-9", { component: [systolic, diastolic], valueString: "120/80" }), ["vital-sign-value Observation.value"]],
    ["an empty panel", vital("85353-1", { dataAbsentReason: { text: "x" } }), ["vital-sign-missing Observation"]],
  ])("%s", (_, observation, lines) => {
    expect(errors(observation)).toEqual(lines.map((line) => `error ${line}`));
  });

  test.each([
    ["http://loinc.org", "8480-6"],
    ["http://loinc.org", "76534-7"],
    ["http://snomed.info/sct", "271650006"],
  ])("a part of a blood pressure alone is a warning: %s %s", (system, code) => {
    const part = (...coding: Plain[]): Plain => vital("", { code: { coding }, valueQuantity: quantity("mm[Hg]") });
    const lines = briefly(saidOf(part({ system, code })));
    expect(lines.filter((line) => line.includes("vital-sign"))).toEqual(["warning vital-sign-part Observation.code"]);
    expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
    // With the code of both, it is held against the profile of both.
    expect(errors(part({ system, code }, { system: LOINC, code: "85354-9" }))).toContain("error vital-sign-value Observation.value");
  });

  test("in an entry, a contained resource and a parameter; the subject is a Patient, wherever it stands", () => {
    const group = { resourceType: "Group", id: "g", type: "person", actual: true };
    const bad = weight({ valueQuantity: undefined, valueInteger: 1 });
    expect(errors({ resourceType: "Parameters", parameter: [{ name: "x", resource: bad }] })).toEqual([
      "error vital-sign-value Parameters.parameter[0].resource.value",
    ]);
    expect(errors(weight({ contained: [group], subject: { reference: "#g" } }))).toEqual(["error vital-sign-subject Observation.subject"]);
    const document = aDocument();
    Object.assign(resourceAt(document, 3), weight({}), { subject: resourceAt(document, 3)["subject"] });
    expect(errors(document)).toEqual([]);
    Object.assign(resourceAt(document, 1), { resourceType: "Group", type: "person", actual: true, name: "x" });
    delete resourceAt(document, 1)["birthDate"];
    expect(errors(document)).toEqual(["error vital-sign-subject Bundle.entry[3].resource.subject"]);
  });
});

describe("declared profiles of R4's own", () => {
  const PROFILES = "http://hl7.org/fhir/StructureDefinition/";
  test.each<[what: string, resource: Plain, lines: string[]]>([
    ["vital signs of any kind", vital("718-7", { valueString: "x", meta: { profile: [`${PROFILES}vitalsigns`] } }), []],
    [
      "without their category",
      vital("718-7", { category: undefined, valueString: "x", meta: { profile: [`${PROFILES}vitalsigns`] } }),
      ["vital-sign-category Observation"],
    ],
    [
      "a weight that is none",
      vital("718-7", { valueQuantity: quantity("kg"), meta: { profile: [`${PROFILES}bodyweight|4.0.1`] } }),
      ["vital-sign-code Observation.code"],
    ],
    [
      "the type itself, and what it is derived from",
      { resourceType: "Patient", meta: { profile: [`${PROFILES}Patient`, `${PROFILES}DomainResource`] } },
      [],
    ],
    ["another type", { resourceType: "Patient", meta: { profile: [`${PROFILES}Observation`] } }, ["profile-of-other-type Patient"]],
    ["a datatype", { resourceType: "Patient", meta: { profile: [`${PROFILES}HumanName`] } }, ["profile-of-other-type Patient"]],
    ["a vital sign that is a Patient", { resourceType: "Patient", meta: { profile: [`${PROFILES}bmi`] } }, ["profile-of-other-type Patient"]],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines.map((line) => `error ${line}`));
  });
});

test("a policy may let pass a value that tells its unit in one way only, but none without number or unit, and no other type", () => {
  const policy = policyOf({ "vital-sign-value unit-told": "warning" });
  const under = (valueQuantity: Plain, more: Plain = {}): string[] =>
    briefly(saidOf(weight({ valueQuantity, ...more }), policy)).filter((line) => line.includes("vital-sign-value"));
  const { value, unit, system, code } = quantity("kg");
  for (const told of [
    { value, unit },
    { value, system, code },
    { value, unit, code },
  ])
    expect(under(told)).toEqual(["warning vital-sign-value Observation.value"]);
  for (const untold of [{ value }, { value, system }, { unit, system, code }])
    expect(under(untold)).toEqual(["error vital-sign-value Observation.value"]);
  expect(briefly(saidOf(weight({ valueQuantity: undefined, valueString: "0/3 positive" }), policy)).join()).toContain("error vital-sign-value");
});
