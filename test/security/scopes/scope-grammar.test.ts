import { describe, expect, test } from "@jest/globals";
import { formatScope, formatScopes, readScope, readScopes } from "../../../src/security/scopes/scope-grammar.ts";
import type { Scope } from "../../../src/core/asked.ts";

const LABORATORY = "category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

describe("a scope of version 2", () => {
  // The first lines are the examples of SMART App Launch 2.2, scopes and launch context.
  test.each<[string, Scope]>([
    ["patient/Observation.rs", { level: "patient", type: "Observation", rights: ["r", "s"] }],
    [`patient/Observation.rs?${LABORATORY}`, { level: "patient", type: "Observation", rights: ["r", "s"], query: LABORATORY }],
    ["patient/*.cruds", { level: "patient", type: "*", rights: ["c", "r", "u", "d", "s"] }],
    ["user/*.rs", { level: "user", type: "*", rights: ["r", "s"] }],
    ["user/Observation.cruds", { level: "user", type: "Observation", rights: ["c", "r", "u", "d", "s"] }],
    ["system/*.rs", { level: "system", type: "*", rights: ["r", "s"] }],
    ["system/Encounter.cud", { level: "system", type: "Encounter", rights: ["c", "u", "d"] }],
    ["patient/Encounter.cu", { level: "patient", type: "Encounter", rights: ["c", "u"] }],
    [
      "patient/Observation.rs?code:in=http://valueset.example.org/ValueSet/diabetes-codes",
      { level: "patient", type: "Observation", rights: ["r", "s"], query: "code:in=http://valueset.example.org/ValueSet/diabetes-codes" },
    ],
    [
      "user/Composition.r?type=http://loinc.org|34133-9&status=final",
      { level: "user", type: "Composition", rights: ["r"], query: "type=http://loinc.org|34133-9&status=final" },
    ],
    ["system/Bundle.c", { level: "system", type: "Bundle", rights: ["c"] }],
    ["user/Bundle.rs?_security=R%7CN", { level: "user", type: "Bundle", rights: ["r", "s"], query: "_security=R%7CN" }],
  ])("%s", (text, scope) => {
    expect(readScope(text)).toEqual(scope);
    expect(formatScope(scope)).toBe(text);
  });
});

test.each([
  ["patient/Observation.read", "patient/Observation.rs"],
  ["user/*.write", "user/*.cud"],
  ["system/*.*", "system/*.cruds"],
  ["patient/*.read", "patient/*.rs"],
])("version 1: %s is %s", (v1, v2) => expect(formatScopes(readScopes(v1).scopes)).toBe(v2));

describe("what is not understood gives nothing", () => {
  test.each([
    // Another order is never read as that order.
    ["patient/Observation.sr", "in this order"],
    ["patient/Observation.dus", "in this order"],
    ["patient/Observation.rr", "each once"],
    ["patient/Observation.", "in this order"],
    ["patient/Observation.rsx", "in this order"],
    ["patient/Observation.RS", "in this order"],
    ["patient/Observation.read.rs", "in this order"],
    ["patient/Observation", "no scope of SMART"],
    ["Patient/Observation.rs", "no scope of SMART"],
    ["practitioner/Observation.rs", "no scope of SMART"],
    ["patient/observation.rs", "no scope of SMART"],
    ["patient/Obs*.rs", "no scope of SMART"],
    ["patient/**.rs", "no scope of SMART"],
    ["patient/.rs", "no scope of SMART"],
    ["xpatient/Observation.rs", "no scope of SMART"],
    ["patient//Observation.rs", "no scope of SMART"],
    ["admin", "no scope of SMART"],
    ["OPENID", "no scope of SMART"],
    ["launch/", "no scope of SMART"],
    // A constraint that says nothing would open everything.
    ["patient/Observation.rs?", "name=value"],
    ["patient/Observation.rs?category", "name=value"],
    ["patient/Observation.rs?category=", "name=value"],
    ["patient/Observation.rs?=x", "name=value"],
    [`patient/Observation.rs?${LABORATORY}&`, "name=value"],
    ["patient/Observation.rs?category=%zz", "percent"],
    ["patient/Observation.rs?category=%ff", "percent"],
    ["patient/Observation.rs?_count=5", "narrows nothing"],
    ["patient/Observation.rs?_include=Observation:subject", "narrows nothing"],
    ["patient/Observation.rs?_revinclude:iterate=x", "narrows nothing"],
    ["patient/Observation.rs?%5fsort=x", "narrows nothing"],
    ["patient/Observation.read?category=x", "first version"],
    ['patient/Observation.rs?category="x"', "printable ASCII"],
    ["patient/Observation.rs?category=\\", "printable ASCII"],
    ["patient/Observation.rs\tpatient/*.rs", "printable ASCII"],
    ["patient/Observation.rs\u00a0", "printable ASCII"],
  ])("%j", (text, reason) => {
    const { scopes, aboutLaunch, unknown } = readScopes(text);
    expect([scopes, aboutLaunch]).toEqual([[], []]);
    expect(unknown).toEqual([{ text, reason: expect.stringContaining(reason) }]);
  });
});

test("a value is taken apart: resources, launch, and what is unknown, each once", () => {
  const text = "openid fhirUser launch launch/patient launch/encounter?role=x offline_access  patient/*.rs patient/*.read user/Bundle.c admin admin ";
  expect(readScopes(text)).toEqual({
    scopes: [
      { level: "patient", type: "*", rights: ["r", "s"] },
      { level: "user", type: "Bundle", rights: ["c"] },
    ],
    aboutLaunch: ["openid", "fhirUser", "launch", "launch/patient", "launch/encounter?role=x", "offline_access"],
    unknown: [{ text: "admin", reason: expect.any(String) }],
  });
  expect(readScopes("")).toEqual({ scopes: [], aboutLaunch: [], unknown: [] });
});

test("whatever is read and written is read as the same again: every set of rights at every level", () => {
  for (const level of ["patient", "user", "system"] as const)
    for (let bits = 1; bits < 32; bits++) {
      const rights = (["c", "r", "u", "d", "s"] as const).filter((_right, at) => (bits & (1 << at)) !== 0);
      const scope: Scope = { level, type: "Condition", rights, query: "category=problem-list-item" };
      expect(readScope(formatScope(scope))).toEqual(scope);
    }
});
