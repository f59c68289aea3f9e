import { describe, expect, test } from "@jest/globals";
import { boundedSearch } from "../../../../src/core/bounded-pattern.ts";
import { patternReplacer, patternTest } from "../../../../src/core/fhir/fhirpath/pattern.ts";
import { Random } from "../../../contracts/random.ts";

const asIs = (pattern: string): string => pattern;

describe("regular expressions of expressions", () => {
  test.each([
    ["^(a+)+$", "a".repeat(5_000) + "!", false],
    ["^(a+)+$", "a".repeat(5_000), true],
    ["(a|a)*b", "a".repeat(5_000), false],
    ["^(\\w+\\s?)*$", `${"word ".repeat(2_000)}!`, false],
    ["a*a*a*a*a*b", "a".repeat(20_000), false],
    ["\\s+$", `${" ".repeat(50_000)}x`, false],
    ["x(a?){30}y", `x${"a".repeat(30)}z`, false],
  ])("%s over a long text is decided in a time that grows with the text, not with its ways", (pattern, text, expected) => {
    expect(patternTest(pattern, asIs)(text)).toBe(expected);
  });

  test("what needs to go back, and can't be followed otherwise, is refused where it might take for ever", () => {
    const backreference = patternTest("^(a+)+\\1$", asIs);
    expect(() => backreference("a".repeat(64) + "!")).toThrow("might take for ever");
    expect(() => patternReplacer("(a+)+b")("a".repeat(64), "")).toThrow("might take for ever");
    expect(patternReplacer("\\..*")("Patient.name", "")).toBe("Patient");
    expect(() => patternTest("(", asIs)).toThrow("is not a regular expression");
  });

  test.each([
    ["^a(b|c){2}|d$", "abc1", true],
    ["^a(b|c){2}|d$", "1abc", false],
    ["^a(b|c){2}|d$", "1d", true],
    ["^a(b|c){2}|d$", "d1", false],
    ["[|]x|\\|y$", "|x1", true],
    ["[|]x|\\|y$", "|y1", false],
  ])("alternatives have anchors of their own: %s in %s", (pattern, text, expected) => {
    expect(boundedSearch(pattern)?.(text)).toBe(expected);
    expect(new RegExp(pattern, "su").test(text)).toBe(expected);
  });

  test("what is found in linear time is what the runtime finds", () => {
    const random = new Random(20);
    const pieces = ["a", "b", ".", "[ab]", "[^a]", "\\d", "(a|b)", "(?:ab)?", "a*", "b+", "a{1,2}", "(b|c)?", "c"];
    let found = 0;
    for (let round = 0; round < 3_000; round++) {
      const body = Array.from({ length: 1 + random.below(4) }, () => pieces[random.below(pieces.length)]).join("");
      const pattern = `${random.below(3) === 0 ? "^" : ""}${body}${random.below(3) === 0 ? "$" : ""}`;
      const text = Array.from({ length: random.below(8) }, () => "abc1"[random.below(4)]).join("");
      const expected = new RegExp(pattern, "su").test(text);
      if (expected) found++;
      expect([pattern, text, boundedSearch(pattern)?.(text)]).toEqual([pattern, text, expected]);
    }
    expect(found).toBeGreaterThan(500);
  });

  test("an anchor of one alternative is none of the others", () => {
    expect(boundedSearch("^a|b")?.("ab")).toBe(true);
    expect(boundedSearch("^a|b")?.("cb")).toBe(true);
    expect(boundedSearch("^a|b")?.("ca")).toBe(false);
    expect(boundedSearch("^(a|b)$")?.("b")).toBe(true);
    expect(boundedSearch("^(a|b)$")?.("ab")).toBe(false);
  });
});
