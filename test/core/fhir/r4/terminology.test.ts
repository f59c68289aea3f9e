import { describe, expect, test } from "@jest/globals";
import type { TypeDefinition } from "../../../../src/core/fhir/r4/definitions.ts";
import { codeSystem, definitionOf, typeNames, valueSet } from "../../../r4.ts";

const CORE = "http://hl7.org/fhir/ValueSet/";
const V3 = "http://terminology.hl7.org/CodeSystem/v3-";

/** Bound to, and not in R4's package: nobody can judge their codes offline. */
const NOT_DEFINED = [
  "http://dicom.nema.org/medical/dicom/current/output/chtml/part04/sect_B.5.html#table_B.5-1",
  "http://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_29.html",
  "http://loinc.org/vs/LL379-9",
  "http://www.rfc-editor.org/bcp/bcp13.txt",
  "http://www.rsna.org/RadLex_Playbook.aspx",
];

test("every value set that R4 binds to is held, but those that its package does not define", () => {
  const bound = new Set(typeNames().flatMap((name) => boundIn(definitionOf(name))));
  expect(bound.size).toBeGreaterThan(280);
  expect([...bound].filter((url) => valueSet(url) === undefined).sort()).toEqual(NOT_DEFINED);
});

describe("membership", () => {
  test.each<[name: string, code: string, system: string | undefined, membership: string]>([
    ["encounter-status", "planned", undefined, "member"],
    ["encounter-status", "completed", undefined, "stranger"],
    ["encounter-status", "Planned", undefined, "stranger"],
    ["encounter-status", "planned", "http://hl7.org/fhir/encounter-status", "member"],
    ["encounter-status", "planned", "http://hl7.org/fhir/event-status", "stranger"],
    // filters over a hierarchy: is-a takes the concept itself and all below it, is-not-a what is left
    ["encounter-participant-type", "ADM", `${V3}ParticipationType`, "member"],
    ["encounter-participant-type", "AUT", `${V3}ParticipationType`, "stranger"],
    ["encounter-participant-type", "translator", "http://terminology.hl7.org/CodeSystem/participant-type", "member"],
    ["patient-contactrelationship", "N", "http://terminology.hl7.org/CodeSystem/v2-0131", "member"],
    ["patient-contactrelationship", "O", "http://terminology.hl7.org/CodeSystem/v2-0131", "stranger"],
    // value sets of value sets
    ["security-labels", "R", `${V3}Confidentiality`, "member"],
    ["security-labels", "male", "http://hl7.org/fhir/administrative-gender", "stranger"],
    // systems that nobody can list: by grammar, or not at all
    ["mimetypes", "application/pdf; charset=x", undefined, "member"],
    ["mimetypes", "[%payload%]", undefined, "stranger"],
    ["all-languages", "de-AT", undefined, "member"],
    ["all-languages", "german", "urn:ietf:bcp:47", "member"],
    ["all-languages", "de_AT", undefined, "stranger"],
    ["currencies", "EUR", undefined, "member"],
    ["currencies", "EURO", undefined, "stranger"],
    ["condition-severity", "24484000", "http://snomed.info/sct", "unknown"],
  ])("%s: %s of %s is %s", (name, code, system, membership) => {
    const set = valueSet(CORE + name);
    if (name === "condition-severity")
      expect(set).toBeUndefined(); // preferred: not held at all
    else expect(set?.membership(code, system)).toBe(membership);
  });
});

test("code systems are those that R4's package holds completely", () => {
  expect(codeSystem("http://hl7.org/fhir/administrative-gender")?.has("female")).toBe(true);
  expect(codeSystem("http://hl7.org/fhir/administrative-gender")?.has("f")).toBe(false);
  expect(codeSystem(`${V3}RoleCode`)?.has("SONADOPT")).toBe(true); // four levels down
  for (const url of ["http://snomed.info/sct", "http://loinc.org", "http://terminology.hl7.org/CodeSystem/service-type", "urn:ietf:bcp:47"])
    expect(codeSystem(url)).toBeUndefined();
});

test("a value set names some of its codes, none of them abstract", () => {
  expect(valueSet(`${CORE}administrative-gender`)).toMatchObject({ title: "AdministrativeGender", examples: ["male", "female", "other", "unknown"] });
  expect(valueSet(`${CORE}observation-interpretation`)?.examples.some((code) => code.startsWith("_"))).toBe(false);
});

function boundIn(type: TypeDefinition | undefined): string[] {
  if (!type) return [];
  const own = [type, ...type.elements].flatMap(({ bindings }) =>
    [bindings.required, bindings.maximum, bindings.extensible].filter((url) => url !== undefined),
  );
  return [...own, ...type.elements.flatMap(({ content, types }) => (types.length > 0 ? boundIn(content) : []))];
}
