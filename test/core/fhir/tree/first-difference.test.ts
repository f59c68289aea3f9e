import { expect, test } from "@jest/globals";
import { firstDifference } from "../../../../src/core/fhir/tree/first-difference.ts";
import { JsonNumber, JsonObject, treeOf, type JsonObject as Tree } from "../../../../src/core/fhir/tree/tree.ts";

const tree = (value: object): Tree => treeOf(value) as Tree;
const numbers = (...digits: readonly string[]): Tree =>
  digits.reduce((object, text, at) => object.add(`n${at}`, new JsonNumber(text)), new JsonObject());

test.each<[string, object, object, string | undefined]>([
  ["nothing", { a: [{ b: "1" }], c: true }, { c: true, a: [{ b: "1" }] }, undefined],
  ["a value", { a: [{ b: "1" }, { b: "2", c: "x" }] }, { a: [{ b: "1" }, { b: "3", c: "y" }] }, "a[1].b"],
  ["what the other lacks", { a: { id: "1", text: "t" } }, { a: { text: "t" } }, "a.id"],
  ["what the other has besides", { a: ["1"] }, { a: ["1", "2"] }, "a[1]"],
  ["a part where the other has a value", { a: { b: "1" } }, { a: "1" }, "a"],
  ["a narrative before it", { text: { div: "<div>1</div>" }, z: "1" }, { text: { div: "<div>2</div>" }, z: "2" }, "z"],
  ["a narrative alone", { text: { div: "<div>1</div>" }, z: "1" }, { text: { div: "<div>2</div>" }, z: "1" }, "text.div"],
  ["a name that is no element's is not repeated", { a: { "<b>": "1" } }, { a: { "<b>": "2" } }, "a"],
])("%s", (_, one, other, path) => {
  expect(firstDifference(tree(one), tree(other))).toBe(path);
});

test("numbers differ by their digits", () => {
  expect(firstDifference(numbers("1.0", "2.00"), numbers("1.0", "2.0"))).toBe("n1");
});
