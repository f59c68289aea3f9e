import { describe, expect, test } from "@jest/globals";
import { found, resourceNode } from "./reading.ts";

const PATIENT = resourceNode(
  `{"resourceType":"Patient","name":[{"family":"A","given":["x","y"]},{"given":["x","y"],"family":"A"},{"family":"A","given":["y","x"]},{"family":"a","given":["x","y"]}]}`,
);

describe("equality", () => {
  test.each([
    ["name[0] = name[1]", ["true"]],
    ["name[0] = name[2]", ["false"]],
    ["name[0] ~ name[2]", ["true"]],
    ["name[0] = name[3]", ["false"]],
    ["name[0] ~ name[3]", ["true"]],
    ["name.distinct().count()", ["3"]],
    ["name.isDistinct()", ["false"]],
    ["name.given.distinct()", ["x", "y"]],
    ["(name[0] | name[1]).count()", ["1"]],
    ["name.exclude(name[0]).count()", ["2"]],
    ["name[0].subsetOf(name)", ["true"]],
    ["name.tail().supersetOf(name[0])", ["true"]],
    ["name = name.family", ["false"]],
    ["'x' = 1", ["false"]],
    ["1 in (1.0 | 2)", ["true"]],
    ["'a b' ~ ' A  B '", ["true"]],
    ["{} in (1 | 2)", []],
    ["1.00 ~ 1.001", ["true"]],
    ["@2014 = @2014-01", []],
  ])("%s", (expression, expected) => {
    expect(found(expression, PATIENT)).toEqual(expected);
  });

  test("a long collection is searched by key", () => {
    const many = Array.from({ length: 40 }, (_, at) => `'${at}'`).join(" | ");
    expect(found(`'39' in (${many})`)).toEqual(["true"]);
    expect(found(`'40' in (${many})`)).toEqual(["false"]);
  });
});
