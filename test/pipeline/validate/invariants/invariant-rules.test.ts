import { describe, expect, test } from "@jest/globals";
import { briefly, narrative, saidOf, type Plain } from "../a-document.ts";

const ENCOUNTER: Plain = {
  resourceType: "Encounter",
  status: "finished",
  class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "IMP" },
};
const QUESTIONNAIRE: Plain = { resourceType: "Questionnaire", status: "draft" };
const QUANTITY = (value: number): Plain => ({ value, unit: "mg", system: "http://unitsofmeasure.org", code: "mg" });

describe("an invariant is asked where R4 puts it", () => {
  test.each<[invariant: string, broken: Plain, expression: string, kept: Plain]>([
    [
      "per-1 of a datatype",
      { ...ENCOUNTER, period: { start: "2026-03-14", end: "2026-03-13" } },
      "Encounter.period",
      { ...ENCOUNTER, period: { start: "2026-03-14", end: "2026-03-14" } },
    ],
    [
      "qty-3 of a datatype in a choice",
      { resourceType: "Observation", status: "final", code: { text: "x" }, valueQuantity: { value: 1, code: "mg" } },
      "Observation.value",
      { resourceType: "Observation", status: "final", code: { text: "x" }, valueQuantity: QUANTITY(1) },
    ],
    [
      "sqty-1 of an element that narrows its type",
      {
        resourceType: "Group",
        type: "person",
        actual: true,
        quantity: 1,
        characteristic: [{ code: { text: "x" }, exclude: false, valueRange: { low: { ...QUANTITY(1), comparator: "<" } } }],
      },
      "Group.characteristic[0].value.low",
      {
        resourceType: "Group",
        type: "person",
        actual: true,
        quantity: 1,
        characteristic: [{ code: { text: "x" }, exclude: false, valueRange: { low: QUANTITY(1) } }],
      },
    ],
    [
      "pat-1 of a backbone",
      { resourceType: "Patient", contact: [{ gender: "female" }] },
      "Patient.contact[0]",
      { resourceType: "Patient", contact: [{ name: { family: "Example" } }] },
    ],
    [
      "que-1 of a backbone that refers to itself",
      { ...QUESTIONNAIRE, item: [{ linkId: "1", type: "group", item: [{ linkId: "2", type: "group" }] }] },
      "Questionnaire.item[0].item[0]",
      { ...QUESTIONNAIRE, item: [{ linkId: "1", type: "group", item: [{ linkId: "2", type: "string" }] }] },
    ],
    [
      "obs-6 of a resource in a Bundle",
      {
        resourceType: "Bundle",
        type: "collection",
        entry: [
          {
            fullUrl: "urn:oid:2.999.1",
            resource: { resourceType: "Observation", status: "final", code: { text: "x" }, valueString: "x", dataAbsentReason: { text: "x" } },
          },
        ],
      },
      "Bundle.entry[0].resource",
      {
        resourceType: "Bundle",
        type: "collection",
        entry: [{ fullUrl: "urn:oid:2.999.1", resource: { resourceType: "Observation", status: "final", code: { text: "x" }, valueString: "x" } }],
      },
    ],
    [
      "org-1 of a contained resource",
      { resourceType: "Patient", contained: [{ resourceType: "Organization", id: "o" }], managingOrganization: { reference: "#o" } },
      "Patient.contained[0]",
      { resourceType: "Patient", contained: [{ resourceType: "Organization", id: "o", name: "Ward" }], managingOrganization: { reference: "#o" } },
    ],
    [
      "eld-3 of a primitive",
      profile({ path: "Patient", id: "Patient", max: "many" }),
      "StructureDefinition.differential.element[0].max",
      profile({ path: "Patient", id: "Patient", max: "*" }),
    ],
    ["bdl-12 of a Bundle that is no document", { resourceType: "Bundle", type: "message" }, "Bundle", { resourceType: "Bundle", type: "collection" }],
    [
      "cmp-1 of a Composition that leads no document",
      composition({ title: "Empty" }),
      "Composition.section[0]",
      composition({ title: "Full", text: narrative("x") }),
    ],
  ])("%s", (invariant, broken, expression, kept) => {
    expect(briefly(saidOf(broken))).toEqual([`error ${invariant.split(" ")[0]} ${expression}`]);
    expect(briefly(saidOf(kept))).toEqual([]);
  });
});

describe("invariants as they are meant", () => {
  test.each<[what: string, resource: Plain, lines: string[]]>([
    ["a name that is absent", QUESTIONNAIRE, []],
    ["a name that is one in part", { ...QUESTIONNAIRE, name: "PHQ 9" }, ["warning que-0 Questionnaire"]],
    ["a name that is one", { ...QUESTIONNAIRE, name: "PHQ9" }, []],
    ["no probability", riskAssessment({ outcome: { text: "x" } }), []],
    ["a probability over a hundred", riskAssessment({ probabilityDecimal: 100.5 }), ["error ras-2 RiskAssessment.prediction[0]"]],
    [
      "an entry without fullUrl",
      {
        resourceType: "Bundle",
        type: "batch",
        entry: [{ resource: { resourceType: "Basic", code: { text: "x" } }, request: { method: "POST", url: "Basic" } }],
      },
      [],
    ],
    [
      "a fullUrl with a version",
      {
        resourceType: "Bundle",
        type: "collection",
        entry: [{ fullUrl: "https://x.example/Basic/1/_history/2", resource: { resourceType: "Basic", id: "1", code: { text: "x" } } }],
      },
      ["error bdl-8 Bundle.entry[0]"],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });
});

test("a Bundle without a type is told so, and not asked what depends on it", () => {
  expect(briefly(saidOf({ resourceType: "Bundle" }))).toEqual(["error element-missing Bundle"]);
});

test("the text says what R4 demands and how it was asked", () => {
  const [said] = saidOf({ ...ENCOUNTER, period: { start: "2026", end: "2025" } });
  expect(said).toMatchObject({ severity: "error", code: "invariant", rule: "per-1", position: { line: 8, column: 2 } });
  expect(said?.text).toBe(
    "If present, start SHALL have a lower value than end. In FHIRPath: start.hasValue().not() or end.hasValue().not() or (start <= end)",
  );
});

test("what is malformed is told by structure alone", () => {
  expect(briefly(saidOf({ ...ENCOUNTER, period: { start: "yesterday", end: "2026" } })).filter((line) => !line.includes("per-1"))).toEqual([
    "error format-dateTime Encounter.period.start",
  ]);
});

function profile(element: Plain): Plain {
  const more = { url: "https://x.example/p", name: "P", status: "draft", kind: "resource", abstract: false, type: "Patient" };
  return {
    resourceType: "StructureDefinition",
    ...more,
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient",
    derivation: "constraint",
    differential: { element: [element] },
  };
}

function composition(section: Plain): Plain {
  return {
    resourceType: "Composition",
    status: "final",
    type: { text: "x" },
    date: "2026",
    author: [{ display: "x" }],
    title: "x",
    section: [section],
  };
}

function riskAssessment(prediction: Plain): Plain {
  return { resourceType: "RiskAssessment", status: "final", subject: { display: "x" }, prediction: [prediction] };
}
