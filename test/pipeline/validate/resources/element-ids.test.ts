import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const lines = (resource: Plain): string[] => briefly(saidOf(resource)).filter((line) => line.includes("id-repeated"));

test("an id stands once in a resource, whatever has it", () => {
  const name = [
    { id: "a", family: "A" },
    { id: "a", family: "B" },
    { family: "C", _family: { id: "a" } },
  ];
  expect(lines({ resourceType: "Patient", id: "a", name })).toEqual([
    "error element-id-repeated Patient.name[1]",
    "error element-id-repeated Patient.name[2].family",
  ]);
});

test("a contained resource has ids of its own, and so has an entry", () => {
  const organization = { resourceType: "Organization", id: "o", identifier: [{ id: "a", value: "1" }] };
  const patient = { resourceType: "Patient", name: [{ id: "a", family: "A" }], contained: [organization], managingOrganization: { reference: "#o" } };
  const entry = [1, 2].map((at) => ({ id: `e${at}`, fullUrl: `urn:oid:2.999.${at}`, resource: patient }));
  expect(lines({ resourceType: "Bundle", type: "collection", entry })).toEqual([]);
  expect(lines({ resourceType: "Bundle", type: "collection", entry: entry.map((one) => ({ ...one, id: "e" })) })).toEqual([
    "error element-id-repeated Bundle.entry[1]",
  ]);
});

test("snapshot and differential name the same elements", () => {
  const element = [{ id: "Patient", path: "Patient" }];
  expect(lines({ resourceType: "StructureDefinition", snapshot: { element }, differential: { element } })).toEqual([]);
  expect(lines({ resourceType: "StructureDefinition", differential: { element: [...element, ...element] } })).toEqual([
    "error element-id-repeated StructureDefinition.differential.element[1]",
  ]);
});

test("two contained resources of one id", () => {
  const contained = [1, 2].map(() => ({ resourceType: "Organization", id: "o", name: "Ward" }));
  expect(lines({ resourceType: "Patient", contained, managingOrganization: { reference: "#o" } })).toEqual([
    "error contained-id-repeated Patient.contained[1]",
  ]);
});
