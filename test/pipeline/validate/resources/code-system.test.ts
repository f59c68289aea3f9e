import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const system = (more: Plain): Plain => ({ resourceType: "CodeSystem", status: "draft", content: "complete", ...more });
const errors = (resource: Plain): string[] => briefly(saidOf(resource)).filter((line) => line.startsWith("error") && !line.includes("csd-1"));

test.each<[what: string, resource: Plain, lines: readonly string[]]>([
  ["the number of concepts", system({ count: 3, concept: [{ code: "a", concept: [{ code: "b" }] }] }), ["error code-system-count CodeSystem.count"]],
  ["no content, and concepts", system({ content: "not-present", concept: [{ code: "a" }] }), ["error code-system-content CodeSystem.concept[0]"]],
  ["a supplement of nothing", system({ content: "supplement", concept: [{ code: "a" }] }), ["error code-system-content CodeSystem.content"]],
  [
    "no supplement, of something",
    system({ supplements: "https://x.example/c", concept: [{ code: "a" }] }),
    ["error code-system-content CodeSystem.content"],
  ],
  [
    "a code twice",
    system({ concept: [{ code: "a" }, { code: "b", concept: [{ code: "a" }] }] }),
    ["error code-repeated CodeSystem.concept[1].concept[0]"],
  ],
  [
    "a property twice, and a relative uri",
    system({
      property: [
        { code: "p", type: "string" },
        { code: "p", type: "code" },
        { code: "q", uri: "q", type: "code" },
      ],
    }),
    ["error code-system-property CodeSystem.property[1]", "error code-system-property CodeSystem.property[2]"],
  ],
  [
    "a property of another type",
    system({ property: [{ code: "p", type: "integer" }], concept: [{ code: "a", property: [{ code: "p", valueString: "1" }] }] }),
    ["error concept-property-type CodeSystem.concept[0].property[0]"],
  ],
])("%s", (_, resource, lines) => {
  expect(errors(resource)).toEqual(lines);
});

test("the number of concepts of a compositional system is its steward's matter; codes that are told by extensions are no two of one", () => {
  expect(errors(system({ compositional: true, count: 100, concept: [{ code: "a" }] }))).toEqual([]);
  const masked = { _code: { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "masked" }] } };
  expect(errors(system({ concept: [masked, masked] }))).toEqual([]);
});

test("one that is right", () => {
  const concept = [{ code: "a", property: [{ code: "p", valueInteger: 1 }], concept: [{ code: "b" }] }];
  expect(errors(system({ count: 2, property: [{ code: "p", uri: "https://x.example/p", type: "integer" }], concept }))).toEqual([]);
});
