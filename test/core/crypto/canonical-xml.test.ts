import { describe, expect, test } from "@jest/globals";
import { canonicalXml, XmlBudget } from "../../../src/core/crypto/canonical-xml.ts";
import { descendants, elementsOf, readXmlTree, type XmlElement } from "../../../src/core/crypto/xml-tree.ts";

const inclusive = (text: string) => canonicalXml(readXmlTree(text), { isExclusive: false });
const exclusive = (text: string) => canonicalXml(readXmlTree(text), { isExclusive: true });

function firstChild(text: string): XmlElement {
  const [child] = elementsOf(readXmlTree(text));
  if (child === undefined) throw new Error("no child");
  return child;
}

describe("Canonical XML 1.0", () => {
  test.each([
    ["empty elements get an end tag", "<a/>", "<a></a>"],
    [
      "attributes in the order of namespace and name, namespaces before them",
      '<a b="1" a="2" z:a="3" xmlns:z="u:z" xmlns:b="u:b" xmlns="u:a"/>',
      '<a xmlns="u:a" xmlns:b="u:b" xmlns:z="u:z" a="2" b="1" z:a="3"></a>',
    ],
    ["superfluous declarations go", '<a xmlns="u:a" xmlns:b="u:b"><a xmlns="u:a" xmlns:b="u:b"/></a>', '<a xmlns="u:a" xmlns:b="u:b"><a></a></a>'],
    [
      "the default namespace is undone where it was",
      '<a xmlns="u:a"><b xmlns=""><c xmlns=""/></b></a>',
      '<a xmlns="u:a"><b xmlns=""><c></c></b></a>',
    ],
    ["an empty one at the root says nothing", '<a xmlns=""/>', "<a></a>"],
    [
      "a prefix may change its meaning",
      '<z:a xmlns:z="u:1"><z:b xmlns:z="u:2"><z:c xmlns:z="u:1"/></z:b></z:a>',
      '<z:a xmlns:z="u:1"><z:b xmlns:z="u:2"><z:c xmlns:z="u:1"></z:c></z:b></z:a>',
    ],
    [
      "characters that XML would read otherwise are escaped",
      `<a b='"&lt;&gt;&amp;&#9;&#10;&#13;'>&lt;&gt;&amp;"'&#9;&#13;</a>`,
      `<a b="&quot;&lt;>&amp;&#x9;&#xA;&#xD;">&lt;&gt;&amp;"'\t&#xD;</a>`,
    ],
    ["CDATA is text, comments go", "<a>x<![CDATA[<&]]><!-- y -->z</a>", "<a>x&lt;&amp;z</a>"],
    ["white space stays", "<a>\r\n <b/>\n</a>", "<a>\n <b></b>\n</a>"],
    ["characters beyond ASCII stay", '<ä ö="&#x1F600;">\u2028</ä>', '<ä ö="\u{1F600}">\u2028</ä>'],
  ])("%s", (_, text, canonical) => {
    expect(inclusive(text)).toBe(canonical);
  });

  test("an element within keeps the namespaces and xml: attributes that reach it", () => {
    const child = firstChild('<a xmlns="u:a" xmlns:unused="u:x" xml:lang="de" xml:space="preserve" id="1"><b xml:lang="en"/></a>');
    expect(canonicalXml(child, { isExclusive: false })).toBe('<b xmlns="u:a" xmlns:unused="u:x" xml:lang="en" xml:space="preserve"></b>');
  });
});

describe("Exclusive XML Canonicalization 1.0", () => {
  test.each([
    [
      "namespaces stand where they are used",
      '<a xmlns="u:a" xmlns:b="u:b" xmlns:c="u:c"><b:x c:y="1"/><b:x/></a>',
      '<a xmlns="u:a"><b:x xmlns:b="u:b" xmlns:c="u:c" c:y="1"></b:x><b:x xmlns:b="u:b"></b:x></a>',
    ],
    [
      "the default namespace under a prefix stands at its next use",
      '<z:a xmlns:z="u:z" xmlns="u:a"><b/></z:a>',
      '<z:a xmlns:z="u:z"><b xmlns="u:a"></b></z:a>',
    ],
    ["one that was undone is undone", '<a xmlns="u:a"><b xmlns=""/></a>', '<a xmlns="u:a"><b xmlns=""></b></a>'],
  ])("%s", (_, text, canonical) => {
    expect(exclusive(text)).toBe(canonical);
  });

  test("an element within is the same wherever it stands", () => {
    const alone = exclusive('<x:b xmlns:x="u:x" a="1"/>');
    const child = firstChild('<a xmlns="u:a" xmlns:x="u:x" xml:lang="de"><x:b a="1"/></a>');
    expect(canonicalXml(child, { isExclusive: true })).toBe(alone);
    expect(canonicalXml(child, { isExclusive: true, inclusivePrefixes: [""] })).toBe('<x:b xmlns="u:a" xmlns:x="u:x" a="1"></x:b>');
  });
});

