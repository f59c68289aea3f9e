import { expect, test } from "@jest/globals";
import { extensionDefinition } from "../../../r4.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";

test("a simple extension has types, and contexts unless it may stand anywhere", () => {
  expect(extensionDefinition(`${CORE}humanname-mothers-family`)).toMatchObject({
    types: [{ code: "string", targets: [] }],
    contexts: new Set(["HumanName.family"]),
    isModifier: false,
  });
  expect(extensionDefinition(`${CORE}data-absent-reason`)).toMatchObject({
    contexts: undefined,
    bindings: { required: "http://hl7.org/fhir/ValueSet/data-absent-reason" },
  });
});

test("a complex one has parts, at any depth", () => {
  const animal = extensionDefinition(`${CORE}patient-animal`);
  expect(animal?.types).toEqual([]);
  expect([...(animal?.parts ?? [])].map(([url, { min, max }]) => [url, min, max])).toEqual([
    ["species", 1, 1],
    ["breed", 0, 1],
    ["genderStatus", 0, 1],
  ]);
  const revision = extensionDefinition(`${CORE}codesystem-history`)?.parts.get("revision");
  expect(revision?.max).toBe(Infinity);
  expect(revision?.parts.get("date")?.types).toMatchObject([{ code: "dateTime" }]);
});

test("those that modify are told apart; others' extensions are not held", () => {
  expect(extensionDefinition(`${CORE}request-doNotPerform`)?.isModifier).toBe(true);
  expect(extensionDefinition("https://hospital.example/extension")).toBeUndefined();
});
