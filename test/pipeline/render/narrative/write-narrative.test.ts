import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { readXhtml, type XhtmlElement } from "../../../../src/core/fhir/xml/xhtml.ts";
import { writeNarrative, type NarrativeSetting, type WrittenNarrative } from "../../../../src/pipeline/render/narrative/write-narrative.ts";

const setting: NarrativeSetting = { scope: "s", headingShift: 2, image: (source) => (source.startsWith("data:") ? source : undefined) };

function written(content: string): WrittenNarrative {
  const { root, issues } = readXhtml(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`);
  if (!root) throw new Error(issues[0]?.text ?? "no root");
  const result = writeNarrative(root, setting);
  if (!result) throw new Error("not written");
  return result;
}

const inside = (content: string): string => written(content).html.replace(/^<div>|<\/div>$/g, "");

describe("writeNarrative", () => {
  test("scopes ids, anchors and the links to them", () => {
    expect(inside('<p id="a">x <a href="#a">y</a> <a name="b">z</a></p>')).toBe('<p id="s-a">x <a href="#s-a">y</a> <a name="s-b">z</a></p>');
  });

  test("lets links outwards tell nobody where they were followed, and none lead into the service", () => {
    expect(inside('<a href="https://example.org/?a=1&amp;b=2">x</a>')).toBe(
      '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow">x</a>',
    );
    expect(inside('<a href="Patient/1">x</a>')).toBe("<a>x</a>");
    expect(inside('<a href="//evil.example/">x</a>')).toBe("<a>x</a>");
    expect(inside('<a href="&#9;java&#10;script:alert(1)">x</a>')).toBe("<a>x</a>");
  });

  test("puts R4's classes and the sender's own into name spaces of their own", () => {
    expect(inside('<p class="bold unlist unseen mine">x</p>')).toBe('<p class="fhir-bold fhir-unlist doc-unseen doc-mine">x</p>');
  });

  test("shows images of the document, and the description of others", () => {
    expect(inside('<img src="data:image/png;base64,AA==" alt="An &quot;x&quot;"/>')).toBe(
      '<img src="data:image/png;base64,AA==" alt="An &quot;x&quot;">',
    );
    const missing = written('<img src="https://evil.example/beacon.png" alt="ECG"/>');
    expect(missing.html).toBe('<div><span class="image-missing">[× ECG]</span></div>');
    expect(missing.missingImages).toBe(1);
  });

  test.each([
    ["below those of the page", "<h1>a</h1><h2>b</h2>", "<h3>a</h3><h4>b</h4>"],
    ["without leaving out a level", "<h4>a</h4><h6>b</h6><h4>c</h4>", "<h3>a</h3><h4>b</h4><h3>c</h3>"],
    ["also where a higher one comes later", "<h4>a</h4><h2>b</h2><h4>c</h4>", "<h3>a</h3><h3>b</h3><h4>c</h4>"],
    ["six levels deep at the most", "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5>", "<h3>a</h3><h4>b</h4><h5>c</h5><h6>d</h6><h6>e</h6>"],
  ])("puts headings %s", (_, given, written) => expect(inside(given)).toBe(written));

  test("lets lines that do not break be scrolled by the keyboard", () => {
    expect(inside(`<pre>${"x".repeat(60)}</pre>`)).toMatch(/^<pre tabindex="0">/);
    expect(inside("<pre>x</pre>")).toBe("<pre>x</pre>");
  });

  test("keeps a narrow first column in place, unless a cell spans others or has a look of its own", () => {
    const table = (first: string, attributes = ""): string => inside(`<table><tr><td${attributes}>${first}</td><td>b</td><td>c</td></tr></table>`);
    expect(table("a")).toMatch(/^<div class="table-box holds"/);
    for (const attributes of [' rowspan="2"', ' colspan="2"', ' style="color: red"'])
      expect(table("a", attributes)).toMatch(/^<div class="table-box"/);
    expect(table("internationalisations")).toMatch(/^<div class="table-box"/);
    expect(inside("<table><tr><td>a</td><td>b</td></tr></table>")).toMatch(/^<div class="table-box"/);
  });

  test("lets the frame of a table grow that the column for prose is too narrow for", () => {
    const row = (words: string): string => inside(`<table><tr>${`<td>${words}</td>`.repeat(6)}</tr></table>`);
    expect(row("antihypertensive")).toMatch(/^<div class="[^"]*\bgrows\b/);
    expect(row("dose")).not.toContain("grows");
  });

  test("writes HTML: void elements, no self-closing tags, entities kept", () => {
    expect(inside("a<br/>b<p/>&lt;c&gt; &amp; &#160;d")).toBe("a<br>b<p></p>&lt;c&gt; &amp; \u00A0d");
    expect(inside("<pre>\nx</pre>")).toBe("<pre>\n\nx</pre>");
  });

  test("does not let a paragraph be torn apart by a block within it", () => {
    expect(inside("<p>a<ul><li>b</li></ul>c</p>")).toBe("<div>a<ul><li>b</li></ul>c</div>");
  });

  test("keeps text that stands where a table has no place for it where it is", () => {
    const parsed = JSDOM.fragment(written("<table>a<tr>b<td>c</td></tr>d<tbody><tr><td>e</td></tr>f</tbody><p>g</p></table><td>h</td>").html);
    expect(parsed.textContent).toBe("abcdefgh");
    expect(parsed.querySelector("table")?.textContent).toBe("abcdefg");
  });

  test.each<[what: string, row: string, cells: string[]]>([
    ["a line break", "<td>a</td><br/><td>b</td><td>c</td>", ["a", "b", "c"]],
    ["a paragraph", "<td>a</td><p>no</p><td>b</td><td>c</td>", ["a|no", "b", "c"]],
    ["text", "<td>a</td>no<td>b</td> <td>c</td>more", ["a|no", "b", "c|more"]],
    ["what comes first", "no<td>a</td><td>b</td><td>c</td>", ["no|a", "b", "c"]],
    ["an element around a cell", "<td>a</td><span>x<td>b</td></span><td>c</td>", ["a|x", "b", "c"]],
    ["a row", "<td>a</td><tr><td>x</td><td>y</td></tr><td>b</td><td>c</td>", ["a|x|y", "b", "c"]],
  ])("keeps every value under its column: %s in a row", (_, row, cells) => {
    const heads = "<th>1</th><th>2</th><th>3</th>";
    const isPlain = row.startsWith("<td>") && !row.includes("<tr>");
    for (const source of [
      `<table><tr>${heads}</tr><tr>${row}</tr></table>`,
      // Cells without a row have one from the browser.
      ...(isPlain ? [`<table><thead>${heads}</thead><tfoot>${row}</tfoot></table>`] : []),
    ]) {
      const rows = [...JSDOM.fragment(written(source).html).querySelectorAll("tr")];
      const texts = rows.map((one) =>
        [...one.cells].map((cell) =>
          cell.innerHTML
            .split(/(?:<[^>]*>)+/)
            .filter(Boolean)
            .join("|"),
        ),
      );
      expect([source, texts]).toEqual([source, [["1", "2", "3"], cells]]);
    }
  });

  test("lets a wide table scroll in a box that the keyboard can reach", () => {
    const row = `<tr>${"<td>1</td>".repeat(9)}</tr>`;
    expect(inside(`<table>${row}</table>`)).toMatch(/^<div class="table-box wide holds" tabindex="0"><table>/);
    expect(inside("<table><tr><td>1</td></tr></table>")).toMatch(/^<div class="table-box"><table>/);
  });

  test("says that it cannot write what is nested too deeply", () => {
    const element = (children: (XhtmlElement | string)[]): XhtmlElement => ({
      name: "b",
      localName: "b",
      namespace: "",
      attributes: [],
      children,
      offset: 0,
    });
    let root = element(["x"]);
    for (let depth = 0; depth < 100_000; depth += 1) root = element([root]);
    expect(writeNarrative(root, setting)).toBeUndefined();
  });

  test("is read by a browser as the same words in the same order, however it is nested", () => {
    const random = generator(20260314);
    for (let trial = 0; trial < 150; trial += 1) {
      let count = 0;
      const grow = (depth: number): string => {
        const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
          if (depth === 0 || random() < 0.3) return `w${(count += 1)}.`;
          const name = NAMES[Math.floor(random() * NAMES.length)] ?? "p";
          return `<${name}>${grow(depth - 1)}</${name}>`;
        });
        return parts.join(random() < 0.5 ? " " : "");
      };
      const source = grow(5);
      const { html } = written(source);
      const words = Array.from({ length: count }, (_, at) => `w${at + 1}.`).join("");
      expect([source, JSDOM.fragment(html).textContent.replace(/\s+/g, "")]).toEqual([source, words]);
    }
  });
});

test("in a table that is wider than paper, words that are no numbers are told, so that they are broken first", () => {
  const row = (...cells: string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  const ruled = `!${"_".repeat(90)}!&lt;br&gt;`;
  const { html } = written(`<table>${row("Homovanillate/Creatinine", "12.0", "0.0-15.1", `Infection ${ruled} aigue`)}</table>`);
  expect(html).toContain('<div class="table-box very-wide');
  expect(html).toContain("<td>12.0</td><td>0.0-15.1</td>");
  expect(html).toContain(`<td>Infection <span class="long-word">${ruled}</span> aigue</td>`);
  expect(written(`<table>${row("12.0", "https://example.org/an/address")}</table>`).html).not.toContain("long-word");
});

const NAMES = "p div span b i a ul ol li dl dt dd table caption colgroup thead tbody tfoot tr td th h1 h2 pre blockquote em small".split(" ");

/** Mulberry32: the same numbers every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
