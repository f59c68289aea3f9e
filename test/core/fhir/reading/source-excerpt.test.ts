import { expect, test } from "@jest/globals";
import { partsAround, SourceExcerpt } from "../../../../src/core/fhir/reading/source-excerpt.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import type { Issue } from "../../../../src/core/fhir/issue.ts";
import { excerptsOf } from "../../../../src/pipeline/render/pages/source-excerpt.ts";

/** Numbers that look random and are the same every time (Numerical Recipes' generator). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = ["\n", "\r\n", "\r", "    ", '"name"', ": ", "<text>", "é", "😀", "x".repeat(200), " ".repeat(400), "1", "\t"];

test.each(Array.from({ length: 60 }, (_, seed) => seed))("what is shown from an excerpt is what is shown from the whole (seed %i)", (seed) => {
  const next = numbers(seed + 1);
  const text = Array.from({ length: 1 + next(400) }, () => PIECES[next(PIECES.length)] ?? "").join("");
  const whole = new SourceText(text);
  const offsets = Array.from({ length: next(12) }, () => next(text.length + 3) - 1);
  const excerpt = new SourceExcerpt(structuredClone(partsAround(offsets, whole)));
  const issues = offsets.map((offset): Issue => ({ severity: "error", code: "invalid", rule: "r", text: "", offset }));
  for (const offset of offsets) expect(excerpt.positionOf(offset)).toEqual(whole.positionOf(offset));
  expect(excerptsOf(issues, excerpt)).toEqual(excerptsOf(issues, whole));
});

test("an excerpt of a long text is short", () => {
  const whole = new SourceText(`{${'"a": 1, '.repeat(200_000)}}`);
  const parts = partsAround([5, 800_000, 1_600_001], whole);
  expect(JSON.stringify(parts).length).toBeLessThan(3_000);
  const excerpt = new SourceExcerpt(parts);
  expect(excerpt.positionOf(800_000)).toEqual({ line: 1, column: 800_001 });
  expect(excerpt.line(1)?.slice(799_990, 800_010)).toBe(whole.text.slice(799_990, 800_010));
});
