import { expect, test } from "@jest/globals";
import { compileFhirPath, definitionOf, resourceTypes, SEARCH_PARAMETERS } from "../../../r4.ts";

/** Every parameter of every type, those of all types once. */
const ALL = resourceTypes().flatMap((type) => [...SEARCH_PARAMETERS.of(type).values()].map((parameter) => ({ type, parameter })));

test("every expression is one of our FHIRPath, upon the type that has it", () => {
  for (const { type, parameter } of ALL) {
    for (const { expression } of [parameter, ...parameter.components]) if (expression !== "") expect(() => compileFhirPath(expression)).not.toThrow();
    for (const alternative of parameter.expression.split(" | ").filter((text) => text !== "")) {
      const root = /^\(*(\w+)/.exec(alternative)?.[1];
      expect([parameter.code, ["Resource", "DomainResource", type]]).toEqual([parameter.code, expect.arrayContaining([root])]);
    }
  }
});

test("only those that are no element have no expression", () => {
  const without = ALL.filter(({ parameter }) => parameter.expression === "").map(({ parameter }) => parameter.code);
  expect(new Set(without)).toEqual(new Set(["_content", "_query", "_text"]));
});

test("targets are types of R4", () => {
  for (const { parameter } of ALL) for (const target of parameter.targets) expect([target, definitionOf(target)?.kind]).toEqual([target, "resource"]);
});

test("a definition for several types says of each what is its own", () => {
  expect(SEARCH_PARAMETERS.of("Observation").get("code")?.expression).toBe("Observation.code");
  expect(SEARCH_PARAMETERS.of("AllergyIntolerance").get("code")?.expression).toBe("AllergyIntolerance.code | AllergyIntolerance.reaction.substance");
  expect(SEARCH_PARAMETERS.of("Patient").get("name")?.type).toBe("string");
  expect(SEARCH_PARAMETERS.of("Nonsense").has("code")).toBe(false);
});
