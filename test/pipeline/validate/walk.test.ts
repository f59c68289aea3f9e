import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, saidOfText, type Plain } from "./a-document.ts";

const PATIENT = { resourceType: "Patient", name: [{ family: "Example", given: ["Ana"] }], active: true, birthDate: "1961-03-14" };

test("a resource that keeps all rules", () => {
  expect(saidOf(PATIENT)).toEqual([]);
});

describe("each rule breaks at one place", () => {
  test.each<[rule: string, resource: Plain, expression: string]>([
    ["resource-type-missing", { active: true }, ""],
    ["resource-type-missing", { resourceType: 7 }, ""],
    ["resource-type-unknown", { resourceType: "Patiant" }, "Patiant"],
    ["resource-type-unknown", { resourceType: "DomainResource" }, "DomainResource"],
    ["resource-type-unknown", { resourceType: "HumanName" }, "HumanName"],
    ["resource-type-missing", { resourceType: "Bundle", type: "collection", entry: [{ resource: { active: true } }] }, "Bundle.entry[0].resource"],
    ["empty-object", { ...PATIENT, maritalStatus: {} }, "Patient.maritalStatus"],
    ["unknown-element", { ...PATIENT, birthdate: "1961-03-14" }, "Patient"],
    ["unknown-element", { ...PATIENT, _name: [{ id: "a" }] }, "Patient"],
    [
      "unknown-element",
      { ...PATIENT, name: [{ family: "Example", id: "a", _id: { extension: [{ url: "http://a.example", valueBoolean: true }] } }] },
      "Patient.name[0]",
    ],
    ["unknown-element", { ...PATIENT, extension: [{ url: "http://a.example", _url: { id: "a" }, valueBoolean: true }] }, "Patient.extension[0]"],
    [
      "unknown-element",
      { ...PATIENT, text: { status: "empty", div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>', _div: { id: "a" } } },
      "Patient.text",
    ],
    ["unknown-element", { ...PATIENT, name: [{ surname: "Example" }] }, "Patient.name[0]"],
    ["unknown-element", { ...PATIENT, __proto__: null, constructor: "x" }, "Patient"],
    ["choice-repeated", { ...PATIENT, deceasedBoolean: true, deceasedDateTime: "2020" }, "Patient"],
    ["element-missing", { ...PATIENT, link: [{ type: "seealso" }] }, "Patient.link[0]"],
    ["element-missing", { resourceType: "MedicationRequest", status: "active", intent: "order", subject: { display: "Ana" } }, "MedicationRequest"],
    ["array-expected", { ...PATIENT, name: { family: "Example" } }, "Patient.name"],
    ["array-unexpected", { ...PATIENT, gender: ["female"] }, "Patient.gender"],
    ["element-repeated", { ...PATIENT, gender: ["female", "other"] }, "Patient.gender"],
    ["empty-array", { ...PATIENT, telecom: [] }, "Patient.telecom"],
    ["null-unaligned", { ...PATIENT, name: [{ given: ["Ana", null] }] }, "Patient.name[0].given[1]"],
    ["null-value", { ...PATIENT, gender: null }, "Patient.gender"],
    ["null-value", { ...PATIENT, name: [null] }, "Patient.name[0]"],
    ["object-expected", { ...PATIENT, name: ["Ana Example"] }, "Patient.name[0]"],
    ["object-expected", { ...PATIENT, name: [[{ family: "Example" }]] }, "Patient.name[0]"],
    ["object-expected", { ...PATIENT, contained: [7] }, "Patient.contained[0]"],
    ["object-expected", { ...PATIENT, _birthDate: true }, "Patient.birthDate"],
    ["wrong-json-type", { ...PATIENT, active: "true" }, "Patient.active"],
    ["wrong-json-type", { ...PATIENT, birthDate: 1961 }, "Patient.birthDate"],
    ["wrong-json-type", { ...PATIENT, multipleBirthInteger: "2" }, "Patient.multipleBirth"],
    ["wrong-json-type", { ...PATIENT, gender: { value: "female" } }, "Patient.gender"],
    ["empty-string", { ...PATIENT, language: "" }, "Patient.language"],
    ["format-date", { ...PATIENT, birthDate: "14.03.1961" }, "Patient.birthDate"],
    ["format-integer", { ...PATIENT, multipleBirthInteger: 1.5 }, "Patient.multipleBirth"],
    ["companion-empty", { ...PATIENT, name: [{ given: ["Ana"], _given: [null] }] }, "Patient.name[0].given"],
    ["companion-empty", { ...PATIENT, name: [{ given: ["Ana"], _given: [] }] }, "Patient.name[0].given"],
    ["companion-misshapen", { ...PATIENT, _birthDate: [{ id: "a" }] }, "Patient.birthDate"],
    ["companion-misshapen", { ...PATIENT, name: [{ given: ["Ana"], _given: { id: "a" } }] }, "Patient.name[0].given"],
    ["companion-unaligned", { ...PATIENT, name: [{ given: ["Ana"], _given: [null, { id: "a" }] }] }, "Patient.name[0].given"],
    ["ele-1", { ...PATIENT, birthDate: undefined, _birthDate: { id: "a" } }, "Patient.birthDate"],
    ["ele-1", { ...PATIENT, name: [{ given: ["Ana", null], _given: [{ id: "b" }, { id: "a" }] }] }, "Patient.name[0].given[1]"],
    ["ele-1", { ...PATIENT, maritalStatus: { id: "a" } }, "Patient.maritalStatus"],
    ["code-missing", { ...OBSERVATION(), status: undefined, _status: { extension: [ABSENT("unknown")] } }, "Observation.status"],
    ["code-missing", { ...PATIENT, _gender: { extension: [ABSENT("masked")] } }, "Patient.gender"],
  ])("%s %#", (rule, resource, expression) => {
    expect(briefly(saidOf(resource)).filter((line) => line.includes(` ${rule}`))).toEqual([`error ${rule} ${expression}`.trimEnd()]);
  });
});

describe("what looks like a breach and is none", () => {
  test.each<[what: string, resource: Plain]>([
    ["a primitive with an extension and no value", { ...PATIENT, birthDate: undefined, _birthDate: { extension: [ABSENT("unknown")] } }],
    ["null beside a companion", { ...PATIENT, name: [{ given: ["Ana", null], _given: [null, { extension: [ABSENT("masked")] }] }] }],
    [
      "a required element that has a companion only",
      { resourceType: "Flag", status: "active", code: { text: "x" }, subject: { _reference: { extension: [ABSENT("unknown")] } } },
    ],
    ["a choice with value and companion", { ...PATIENT, deceasedBoolean: false, _deceasedBoolean: { id: "a" } }],
    [
      "a contained resource",
      { ...PATIENT, contained: [{ resourceType: "Organization", id: "o", name: "Ward" }], managingOrganization: { reference: "#o" } },
    ],
    ["a section within a section (a backbone that refers to itself)", { resourceType: "Questionnaire", status: "draft", item: [ITEM(3)] }],
  ])("%s", (_, resource) => {
    expect(briefly(saidOf(resource))).toEqual([]);
  });
});

test("line and column are those of the property, in JSON and in XML", () => {
  const json = '{\n  "resourceType": "Patient",\n  "name": [\n    { "family": "Example",\n      "surname": "x" }]\n}';
  expect(saidOfText(json, "application/fhir+json")).toMatchObject([
    { rule: "unknown-element", expression: "Patient.name[0]", position: { line: 5, column: 7 } },
  ]);
  const xml = '<Patient xmlns="http://hl7.org/fhir">\n  <name>\n    <family value="Example"/>\n    <surname value="x"/>\n  </name>\n</Patient>';
  expect(saidOfText(xml, "application/fhir+xml")).toMatchObject([
    { rule: "unknown-element", expression: "Patient.name[0]", position: { line: 4, column: 5 } },
  ]);
});

test("all that is wrong is told, in the order of the document", () => {
  const resource = { ...PATIENT, gender: [], birthDate: "1961-02-30", surname: "x", contact: [{ name: "y" }] };
  expect(briefly(saidOf(resource))).toEqual([
    "error format-date Patient.birthDate",
    "error array-unexpected Patient.gender",
    "error empty-array Patient.gender",
    "error unknown-element Patient",
    "error object-expected Patient.contact[0].name",
  ]);
});

test("a text names what to change and shows no more of a value than a line", () => {
  const [issue] = saidOf({ ...PATIENT, birthDate: "x".repeat(10_000) });
  expect(issue?.text).toMatch(/is not a valid date: it must be YYYY, YYYY-MM or YYYY-MM-DD\.$/);
  expect(issue?.text.length).toBeLessThan(200);
});

test("a null beside nothing: an array of companions alone has none", () => {
  expect(briefly(saidOf({ ...PATIENT, name: [{ _given: [null, { extension: [ABSENT("masked")] }] }] }))).toEqual([
    "error null-unaligned Patient.name[0].given[0]",
  ]);
});

function ABSENT(code: string): Plain {
  return { url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: code };
}

function OBSERVATION(): Plain {
  return { resourceType: "Observation", status: "final", code: { text: "Pulse" } };
}

function ITEM(depth: number): Plain {
  return { linkId: String(depth), type: depth > 0 ? "group" : "string", ...(depth > 0 && { item: [ITEM(depth - 1)] }) };
}
