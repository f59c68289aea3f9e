import { expect, test } from "@jest/globals";
import { Recent } from "../../src/core/recent.ts";

test("what was made last is known again, and what was asked for longest ago is made anew", () => {
  const made: string[] = [];
  const recent = new Recent<number>(2, 5);
  const lengthOf = (text: string): number => {
    made.push(text);
    return text.length;
  };
  expect(["a", "bb", "a", "ccc", "a", "bb"].map((text) => recent.of(text, lengthOf))).toEqual([1, 2, 1, 3, 1, 2]);
  expect(made).toEqual(["a", "bb", "ccc", "bb"]);
});

test("of a long text, and of one of which nothing could be made, nothing is remembered", () => {
  const recent = new Recent<number>(2, 5);
  let times = 0;
  const count = (): number => ++times;
  expect([recent.of("longer", count), recent.of("longer", count)]).toEqual([1, 2]);
  const fail = (): number => {
    throw new Error("no");
  };
  expect(() => recent.of("a", fail)).toThrow("no");
  expect(recent.of("a", count)).toBe(3);
});
