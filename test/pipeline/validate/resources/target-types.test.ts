import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const WARD = { resourceType: "Organization", name: "Ward" };
const patient = (managingOrganization: Plain, more: Plain = {}): Plain => ({ resourceType: "Patient", ...more, managingOrganization });
const bundle = (fullUrls: readonly [string, string], reference: string, other: Plain = WARD): Plain => ({
  resourceType: "Bundle",
  type: "collection",
  entry: [
    { fullUrl: fullUrls[0], resource: patient({ reference }, { id: "1" }) },
    { fullUrl: fullUrls[1], resource: other },
  ],
});
const URNS = ["urn:uuid:00000000-0000-4000-8000-00000000000a", "urn:uuid:00000000-0000-4000-8000-00000000000b"] as const;
const URLS = ["https://x.example/fhir/Patient/1", "https://x.example/fhir/Organization/2"] as const;

test.each<[what: string, resource: Plain, lines: string[]]>([
  ["a type that the element takes", patient({ reference: "Organization/1" }), []],
  [
    "a type that it does not take, by the address alone",
    patient({ reference: "Practitioner/1" }),
    ["warning reference-target-type Patient.managingOrganization"],
  ],
  [
    "whatever the type that another resource than a Bundle has",
    { resourceType: "Group", type: "document", actual: true, managingEntity: { reference: "Medication/1" } },
    ["error binding-required Group.type", "warning reference-target-type Group.managingEntity"],
  ],
  ["an absolute address says no type", patient({ reference: "https://x.example/fhir/Practitioner/1" }), []],
  [
    "Reference.type against the address",
    patient({ reference: "Organization/1", type: "Practitioner" }),
    // Neither does the address name such a resource, nor may the element lead to one.
    ["error reference-target-type Patient.managingOrganization", "error reference-target-type Patient.managingOrganization"],
  ],
  [
    "Reference.type that the element does not take",
    patient({ reference: "https://x.example/a", type: "Practitioner" }),
    ["error reference-target-type Patient.managingOrganization"],
  ],
  [
    "Reference.type against an absolute address",
    patient({ reference: "https://x.example/fhir/Practitioner/1", type: "Organization" }),
    ["error reference-target-type Patient.managingOrganization"],
  ],
  [
    "Reference.type against a contained resource",
    patient({ reference: "#p", type: "Organization" }, { contained: [{ resourceType: "PractitionerRole", id: "p" }] }),
    ["error reference-target-type Patient.managingOrganization", "error reference-target-type Patient.managingOrganization"],
  ],
  [
    "Reference.type that is no type of R4",
    patient({ reference: "urn:uuid:00000000-0000-4000-8000-00000000000c", type: "Ward" }),
    ["error reference-target-type Patient.managingOrganization"],
  ],
  ["Reference.type without a reference, whatever it says", patient({ display: "Ward", type: "Ward" }), []],
  ["Reference.type as R4's own address", patient({ reference: "Organization/1", type: "http://hl7.org/fhir/StructureDefinition/Organization" }), []],
  [
    "in a Bundle, a relative address of a type that it does not take",
    bundle(URLS, "Practitioner/9", { ...WARD, id: "2" }),
    ["error reference-target-type Bundle.entry[0].resource.managingOrganization"],
  ],
  ["Reference.type as a url", patient({ reference: "Organization/1", type: "http://hl7.org/fhir/StructureDefinition/Organization" }), []],
  ["contained", patient({ reference: "#a" }, { contained: [{ ...WARD, id: "a" }] }), []],
  [
    "contained, of another type",
    patient({ reference: "#a" }, { contained: [{ resourceType: "Practitioner", id: "a" }] }),
    ["error reference-target-type Patient.managingOrganization"],
  ],
  ["an entry", bundle(URNS, URNS[1]), []],
  [
    "an entry of another type",
    bundle(URNS, URNS[1], { resourceType: "Practitioner" }),
    ["error reference-target-type Bundle.entry[0].resource.managingOrganization"],
  ],
  ["an entry by a relative address", bundle(URLS, "Organization/2", { ...WARD, id: "2" }), []],
  [
    "an entry whose fullUrl says another type",
    bundle(URLS, "Organization/2", { resourceType: "Practitioner", id: "2" }),
    ["error full-url-id Bundle.entry[1]", "error reference-target-type Bundle.entry[0].resource.managingOrganization"],
  ],
  [
    "type and UUID of an entry of another type",
    bundle(URNS, `Organization/${URNS[1].slice(9)}`, { resourceType: "Practitioner" }),
    ["error reference-target-type Bundle.entry[0].resource.managingOrganization"],
  ],
  ["type and UUID of an entry", bundle(URNS, `Organization/${URNS[1].slice(9)}`), []],
])("%s", (_, resource, lines) => {
  expect(briefly(saidOf(resource))).toEqual(lines);
});

test.each([
  ["a collection", "collection"],
  ["a document", "document"],
])("who signed %s is of a type that may sign", (_, type) => {
  const signedBy = (reference: string): string[] =>
    briefly(
      saidOf({
        resourceType: "Bundle",
        type,
        signature: {
          type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }],
          when: "2026-11-30T05:00:00Z",
          who: { reference },
        },
        entry: [
          {
            fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000001",
            resource: { resourceType: "Observation", status: "final", code: { text: "x" } },
          },
          { fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000002", resource: { resourceType: "Practitioner" } },
        ],
      }),
    ).filter((line) => line.endsWith("Bundle.signature.who"));
  expect(signedBy("urn:uuid:00000000-0000-4000-8000-000000000001")).toEqual(["error reference-target-type Bundle.signature.who"]);
  expect(signedBy("urn:uuid:00000000-0000-4000-8000-000000000002")).toEqual([]);
  expect(signedBy("Practitioner/elsewhere")).toEqual([]);
  expect(signedBy("Observation/elsewhere")).toEqual(["error reference-target-type Bundle.signature.who"]);
});
