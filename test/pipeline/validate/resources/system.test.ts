import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const VALUE_SET = "http://hl7.org/fhir/ValueSet/marital-status";
const tagged = (system: string): Plain => ({ resourceType: "Patient", active: true, meta: { tag: [{ system, code: "x" }] } });
const known = (system: string): Plain => ({ resourceType: "Patient", identifier: [{ system, value: "1" }] });
const measured = (system: string): Plain => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "x" },
  valueQuantity: { value: 1, system, code: "x" },
});
const coded = (system: string): Plain => ({ resourceType: "Basic", code: { coding: [{ system, code: "x" }] } });

test.each<[resource: Plain, line: string]>([
  [known("mrn"), "error identifier-system-relative Patient.identifier[0]"],
  [tagged("http://hl7.org/fhir/v2/0203"), "error coding-system-unknown Patient.meta.tag[0]"],
  [tagged("#x"), "error coding-system-relative Patient.meta.tag[0]"],
  [tagged("Patient/1"), "error coding-system-relative Patient.meta.tag[0]"],
  [measured("units"), "error coding-system-relative Observation.value"],
  [tagged(VALUE_SET), "error coding-system-value-set Patient.meta.tag[0]"],
  [tagged("http://hl7.org/fhir/nothing-of-the-kind"), "error coding-system-unknown Patient.meta.tag[0]"],
  [coded("LOINC"), "warning coding-system-relative Basic.code.coding[0]"],
  [coded(VALUE_SET), "warning coding-system-value-set Basic.code.coding[0]"],
])("%j", (resource, line) => {
  expect(briefly(saidOf(resource))).toEqual([line]);
});

test.each([
  known("tag:x.example,2026:mrn"),
  tagged("http://hl7.org/fhir/us/core/CodeSystem/us-core-tags"),
  known("urn:oid:2.999.1"),
  tagged("https://x.example/codes"),
  tagged("urn:x"),
  tagged("http://hl7.org/fhir/sid/icd-10-us"),
])("%j", (resource) => {
  expect(briefly(saidOf(resource))).toEqual([]);
});

test("a code that its system lacks, in a quantity", () => {
  const system = "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm";
  expect(briefly(saidOf(measured(system)))).toEqual(["error code-unknown Observation.value.code"]);
});

test("the system of RFC 4122 has UUIDs", () => {
  const of = (value: string): Plain => ({ resourceType: "Patient", identifier: [{ system: "https://tools.ietf.org/html/rfc4122", value }] });
  expect(briefly(saidOf(of("17")))).toEqual(["error identifier-not-a-uuid Patient.identifier[0]"]);
  expect(briefly(saidOf(of("53fefa32-fcbb-4ff8-8a92-55ee120877b7")))).toEqual([]);
});

test("an address of before R4 is told with that of now", () => {
  const textOf = (system: string): string | undefined => saidOf(tagged(system))[0]?.text;
  expect(textOf("http://hl7.org/fhir/v3/ActCode")).toContain("write http://terminology.hl7.org/CodeSystem/v3-ActCode.");
  expect(textOf("http://hl7.org/fhir/nothing-of-the-kind")).toContain("write the address of the code system that defines the code");
});
