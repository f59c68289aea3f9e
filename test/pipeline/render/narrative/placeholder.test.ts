import { describe, expect, test } from "@jest/globals";
import { isPlaceholder } from "../../../../src/pipeline/render/narrative/placeholder.ts";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";

function section(title: string | undefined, words: string, display?: string): JsonObject {
  return treeOf({
    title,
    code: display === undefined ? undefined : { coding: [{ system: "http://loinc.org", code: "1", display }] },
    text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${words}</p></div>` },
  }) as JsonObject;
}

describe("a narrative that says nothing of the patient", () => {
  test.each([
    ["Problem List", ""],
    ["Problem List", "narrative needs to be generated"],
    ["Problem List", "To be populated at future time"],
    ["Results", "This is a simple narrative with only plain text"],
    ["Immunizations", "Immunizations"],
    ["Functional Status", "<b>Functional status.</b>"],
    ["Problem List", "Current list of problems"],
    ["Medication Summary", "Meds"],
    ["Problèmes", "PROBLÈMES :"],
    ["病歴", "病歴"],
  ])("%s: %s", (title, words) => expect(isPlaceholder(section(title, words))).toBe(true));

  test("one that repeats what the section's code says", () => {
    expect(isPlaceholder(section(undefined, "Vital signs", "Vital signs"))).toBe(true);
    expect(isPlaceholder(section("Signes vitaux", "Vital signs", "Vital signs"))).toBe(true);
  });
});

describe("one that says something", () => {
  test.each([
    ["Allergies", "No allergies"],
    ["Allergies", "Allergies: none"],
    ["Problem List", "Problems: 2"],
    ["Results", "Resistant"],
    ["Medications", "Medications given at home"],
    ["Immunizations", `<img src="#scan" alt=""/>`],
  ])("%s: %s", (title, words) => expect(isPlaceholder(section(title, words))).toBe(false));

  test("none at all is another matter", () => {
    expect(isPlaceholder(treeOf({ title: "Results" }) as JsonObject)).toBe(false);
  });
});
