import { expect, test } from "@jest/globals";
import type { ProfileSets } from "../../src/core/fhir/conformance/conformance.ts";
import { codesNow, conformanceNow } from "../../src/main/terminology-now.ts";
import { conformanceOf } from "../core/fhir/terminology/memory-conformance.ts";

const SYSTEM = { resourceType: "CodeSystem", url: "http://example.org/system", content: "complete", concept: [{ code: "a", display: "Alpha" }] };
const CONFORMANCE = conformanceOf([SYSTEM]);
const sets = (isInForce: boolean): ProfileSets => ({
  on: () => (isInForce ? { name: "Example", conformance: CONFORMANCE, documents: [], ignoredSystems: new Set() } : undefined),
});

test("what is in force today may be asked about; R4 alone where nothing is", () => {
  expect(conformanceNow(sets(true))()).toBe(CONFORMANCE);
  for (const now of [conformanceNow(undefined), conformanceNow(sets(false))]) {
    expect(now().valueSet("http://hl7.org/fhir/ValueSet/administrative-gender")?.origin).toMatchObject({
      name: "hl7.fhir.r4.core",
      version: "4.0.1",
    });
    expect(now()).toBe(now());
    expect(now().listCodeSystems?.().length).toBeGreaterThan(1_000);
  }
});

test("packages call codes by their names", () => {
  expect(codesNow(undefined)).toBeUndefined();
  expect(codesNow(sets(true))?.code({ system: SYSTEM.url, code: "a" })).toEqual({ membership: "member", display: "Alpha" });
});
