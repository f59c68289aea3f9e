import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { styledContent, styleOf } from "./styled.ts";

const P = '<p id="x" class="a b">word</p>';

describe("a document's stylesheet", () => {
  test.each([
    ["p { font-weight: bold }", "font-weight: bold"],
    ["/* why */ P.a{FONT-STYLE:Italic;}", "font-style: italic"],
    ["p { color: red; background: #ffc }", "color: #ff0000; background-color: #ffffcc"],
    ["p { font-size: 8pt }", "font-size: clamp(var(--least), 8pt, var(--most))"],
    ["p { font: italic bold 12pt/1.4 Georgia, serif }", "font-style: italic; font-weight: bold; font-size: clamp(var(--least), 12pt, var(--most)); line-height: 1.4; font-family: var(--serif), var(--rest)"], // prettier-ignore
    [".\\61 { font-weight: bold }", "font-weight: bold"],
    ["p { color: blue } p { color: red }", "color: #ff0000"],
    ["#x { color: red } p.a.b { color: blue }", "color: #ff0000"],
    ["p { color: red !important } #x { color: blue }", "color: #ff0000"],
    [":where(#x) { color: blue } p { color: red }", "color: #ff0000"],
    ["p { border-top: 1px solid red; border: 2px solid blue }", "border-top: 1px solid #ff0000; border: 2px solid #0000ff"],
    ["@media all { p { font-weight: bold } }", "font-weight: bold"],
    ["@media screen { p { font-weight: bold } } @media print { p { font-style: italic } }", "font-weight: bold"],
    ["body { color: navy; margin: 50px; font-family: serif } p { font-weight: bold }", "font-weight: bold"],
    ["p { color: red; color: var(--x) }", "color: #ff0000"],
    ["p { font-weight: bold", "font-weight: bold"],
  ])("is applied as an author's own styles: %s", async (css, style) => expect(await styleOf(css, P)).toBe(style));

  test("is for the medium that it names, also where it says so at length", async () => {
    const css = "@media only screen, print { p { font-weight: bold } } @media print { p { font-style: italic } }";
    expect(await styleOf(css, P, { medium: "print" })).toBe("font-weight: bold; font-style: italic");
  });

  test("is weaker than styles in the markup, unless it says that it is important", async () => {
    const own = '<p id="x" style="color: green; font-weight: bold">word</p>';
    expect(await styleOf("p { color: red; font-weight: normal !important }", own)).toBe("font-weight: bold; font-weight: normal; color: #008000");
    expect(await styleOf("p { color: red !important }", '<p id="x" style="color: green !important">word</p>')).toBe("color: #008000");
  });

  test("hands down what the page around the narratives has", async () => {
    const { html } = await styledContent("html { background: black; margin: 90px } body { color: white; font-size: 20px }", P);
    expect(html.text).toContain(
      '<div class="their-colours" style="font-size: clamp(var(--least), 20px, var(--most)); color: #ffffff; background-color: #000000">',
    );
  });

  test("touches nothing but narratives, and leaves their words alone", async () => {
    const css = "* { color: red; font-weight: bold } section, h2, .attested { border: 9px solid red }";
    const page = new JSDOM((await styledContent(css, "<p>one</p><table><tr><td>two</td></tr></table>")).html.text).window.document;
    expect(page.querySelectorAll("style, link")).toHaveLength(0);
    expect(Array.from(page.querySelectorAll("[style]")).every((element) => element.closest(".narrative") !== null)).toBe(true);
    expect(page.querySelector(".narrative")?.textContent.trim()).toBe("onetwo");
  });
});

