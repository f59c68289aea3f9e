import { describe, expect, test } from "@jest/globals";
import { insetOf } from "../../../../src/pipeline/render/narrative/inset.ts";

describe("insetOf", () => {
  test.each([
    ["div", "", 0],
    ["div", "padding: 10px", 20],
    ["div", "padding: 1px 2px 3px 4px", 6],
    ["div", "padding-left: 1in; margin-right: 4px; padding-top: 50px", 100],
    ["div", "border: 2px solid #000000; margin: 0 auto", 4],
    ["ul", "", 26],
  ])("adds up what %s takes of the width: %s", (name, style, inset) => expect(insetOf(name, style, 1)).toBe(inset));

  test("counts the padding of a cell for each column, and spacing beside each", () => {
    expect(insetOf("td", "padding: 0 50px", 7)).toBe(700);
    expect(insetOf("td", "padding: 2px 4px", 7)).toBe(21);
    expect(insetOf("table", "border-spacing: 10px", 3)).toBe(44);
  });
});
