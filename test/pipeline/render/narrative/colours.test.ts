import { describe, expect, test } from "@jest/globals";
import { BLACK, colourOf, contrast, cssOf, WHITE } from "../../../../src/pipeline/render/narrative/colours.ts";

describe("colourOf", () => {
  test.each([
    ["Red", [255, 0, 0]],
    ["#0F8", [0, 255, 136]],
    ["#00ff88", [0, 255, 136]],
    ["rgb(1, 2, 300)", [1, 2, 255]],
    ["rebeccapurple-ish", undefined],
    ["rgba(0,0,0,.1)", undefined],
    ["#ff000000", undefined],
    ["currentColor", undefined],
  ])("%s", (text, colour) => expect(colourOf(text)).toEqual(colour));
});

describe("contrast", () => {
  test("runs from 1 to 21", () => {
    expect(contrast(WHITE, WHITE)).toBe(1);
    expect(contrast(BLACK, WHITE)).toBeCloseTo(21, 5);
    expect(contrast([119, 119, 119], WHITE)).toBeCloseTo(4.48, 2);
  });

  test("is written as CSS has it", () => expect(cssOf([1, 2, 255])).toBe("#0102ff"));
});