describe("what could hide, move, add or fetch", () => {
  test.each([
    ["p { display: none }", "display"],
    ["p { d\\69splay: none }", undefined],
    ["p { display: n\\6f ne }", "display"],
    ["p { dis/**/play: none }", undefined],
    ["p { visibility: hidden }", "visibility"],
    ["p { opacity: 0.1 }", "opacity"],
    ["p { position: fixed; top: 0; left: 0 }", "position"],
    ["p { margin: -40px }", "margin"],
    ["p { margin-top: -2em }", "margin-top"],
    ["p { text-indent: -999px }", "text-indent"],
    ["p { font-size: 0 }", "font-size"],
    ["p { color: transparent }", "color"],
    ["p { color: rgba(0, 0, 0, 0.01) }", "color"],
    ["p { text-transform: uppercase }", "text-transform"],
    ["p { direction: rtl }", "direction"],
    ["p { unicode-bidi: bidi-override }", "unicode-bidi"],
    ["p { letter-spacing: -1em }", "letter-spacing"],
    ["p { writing-mode: vertical-rl }", "writing-mode"],
    ["p { background: url(https://evil.example/x) }", "background"],
    ["p { background-image: image-set('https://evil.example/x' 1x) }", "background-image"],
    ["p { list-style: url(https://evil.example/x) }", "list-style"],
    ["p { cursor: url(https://evil.example/x), auto }", "cursor"],
    ["p { width: expression(alert(1)) }", "width"],
    ["p { behavior: url(x.htc); -moz-binding: url(x) }", "-moz-binding"],
    ["p { animation: x 1s }", "animation"],
    ["p { transition: all 9s }", "transition"],
    ["p { transform: scale(0) }", "transform"],
    ["p { float: left }", "float"],
    ["p { line-height: 0.1 }", "line-height"],
    ["p { counter-increment: x }", "counter-increment"],
    ["p { all: unset }", "all"],
    ["p { --least: 0px; --ink: white }", undefined],
    ["p::before { content: 'not ' }", "::before"],
    ["p:after { content: 'not ' }", "::after"],
    ["p::first-letter { font-weight: bold }", "::first-letter"],
    ["@import 'https://evil.example/x.css';", "@import"],
    ["@font-face { font-family: Noto Sans; src: url(https://evil.example/x) }", "@font-face"],
    ["@namespace svg 'http://www.w3.org/2000/svg';", "@namespace"],
    ["@page { margin: 0 }", "@page"],
    ["@keyframes x { from { opacity: 0 } }", "@keyframes"],
    ["@supports (display: block) { p { color: white } }", "@supports"],
    ["@layer x { p { color: red } }", "@layer"],
    ["@container (width > 1px) { p { color: red } }", "@container"],
    ["@media (min-width: 1px) { p { color: red } }", "@media"],
    ["@media screen { @import 'x'; }", "@import"],
    ["p { & { display: none } color: url(x) }", "&"],
    ["p:has(+ p) { color: red }", ":has"],
    ["p:nth-child(1 of .a) { color: red }", ":nth-child"],
    ["*|p { color: red }", "selector"],
  ])("is not written, and is told: %s", async (css, told) => {
    const { html, styles } = await styledContent(css, P);
    expect(html.text).not.toMatch(/style="|evil|<style|<link/);
    if (told === undefined) expect(styles.leftOut).toEqual([]);
    else expect(styles.leftOut).toContain(told);
  });

  test("is told only where there is something that it would have touched", async () => {
    const { styles } = await styledContent("h4 { position: fixed } .c::before { content: 'x' } p:hover { display: none }", P);
    expect(styles).toEqual({ external: [], unreadable: [], leftOut: [], isCut: false });
  });

  test("of words that would have been hidden the reader is told as of an author's own styles", async () => {
    expect((await styledContent("p { display: none }", P)).notices).toEqual(["restyled"]);
    expect((await styledContent("p { color: white }", P)).notices).toEqual(["restyled"]);
    expect((await styledContent("p { display: none } #x { display: block }", P)).notices).toEqual([]);
    expect((await styledContent("p { visibility: hidden !important } #x { visibility: visible }", P)).notices).toEqual(["restyled"]);
  });

  test("words that would have had the colour of what is behind them get ours, however the colours come together", async () => {
    expect(await styleOf("table { background: #333 } td { color: #444 }", '<table><tr><td id="x">5 mg</td></tr></table>')).toBe(
      "color: var(--ink); background-color: var(--paper)",
    );
    expect(await styleOf(".dark { color: #eee }", '<p id="x" class="dark">5 mg</p>')).toBe("color: var(--ink)");
    expect(await styleOf("p { background: #fff } body { color: #fff }", P)).toBe("color: var(--ink); background-color: var(--paper)");
  });

  test("a style can not leave its attribute", async () => {
    const css = `p { font-family: "a;display:none" } p { font-family: "\\22 onclick=x" } p { quotes: '">' '<script>' }`;
    const { html } = await styledContent(css, P);
    expect(html.text).toContain('<p id="composition-x" class="doc-a doc-b">word</p>');
  });
});

describe("what it may cost", () => {
  const rows = "<tr><td>a</td><td>b</td></tr>".repeat(3_000);
  const table = `<table id="x">${rows}</table>`;

  test.each([
    ["looking far", `${"div ".repeat(30)}span { color: red } .none ~ ${"tr ~ ".repeat(3)} tr { color: red }`],
    ["rules for everything", Array.from({ length: 3_900 }, (_, at) => `td:not(.c${at}) { color: #${String(at).padStart(6, "0")} }`).join("\n")],
    ["much to write", `td { ${"border-top: 1px solid red; padding: 1px; margin: 1px; white-space: pre; font-weight: bold; ".repeat(3)} }`.repeat(2)],
  ])("is bounded, and then the narrative is shown without: %s", async (name, css) => {
    const { html, styles } = await styledContent(css, name === "much to write" ? table.repeat(6) : table);
    expect(styles.isCut).toBe(true);
    expect(html.text).not.toContain("style=");
    expect(html.text).toContain("<td>b</td>");
  });

  test.each([
    ["too long", `p { color: red } /*${"x".repeat(300_000)}*/`],
    ["too many rules", "p { color: red }".repeat(5_000)],
    ["too many declarations", `p { ${"color: red;".repeat(500)} }`],
    ["faults without end", "p { a b c; }".repeat(5_000)],
  ])("one that is %s is not read", async (_, css) => {
    const { html, styles } = await styledContent(css, P);
    expect(styles.unreadable).toHaveLength(1);
    expect(html.text).not.toContain("style=");
  });

  test.each(["(", "{", "[", ":not(", "a{", "@media all{", "/*", "\\", "url(", "<!--", '"'])("nesting without end does no harm: %s", async (piece) => {
    const { html } = await styledContent(piece.repeat(20_000), P);
    expect(html.text).toContain(">word</p>");
  });

  test("a table of many rows has its stripes", async () => {
    const { html, styles } = await styledContent("tr:nth-child(even) td { background: #eee } td { padding: 4px }", table);
    expect(styles.isCut).toBe(false);
    expect(html.text.match(/background-color: #eeeeee/g)).toHaveLength(3_000);
  });
});
