import { expect, test } from "@jest/globals";
import { emptyShape, type Shape } from "../../../../src/core/fhir/tree/shape.ts";
import { JsonNumber, JsonObject } from "../../../../src/core/fhir/tree/tree.ts";

function shapeOf(...names: readonly string[]): Shape {
  return names.reduce((shape, name) => shape.extend(name) as Shape, emptyShape());
}

test("objects with the same names in the same order share a shape; another order is another shape", () => {
  expect(shapeOf("system", "code")).toBe(shapeOf("system", "code"));
  expect(shapeOf("code", "system")).not.toBe(shapeOf("system", "code"));
  expect(shapeOf("system", "code").names).toEqual(["system", "code"]);
});

test("a name that it has, once followed by others or not, is no second one", () => {
  const shape = shapeOf("a", "b");
  expect(shape.extend("a")).toBeUndefined();
  expect(shape.extend("c")?.extend("b")).toBeUndefined();
  expect([shape.indexOf("a"), shape.indexOf("b"), shape.indexOf("c")]).toEqual([0, 1, -1]);
});

test("names of Object.prototype and numbers are names like any other, in the order in which they came", () => {
  const names = ["__proto__", "10", "constructor", "2", ""];
  expect(shapeOf(...names).names).toEqual(names);
});

test("an object with very many names has a shape of its own, which grows with it alone", () => {
  const names = Array.from({ length: 80 }, (_, at) => `n${at}`);
  const [one, other] = [shapeOf(...names), shapeOf(...names)];
  expect([one.isShared, other.isShared, one === other]).toEqual([false, false, false]);
  expect(one.extend("one more")?.names).toHaveLength(81);
  expect([other.names.length, other.indexOf("n79"), other.extend("n3")]).toEqual([80, 79, undefined]);
});

test("more shapes than are kept: the earlier ones stay as they were for those who have them", () => {
  const early = shapeOf("resourceType", "id");
  for (let at = 0; at < 12_000; at++) shapeOf(`strange ${at}`);
  expect(early.names).toEqual(["resourceType", "id"]);
  expect(early.extend("id")).toBeUndefined();
  expect(shapeOf("resourceType", "id").names).toEqual(early.names);
});

test("a very long name is kept with its object alone, and a forgotten shape holds no other", () => {
  expect(shapeOf("x".repeat(65)).isShared).toBe(false);
  expect(shapeOf("a", "x".repeat(65), "b").names).toHaveLength(3);
  const early = shapeOf("kept");
  const follower = early.extend("follower");
  for (let at = 0; at < 12_000; at++) shapeOf(`strange too ${at}`);
  expect(early.extend("follower")).not.toBe(follower);
  expect(early.extend("follower")?.names).toEqual(["kept", "follower"]);
});

test("an object changes its names without a change to others of its shape", () => {
  const make = (): JsonObject => new JsonObject().add("a", "1", 1).add("b", new JsonNumber("2"), 2).add("c", true, 3);
  const [changed, kept] = [make(), make()];
  changed.rename(1, "x");
  changed.remove(0);
  expect([changed.names, changed.values, changed.offsets]).toEqual([
    ["x", "c"],
    [new JsonNumber("2"), true],
    [2, 3],
  ]);
  expect([kept.names, kept.string("a")]).toEqual([["a", "b", "c"], "1"]);
  expect(() => kept.add("b", null)).toThrow(TypeError);
});
