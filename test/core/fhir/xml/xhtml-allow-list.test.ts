import { describe, expect, test } from "@jest/globals";
import { breaches, hasContent, isSafeImage, isSafeLink, schemeOf } from "../../../../src/core/fhir/xml/xhtml-allow-list.ts";
import { readXhtml, type XhtmlElement } from "../../../../src/core/fhir/xml/xhtml.ts";

function div(content: string, attributes = ""): XhtmlElement {
  const { root } = readXhtml(`<div xmlns="http://www.w3.org/1999/xhtml"${attributes}>${content}</div>`);
  if (root === undefined) throw new Error(`not well-formed: ${content}`);
  return root;
}

const texts = (content: string): string[] => breaches(div(content)).map((breach) => breach.text);

test("what txt-1 allows", () => {
  expect(
    texts(
      '<h1 class="bold" id="a" xml:lang="de" lang="de" dir="rtl">x</h1><p style="color: red">a<b>b</b><br/><tt>c</tt><sub>1</sub></p><table border="1" cellpadding="2" summary="s" rules="all" frame="box">' +
        '<caption>c</caption><colgroup><col width="1" span="2"/></colgroup><thead><tr><th scope="col" abbr="x" axis="y">h</th></tr></thead><tbody><tr idref="x"><td colspan="2" rowspan="1" align="left" valign="top" nowrap="nowrap" bgcolor="#fff">d</td></tr></tbody></table>' +
        '<ol start="3" type="a" compact="compact"><li value="4">l</li></ol><dl><dt>t</dt><dd>d</dd></dl><blockquote cite="http://x.example/">q</blockquote><address>a<bdo dir="ltr">b</bdo><kbd>k</kbd></address>' +
        '<a name="n">n</a><a href="#n" title="t" rel="x">l</a><a href="mailto:a@b.example">m</a><a href="Patient/1">r</a><img src="#pic" alt="a" width="1" height="2"/><img src="data:image/png;base64,AAAA" alt=""/><img src="data: image/png;base64,AAAA" alt=""/>',
    ),
  ).toEqual([]);
});

describe("what it does not", () => {
  test.each([
    "script",
    "style",
    "link",
    "base",
    "head",
    "body",
    "form",
    "input",
    "button",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "font",
    "center",
    "u",
    "s",
    "strike",
    "ins",
    "del",
    "map",
    "area",
    "video",
    "audio",
    "svg",
    "math",
    "template",
    "slot",
    "details",
    "marquee",
    "isindex",
    "meta",
    "title",
    "DIV",
    "P",
    "Script",
  ])("the element %s", (name) => {
    expect(texts(`<${name}/>`)).toHaveLength(1);
  });

  test.each([
    '<p onClick="x"/>',
    '<p onclick="x"/>',
    '<b onmouseover="x"/>',
    '<p href="#a"/>',
    '<p src="x"/>',
    '<td background="x"/>',
    '<img usemap="#m"/>',
    '<img srcset="x"/>',
    '<a target="_top"/>',
    '<a ping="x"/>',
    '<p name="x"/>',
    '<p is="x"/>',
    '<p slot="x"/>',
    '<p contenteditable="true"/>',
    '<p data-x="1"/>',
    '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:x"/>',
    '<p xml:base="x"/>',
    '<p constructor="x"/>',
  ])("the attribute in %s", (element) => {
    expect(texts(element)).toHaveLength(1);
  });

  test.each([
    "javascript:alert(1)",
    "JavaScript:x",
    " javascript:x",
    "java\nscript:x",
    "\u0001javascript:x",
    "jav&#9;ascript:x",
    "vbscript:x",
    "data:text/html,x",
    "data:,x",
    "data:image/svg+xml,x",
    "file:///x",
    "blob:x",
    "view-source:x",
    "about:blank",
  ])("a link to %j", (href) => {
    const escaped = href.includes("\u0001") ? undefined : `<a href="${href.replaceAll("\n", "&#10;")}">x</a>`;
    if (escaped !== undefined) expect(texts(escaped)).toHaveLength(1);
    expect(isSafeLink(href.replaceAll("&#9;", "\t"))).toBe(false);
  });

  test.each(["javascript:x", "data:text/html;base64,x", "data:application/x", " data:text/html,data:image/png,x"])("an image from %j", (src) => {
    expect(texts(`<img src="${src}" alt=""/>`)).toHaveLength(1);
    expect(isSafeImage(src)).toBe(false);
  });

  test("another namespace, none, and another element at the root", () => {
    expect(texts('<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>')).toHaveLength(1);
    expect(breaches(readXhtml("<div><script/></div>").root as XhtmlElement)).toHaveLength(1);
    expect(breaches(readXhtml('<p xmlns="http://www.w3.org/1999/xhtml"/>').root as XhtmlElement)).toHaveLength(1);
    expect(breaches(readXhtml('<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p/></h:div>').root as XhtmlElement)).toEqual([]);
  });

  test("each with its place", () => {
    expect(breaches(div("<p>a</p><script/>")).map((breach) => breach.offset)).toEqual([50]);
  });
});

test("schemes are found as a browser finds them", () => {
  expect(["a/b:c", "#a:b", "?x:y", "//h:1", "", "1a:b", "HTTP://x", "\t mail\nto:x"].map(schemeOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    "http",
    "mailto",
  ]);
});

test("txt-2: text or an image", () => {
  expect([" \n\t", "<p> </p>", "<img alt='x'/>", "<!-- x -->"].map((content) => hasContent(div(content)))).toEqual([false, false, false, false]);
  expect(["x", "<p><b>x</b></p>", "<p><img src='#a' alt=''/></p>", "\u00A0"].map((content) => hasContent(div(content)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test("an attribute that HTML 4.0 describes for some elements stands on those alone", () => {
  for (const [element, attribute] of [
    ["abbr", 'summary="x"'],
    ["h1", 'cellpadding="1"'],
    ["q", 'frame="box"'],
    ["br", 'start="2"'],
    ["pre", 'alt="x"'],
    ["cite", 'border="1"'],
    ["hr", 'bgcolor="red"'],
    ["tr", 'compact="compact"'],
    ["p", 'href="#a"'],
    ["p", 'constructor="x"'],
  ] as const) {
    const name = attribute.split("=")[0] ?? "";
    expect(texts(`<${element} ${attribute}/>`)).toEqual([`The attribute '${name}' must not stand on '${element}' in a narrative (txt-1).`]);
  }
});
