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

  test("lowers headings below those of the page", () => {
    expect(inside("<h1>a</h1><h5>b</h5>")).toBe("<h3>a</h3><h6>b</h6>");
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

  test("lets a wide table scroll in a box that the keyboard can reach", () => {
    const row = `<tr>${"<td>1</td>".repeat(9)}</tr>`;
    expect(inside(`<table>${row}</table>`)).toMatch(/^<div class="table-box wide" tabindex="0"><table>/);
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
