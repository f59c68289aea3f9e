import { expect, test } from "@jest/globals";
import type { Conformance } from "../../../../src/core/fhir/conformance/conformance.ts";
import type { CodeSystem } from "../../../../src/core/fhir/conformance/terminology-resources.ts";
import { termsOf } from "../../../../src/core/fhir/terminology/create-terms.ts";
import { sharedValueSets } from "../../../../src/core/fhir/terminology/shared-value-sets.ts";
import { createProfiles } from "../../../../src/pipeline/validate/profiles/create-profiles.ts";
import { codesNow } from "../../../../src/main/terminology-now.ts";
import { Findings } from "../../../../src/pipeline/validate/findings.ts";
import { DEFAULT_POLICY } from "../../../../src/pipeline/validate/policy.ts";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { R4 } from "../../../r4.ts";

const SYSTEM = "http://example.org/s";

/** A set that tells how often its code system was listed, which is done when its table is made. */
function counted(): { readonly conformance: Conformance; times(): number } {
  let times = 0;
  const resource: CodeSystem = {
    ...{ url: SYSTEM, content: "complete" },
    get concept() {
      times += 1;
      return [{ code: "a", display: "A" }];
    },
  };
  const conformance: Conformance = {
    ...{ digest: "0", structureDefinition: () => undefined, valueSet: () => undefined, supplements: () => [] },
    codeSystem: (url) => (url === SYSTEM ? { resource, origin: { name: "n", version: "1" } } : undefined),
  };
  return { conformance, times: () => times };
}

test("what judges, pages and questions make one table of a code system, and one of another set another", () => {
  const { conformance, times } = counted();
  const valueSets = sharedValueSets();
  const sets = { on: () => ({ name: "s", conformance, documents: [], ignoredSystems: new Set<string>() }) };
  const judging: Conformance[] = [];
  const { definitions, coreProfiles: core } = R4;
  const profiles = createProfiles({ definitions, core, sets, terms: (of) => (judging.push(of), termsOf(valueSets(of))) });
  profiles.begin(treeOf({ resourceType: "Patient" }) as JsonObject, undefined, new Findings(DEFAULT_POLICY), "2026-01-01");
  expect(judging).toEqual([conformance]);
  expect(judging[0]).toBe(conformance);
  for (const terms of [termsOf(valueSets(conformance)), codesNow(sets, valueSets)!])
    expect(terms.code({ system: SYSTEM, code: "a" })).toMatchObject({ membership: "member", display: "A" });
  expect(times()).toBe(1);
  expect(valueSets(counted().conformance)).not.toBe(valueSets(conformance));
});
