import { describe, expect, test } from "@jest/globals";
import { boundedPattern } from "../../src/core/bounded-pattern.ts";
import { Random } from "../contracts/random.ts";

describe("a pattern", () => {
  test.each<[pattern: string, text: string, fits: boolean]>([
    ["abc", "abc", true],
    ["abc", "abcd", false],
    ["^abc$", "abc", true],
    ["a|bc", "bc", true],
    ["a|bc", "ab", false],
    ["(a|b)*c", "ababc", true],
    ["[a-c]{2,3}", "abc", true],
    ["[a-c]{2,3}", "a", false],
    ["[^a-c]+", "xyz", true],
    ["[^a-c]+", "xaz", false],
    ["\\d{4}-\\d", "1234-5", true],
    ["\\w+\\.\\s?x", "ab. x", true],
    [".*", "", true],
    ["(?:ab)?c", "c", true],
    ["[\\]\\-a]", "-", true],
    ["[a-]", "-", true],
    ["a{0}", "", true],
    ["a{2,}", "aaaa", true],
    ["a{2,}", "a", false],
    ["x\\$", "x$", true],
    ["😀.", "😀a", true],
  ])("%s upon %j: %s", (pattern, text, fits) => {
    expect(boundedPattern(pattern)?.test(text)).toBe(fits);
  });

  test.each([
    "(a",
    "a)",
    "[a",
    "a{2",
    "a**",
    "*a",
    "(?=a)",
    "(?!a)",
    "\\1",
    "(a)\\1",
    "\\b",
    "\\p{L}",
    "a++",
    "[b-a]",
    "a{3,2}",
    "((((a{99}){99}){99}){99})",
    "[[a]]",
  ])("%s is not understood", (pattern) => {
    expect(boundedPattern(pattern)).toBeUndefined();
  });

  test("says what the runtime's own says, of texts and patterns by chance", () => {
    const random = new Random(7);
    const pick = (from: readonly string[]): string => from[random.below(from.length)] ?? "";
    // Groups are never repeated without an end: the runtime takes a minute for some such patterns and texts of three letters.
    const make = (depth: number): string => {
      const isLetter = depth === 0 || random.below(3) > 0;
      const atom = isLetter
        ? pick(["a", "b", "[ab]", "[^a]", ".", "\\w"]) + pick(["", "", "", "?", "*", "+", "{2}", "{1,2}"])
        : `(${make(depth - 1)}|${make(depth - 1)})${pick(["", "?", "{2}"])}`;
      return atom + (random.below(2) === 0 && depth > 0 ? make(depth - 1) : "");
    };
    for (let round = 0; round < 300; round++) {
      const source = make(2);
      const ours = boundedPattern(source);
      const theirs = new RegExp(`^(?:${source})$`, "su");
      for (let at = 0; at < 8; at++) {
        const text = Array.from({ length: random.below(7) }, () => pick(["a", "b", "c"])).join("");
        expect([source, text, ours?.test(text)]).toEqual([source, text, theirs.test(text)]);
      }
    }
  });

  test("that would take others for ever is done at once", () => {
    const text = `${"a".repeat(1_500)}!`;
    expect(boundedPattern("(a+)+")?.test(text)).toBe(false);
    expect(boundedPattern("(a|a)*b")?.test(text)).toBe(false);
    expect(boundedPattern("a")?.test("a".repeat(3_000))).toBeUndefined();
  });
});
