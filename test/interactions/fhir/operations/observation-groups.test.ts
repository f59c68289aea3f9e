import { expect, test } from "@jest/globals";
import { lastOfGroups } from "../../../../src/interactions/fhir/operations/observation-groups.ts";

const of = (...observations: readonly (readonly [name: string, time: number, ...codes: string[]])[]): Parameters<typeof lastOfGroups<string>>[0] =>
  observations.map(([resource, time, ...codes]) => ({ resource, time, codes }));
const names = (observations: readonly { readonly resource: string }[]): string => observations.map(({ resource }) => resource).join(" ");

// The table of R4's definition of the operation.
test.each([
  [of(["1", 3, "a"], ["2", 2, "b"], ["3", 1, "c"]), "1 2 3"],
  [of(["1", 3, "a"], ["2", 2, "b"], ["3", 1, "a", "c"]), "1 2"],
  [of(["1", 3, "a"], ["2", 2, "b"], ["3", 1, "a", "b"]), "1"],
  [of(["1", 1, "text textM"], ["2", 2, "text Text"], ["3", 3, "text t e x t"]), "3 2 1"],
  [[], ""],
])("the newest of each group", (observations, expected) => {
  expect(names(lastOfGroups(observations, 1))).toBe(expected);
});

test("so many of each, and who shares the last place", () => {
  const observations = of(["1", 5, "a"], ["2", 4, "a"], ["3", 3, "a"], ["4", 3, "a"], ["5", 2, "a"], ["6", 9, "b"], ["7", -Infinity, "b"]);
  expect(names(lastOfGroups(observations, 3))).toBe("6 7 1 2 3 4");
  expect(names(lastOfGroups(observations, 1))).toBe("6 1");
  expect(names(lastOfGroups(observations, 99))).toBe("6 7 1 2 3 4 5");
});

test("codes that lead from one to another make one group, in whatever order they come", () => {
  const chain = of(["1", 1, "a", "b"], ["2", 2, "c", "d"], ["3", 3, "e"], ["4", 4, "b", "c"], ["5", 5, "d", "e"]);
  expect(names(lastOfGroups(chain, 1))).toBe("5");
  expect(names(lastOfGroups([...chain].reverse(), 1))).toBe("5");
});

test("thousands of codes of one group cost no stack", () => {
  const long = of(...Array.from({ length: 20_000 }, (_, at) => [`${at}`, at, `c${at}`, `c${at + 1}`] as const));
  expect(lastOfGroups(long, 1)).toHaveLength(1);
});
