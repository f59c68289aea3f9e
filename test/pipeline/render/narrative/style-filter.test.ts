import { describe, expect, test } from "@jest/globals";
import { FRAME_LOOK, withColumns } from "../../../../src/pipeline/render/narrative/look.ts";
import { filterStyle } from "../../../../src/pipeline/render/narrative/style-filter.ts";

const WITH_TEXT = { isInTable: false, hasText: true };
const WITHOUT_TEXT = { isInTable: false, hasText: false };
const styleOf = (style: string, name = "span", around = FRAME_LOOK): string => filterStyle(style, name, around, WITH_TEXT).style;

describe("filterStyle", () => {
  test.each([
    ["font-weight: bold; font-style: italic", "font-weight: bold; font-style: italic"],
    ["TEXT-DECORATION:underline", "text-decoration: underline"],
    ["color: red", "color: #ff0000"],
    ["color: #036; background: #ffc", "color: #003366; background-color: #ffffcc"],
    ["background-color: rgb(255, 240, 240)", "background-color: #fff0f0"],
    ["font-size: 120%", "font-size: clamp(var(--least), 120%, var(--most))"],
    ["white-space: pre-wrap; text-align: right", "white-space: pre-wrap; text-align: right"],
    ["list-style-type: upper-roman", "list-style-type: upper-roman"],
    ["border: 1px solid black; padding: 4px 8px", "border: 1px solid #000000; padding: 4px 8px"],
    ["font-family: 'Courier New', monospace", "font-family: var(--monospace), var(--rest)"],
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
    "color: transparent",
    "color: rgba(0,0,0,0)",
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

  test.each(["color: white", "color: #fefefe", "color: lightyellow", "color: #999"])(
    "shows in our own colour what could not be read: %s",
    (style) => {
      expect(filterStyle(style, "span", FRAME_LOOK, WITH_TEXT)).toMatchObject({ style: "color: var(--ink)", isRestyled: true });
    },
  );

  test("paints our own ground where the author's leaves nothing to read", () => {
    const filtered = filterStyle("background: black", "p", FRAME_LOOK, WITH_TEXT);
    expect(filtered).toMatchObject({ style: "color: var(--ink); background-color: var(--paper)", isRestyled: true });
  });

  test("keeps a colour that waits for its ground further down, and judges where words stand", () => {
    const table = filterStyle("color: white", "table", FRAME_LOOK, WITHOUT_TEXT);
    expect([table.style, table.isRestyled]).toEqual(["color: #ffffff", false]);
    const row = filterStyle("background: navy", "tr", table.look, WITHOUT_TEXT);
    expect(filterStyle(undefined, "th", row.look, WITH_TEXT)).toMatchObject({ style: "", isRestyled: false });
    expect(filterStyle(undefined, "td", table.look, WITH_TEXT)).toMatchObject({ style: "color: var(--ink)", isRestyled: true });
  });

  test("knows that the ground of a table is not behind its caption, nor that of an inline element behind a block in it", () => {
    const dark = "color: white; background-color: navy";
    const table = filterStyle(dark, "table", FRAME_LOOK, WITHOUT_TEXT);
    expect(filterStyle(undefined, "caption", table.look, WITH_TEXT).isRestyled).toBe(true);
    const inline = filterStyle(dark, "span", FRAME_LOOK, WITH_TEXT);
    expect(filterStyle(undefined, "b", inline.look, WITH_TEXT)).toMatchObject({ style: "", isRestyled: false });
    expect(filterStyle(undefined, "sup", inline.look, WITH_TEXT).style).toBe("background-color: #000080");
    expect(filterStyle(undefined, "p", inline.look, WITH_TEXT).isRestyled).toBe(true);
  });

  test("lets no words vanish into what lies behind them, further down either", () => {
    const dark = filterStyle("color: white; background-color: navy", "div", FRAME_LOOK, WITH_TEXT);
    expect(dark.style).toBe("color: #ffffff; background-color: #000080");
    expect(filterStyle("background-color: #f8f8f8", "span", dark.look, WITH_TEXT).isRestyled).toBe(true);
    expect(filterStyle("color: #000090", "span", dark.look, WITH_TEXT).isRestyled).toBe(true);
    expect(styleOf("color: yellow", "span", dark.look)).toBe("color: #ffff00");
  });

  test("paints columns where the table's words can be read on them, and reckons with those under every cell", () => {
    const table = withColumns(FRAME_LOOK, [
      [0, 0, 128],
      [238, 238, 238],
    ]);
    expect(filterStyle("background: navy", "col", table, WITHOUT_TEXT)).toMatchObject({ style: "", isRestyled: true });
    expect(filterStyle("background: #eee", "col", table, WITHOUT_TEXT)).toMatchObject({ style: "background-color: #eeeeee", isRestyled: false });
    // 3.1 on white, 2.7 on #eee.
    expect(filterStyle("color: #929292", "td", table, WITH_TEXT).isRestyled).toBe(true);
    expect(filterStyle("color: #929292", "td", FRAME_LOOK, WITH_TEXT).isRestyled).toBe(false);
  });

  test("tells when letters would have shrunk away step by step", () => {
    let look = FRAME_LOOK;
    const told: boolean[] = [];
    for (let depth = 0; depth < 12; depth += 1) {
      const filtered = filterStyle("font-size: 0.8em", "span", look, WITH_TEXT);
      expect(filtered.style).toBe("font-size: clamp(var(--least), 0.8em, var(--most))");
      look = filtered.look;
      told.push(filtered.isRestyled);
    }
    expect(told.slice(0, 3)).toEqual([false, false, false]);
    expect(told.at(-1)).toBe(true);
    expect(look.size).toBe(7);
  });

  test("breaks lines but in cells, which grow with them, and in pre, which scrolls", () => {
    expect(styleOf("white-space: nowrap", "p")).toBe("");
    expect(styleOf("white-space: pre", "div")).toBe("white-space: pre-wrap");
    expect(filterStyle("white-space: nowrap", "td", FRAME_LOOK, { isInTable: true, hasText: true }).style).toBe("white-space: nowrap");
    expect(styleOf("line-height: 120%", "p")).toBe("line-height: 1.2");
  });

  test("reads a value and its importance whatever blanks stand around them", () => {
    expect(styleOf(" text-align :  center ! important ", "p")).toBe("text-align: center");
    expect(styleOf("text-align: center !IMPORTANT; direction: ltr!important", "p")).toBe("text-align: center; direction: ltr");
    expect(styleOf("text-align: center !important x; : left; direction", "p")).toBe("");
  });

  test("lets widths stand on parts of tables and images alone", () => {
    expect(styleOf("width: 50%", "td")).toBe("width: 50%");
    expect(styleOf("width: 120px", "img")).toBe("width: 120px");
    expect(styleOf("width: 50%", "div")).toBe("");
    expect(styleOf("width: 400%", "table")).toBe("");
  });
});
