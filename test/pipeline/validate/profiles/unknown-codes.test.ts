import { expect, test } from "@jest/globals";
import type { CodeSystem } from "../../../../src/core/fhir/conformance/terminology-resources.ts";
import { brief, conformanceWith, tree, validatorWith } from "./memory-conformance.ts";

const colours: CodeSystem = { url: "urn:colours", version: "1", name: "Colours", content: "complete", concept: [{ code: "red" }] };

function said(coding: object, system: Partial<CodeSystem> = {}, ignoredSystems = new Set<string>()): string[] {
  const resource = { ...colours, ...system };
  const held = { resource, origin: { name: "example", version: "1.0.0" } };
  const conformance = {
    ...conformanceWith([]),
    codeSystem: (canonical: string) => (["urn:colours", "urn:colours|1"].includes(canonical) ? held : undefined),
  };
  const patient = tree({ resourceType: "Patient", maritalStatus: { coding: [coding] } });
  const issues = validatorWith([], [], { conformance, ignoredSystems }).validate(patient, []);
  return issues.filter(({ rule }) => rule === "code-unknown").map(brief);
}

const blue = { system: "urn:colours", code: "blue" };
const wrong = ["code-unknown Patient.maritalStatus.coding[0].code"];

test.each<[what: string, coding: object, lines: string[]]>([
  ["one that it has", { ...blue, code: "red" }, []],
  ["one that it has not, under no firm binding", blue, wrong],
  ["in the version that is held", { ...blue, version: "1" }, wrong],
  ["in another version", { ...blue, version: "2" }, []],
  ["of another system", { ...blue, system: "urn:other" }, []],
])("a code of a system that a package holds: %s", (_, coding, lines) => {
  expect(said(coding)).toEqual(lines);
});

test("nobody can tell of a part of a system, or is asked of one that is left to others", () => {
  expect(said(blue, { content: "fragment" })).toEqual([]);
  expect(said(blue, {}, new Set(["urn:colours"]))).toEqual([]);
});