describe("with comments", () => {
  const text = "<a><!-- x & <y> --><b>1<!---->2</b></a>";

  test("they stand where they stood, in both forms, of a tree that has them", () => {
    for (const isExclusive of [false, true]) {
      const tree = readXmlTree(text, { hasComments: true });
      expect(canonicalXml(tree, { isExclusive, hasComments: true })).toBe("<a><!-- x & <y> --><b>1<!---->2</b></a>");
      expect(canonicalXml(tree, { isExclusive })).toBe("<a><b>12</b></a>");
    }
  });
});

describe("Canonical XML 1.1", () => {
  const within = (attributes: string) => firstChild(`<a ${attributes}><b/></a>`);

  test("inherits xml:lang and xml:space, and no xml:id", () => {
    const child = within('xml:lang="de" xml:space="preserve" xml:id="x"');
    expect(canonicalXml(child, { isExclusive: false, isVersion11: true })).toBe('<b xml:lang="de" xml:space="preserve"></b>');
    expect(canonicalXml(child, { isExclusive: false })).toBe('<b xml:id="x" xml:lang="de" xml:space="preserve"></b>');
  });

  test("does not guess at an xml:base", () => {
    const child = within('xml:base="http://x.example/"');
    expect(() => canonicalXml(child, { isExclusive: false, isVersion11: true })).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});

describe("a prefix list", () => {
  const text = '<a xmlns="u:1" xmlns:b="u:2" xmlns:c="u:3"><x:d xmlns:x="u:4" xmlns="u:5" xmlns:b="u:6"><x:e/></x:d></a>';
  const form = (...inclusivePrefixes: string[]) => canonicalXml(readXmlTree(text), { isExclusive: true, inclusivePrefixes });

  test("has what it names written where it is declared", () => {
    expect(form()).toBe('<a xmlns="u:1"><x:d xmlns:x="u:4"><x:e></x:e></x:d></a>');
    expect(form("b", "nowhere")).toBe('<a xmlns="u:1" xmlns:b="u:2"><x:d xmlns:b="u:6" xmlns:x="u:4"><x:e></x:e></x:d></a>');
    expect(form("")).toBe('<a xmlns="u:1"><x:d xmlns="u:5" xmlns:x="u:4"><x:e></x:e></x:d></a>');
  });
});

describe("a budget", () => {
  test("ends what would grow beyond it: the exclusive form repeats a namespace at each use", () => {
    const text = `<a xmlns:b="${"u".repeat(1000)}">${"<b:c/>".repeat(1000)}</a>`;
    const budget = new XmlBudget(10 * text.length);
    expect(() => canonicalXml(readXmlTree(text), { isExclusive: true }, { budget })).toThrow(expect.objectContaining({ code: "too-large" }));
    expect(budget.spent).toBeLessThan(11 * text.length);
    expect(canonicalXml(readXmlTree(text), { isExclusive: true }).length).toBeGreaterThan(1_000_000);
  });
});

test("an element that was taken out of a document is written as it stood there", () => {
  const tree = readXmlTree('<s:a xmlns:s="u:s"><s:b/></s:a>');
  const child = descendants(tree)[1] ?? tree;
  const around = new Map([["", "u:document"]]);
  expect(canonicalXml(child, { isExclusive: false }, { around })).toBe('<s:b xmlns="u:document" xmlns:s="u:s"></s:b>');
  expect(canonicalXml(child, { isExclusive: true }, { around })).toBe('<s:b xmlns:s="u:s"></s:b>');
});
