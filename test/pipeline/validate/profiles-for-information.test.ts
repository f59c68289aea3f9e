import { expect, test } from "@jest/globals";
import type { ElementDefinition, StructureDefinition } from "../../../src/core/fhir/conformance/structure-definition.ts";
import { forInformation } from "../../../src/pipeline/validate/profiles/for-information.ts";

const profileOf = (...element: readonly ElementDefinition[]): StructureDefinition => ({
  ...{ url: "http://example.org/p", name: "P", type: "Observation", kind: "resource" },
  snapshot: { element },
});

test("obligations and additional bindings are counted, and must-support is not told", () => {
  const texts = forInformation(
    profileOf(
      { path: "Observation", mustSupport: true },
      { path: "Observation.status", obligation: ["SHALL:handle", "SHOULD:display"] },
      { path: "Observation.code", obligation: ["SHALL:handle"] },
      {
        path: "Observation.value[x]",
        binding: {
          strength: "preferred",
          additional: [
            { purpose: "candidate", valueSet: "http://example.org/a" },
            { purpose: "required", valueSet: "http://example.org/b" },
            { purpose: "required", valueSet: "http://example.org/c", usage: true },
          ],
        },
      },
    ),
  );
  expect(texts).toEqual([
    "P (http://example.org/p) puts obligations on systems at 2 elements (SHALL:handle ×2, SHOULD:display ×1): what systems do no document tells, and nothing of them was checked.",
    "P (http://example.org/p) has 2 additional bindings that are for information (candidate ×1, required ×1): nothing was held against them.",
  ]);
  expect(forInformation(profileOf({ path: "Observation", mustSupport: true }))).toEqual([]);
});

test("thousands of kinds take no more room than some", () => {
  const obligation = Array.from({ length: 5_000 }, (_, at) => `SHALL:x${at}${"y".repeat(1_000)}`);
  const [text = ""] = forInformation(profileOf({ path: "Observation", obligation }));
  expect(text.length).toBeLessThan(1_500);
  expect(text).toContain(", …)");
});
