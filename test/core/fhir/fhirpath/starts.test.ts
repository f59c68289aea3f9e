import { describe, expect, test } from "@jest/globals";
import { resourceNode } from "./reading.ts";
import { compileFhirPath, R4, SEARCH_PARAMETERS } from "../../../r4.ts";

describe("where what an expression finds stands", () => {
  test.each([
    ["Patient.name.given | Patient.alias", ["name", "alias"]],
    ["name.where(use = 'official').first().family", ["name"]],
    ["(Observation.value as Quantity) | Observation.value.ofType(SampledData)", ["value"]],
    ["Bundle.entry[0].resource", ["entry"]],
    ["$this.subject.resolve()", ["subject"]],
    ["Patient.deceased.exists() and Patient.deceased != false", undefined],
    ["name.count()", undefined],
    ["%resource.name", undefined],
    ["'a' | name", undefined],
    ["Patient", undefined],
    ["Patient.where(active)", undefined],
    ["name.combine(alias)", undefined],
    ["name[other]", undefined],
    ["name.given is string", undefined],
  ])("%s: %s", (text, expected) => {
    const { starts } = compileFhirPath(text);
    expect(starts && [...starts]).toEqual(expected);
  });

  test("without these elements no search parameter of R4 finds anything", () => {
    let known = 0;
    for (const type of R4.definitions.resourceTypes()) {
      const empty = resourceNode(`{"resourceType":"${type}"}`);
      for (const { expression, code } of SEARCH_PARAMETERS.of(type).values()) {
        if (expression === "") continue;
        const compiled = compileFhirPath(expression);
        if (compiled.starts === undefined) continue;
        known++;
        expect({ type, code, found: compiled.evaluate(empty, { resource: empty, rootResource: empty }) }).toEqual({ type, code, found: [] });
      }
    }
    expect(known).toBeGreaterThan(1_000);
  });
});
