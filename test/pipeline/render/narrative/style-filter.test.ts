import { describe, expect, test } from "@jest/globals";
import { FRAME_LOOK } from "../../../../src/pipeline/render/narrative/look.ts";
import { filterStyle } from "../../../../src/pipeline/render/narrative/style-filter.ts";

const WITH_TEXT = { isInTable: false, hasText: true };
const styleOf = (style: string, name = "span", around = FRAME_LOOK): string => filterStyle(style, name, around, WITH_TEXT).style;

describe("filterStyle", () => {
  test.each([
    ["font-weight: bold; font-style: italic", "font-weight: bold; font-style: italic"],
    ["TEXT-DECORATION:underline", "text-decoration: underline"],
    ["color: red", "color: #ff0000"],
    ["color: #036; background: #ffc", "color: #003366; background-color: #ffffcc"],
    ["background-color: rgb(255, 240, 240)", "background-color: #fff0f0"],
    ["font-size: 120%", "font-size: 120%"],
    ["white-space: pre-wrap; text-align: right", "white-space: pre-wrap; text-align: right"],
    ["list-style-type: upper-roman", "list-style-type: upper-roman"],
    ["border: 1px solid black; padding: 4px 8px", "border: 1px solid #000000; padding: 4px 8px"],
    ["font-family: 'Courier New', monospace", "font-family: monospace, Noto Sans, var(--rest)"],
    ["font-weight: bold !important", "font-weight: bold"],
  ])("keeps what R4 lets authors fix: %s", (style, kept) => expect(styleOf(style)).toBe(kept));

  test.each([
    "display: none",
    "visibility: hidden",
    "opacity: 0",
    "position: absolute; left: -9999px",
    "position: fixed; top: 0",
    "text-indent: -9999px",
    "margin-left: -500px",
    "margin-top: 9999px",
    "padding-left: 5000px",
    "font-size: 0",
    "font-size: 1px",
    "font-size: 5%",
    "line-height: 0",
    "letter-spacing: -1em",
    "transform: scale(0)",
    "clip-path: inset(100%)",
    "height: 0; overflow: hidden",
    "width: 0",
    "color: white",
    "color: #fefefe",
    "color: transparent",
    "color: rgba(0,0,0,0)",
    "background: black",
    "color: lightyellow",
    "background-image: url(https://evil.example/x)",
    "background: url('https://evil.example/x')",
    "background: white url(//evil.example)",
    "list-style: url(x)",
    "list-style-image: url(x)",
    "behavior: url(x.htc)",
    "width: expression(alert(1))",
    "font-family: Wingdings",
    "content: 'x'",
    "color: r\\65 d",
    "col/**/or: red",
    "unicode-bidi: bidi-override",
    "float: left; z-index: 9",
    "animation: x 1s",
    "--x: url(y)",
    "constructor: 1",
  ])("drops what could hide, move or fetch: %s", (style) => expect(styleOf(style)).toBe(""));

  test("follows colours down the tree, so that no words vanish into what lies behind them", () => {
    const dark = filterStyle("color: white; background-color: navy", "div", FRAME_LOOK);
    expect(dark.style).toBe("color: #ffffff; background-color: #000080");
    expect(styleOf("background-color: #f8f8f8", "span", dark.look)).toBe("");
    expect(styleOf("color: #000090", "span", dark.look)).toBe("");
    expect(styleOf("color: yellow", "span", dark.look)).toBe("color: #ffff00");
  });

  test("follows sizes down the tree, so that no words shrink away step by step", () => {
    let look = FRAME_LOOK;
    const kept: string[] = [];
    for (let depth = 0; depth < 12; depth += 1) {
      const filtered = filterStyle("font-size: 0.8em", "span", look);
      kept.push(filtered.style);
      look = filtered.look;
    }
    expect(look.size).toBeGreaterThanOrEqual(9);
    expect(kept.filter((style) => style !== "")).toHaveLength(2);
  });

  test("lets widths stand on parts of tables and images alone", () => {
    expect(styleOf("width: 50%", "td")).toBe("width: 50%");
    expect(styleOf("width: 120px", "img")).toBe("width: 120px");
    expect(styleOf("width: 50%", "div")).toBe("");
    expect(styleOf("width: 400%", "table")).toBe("");
  });
});
