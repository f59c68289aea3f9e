/** A code without words: what its system calls it is told as the system's, never as if its sender had said it. */
import { expect, test } from "@jest/globals";
import type { ProfileSet } from "../../../../src/core/fhir/conformance/conformance.ts";
import { codeNamesOf } from "../../../../src/main/code-names.ts";
import { conformanceOf } from "../../../core/fhir/terminology/memory-conformance.ts";
import { R4 } from "../../../r4.ts";
import { shown, textsOf, type Resource, type Wanted } from "./shown.ts";

const OTHER = "http://example.org/CodeSystem/wards";
const conformance = conformanceOf([
  { resourceType: "CodeSystem", url: OTHER, content: "complete", concept: [{ code: "w1", display: "<b>Ward one</b>" }, { code: "w2" }] },
]);
const set: ProfileSet = { name: "wards", conformance, documents: [], ignoredSystems: new Set() };
const names = codeNamesOf(R4.displays, { on: (day) => (day === "2026-11-30" ? set : undefined) }, () => "2026-11-30");

const condition = (...coding: readonly object[]): Resource => ({ resourceType: "Condition", id: "c", code: { coding }, subject: { display: "x" } });
const told = (resource: Resource, wanted: Wanted = { codeNames: names }): string[] => textsOf(shown([resource], wanted), ".bare-code");

test("of R4's own systems and of loaded ones, in the reader's words that it is the system's", () => {
  const v3 = { system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode", code: "MTH" };
  expect(told(condition(v3))).toEqual(["code MTH (v3-RoleCode; its name there: mother)"]);
  expect(told(condition({ system: OTHER, code: "w1" }), { language: "de", codeNames: names })).toEqual([
    "Code w1 (wards; dort genannt: <b>Ward one</b>)",
  ]);
});

test("nothing is made up for what is not held, and nothing is added to a sender's words", () => {
  expect(told(condition({ system: OTHER, code: "w2" }))).toEqual(["code w2 (wards)"]);
  expect(told(condition({ code: "w1" }))).toEqual(["code w1"]);
  expect(told(condition({ system: OTHER, code: "w1", display: "Ward 1, east" }))).toEqual([]);
  expect(told(condition({ system: OTHER, code: "w1" }), {})).toEqual(["code w1 (wards)"]);
});
