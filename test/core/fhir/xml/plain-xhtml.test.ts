import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readPlainXhtml } from "../../../../src/core/fhir/xml/plain-xhtml.ts";
import { readAnyXhtml, readXhtml } from "../../../../src/core/fhir/xml/xhtml.ts";

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

/** Narratives of the fixtures, and of HL7's examples where they are at hand. */
function narratives(): string[] {
  const root = join(import.meta.dirname, "../../../..");
  const folders = [
    join(root, "fixtures/documents/valid"),
    join(root, "fixtures/documents/broken"),
    join(process.env["CASES"] ?? join(root, "../shared/cases"), "r4-examples"),
  ];
  const files = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const json = files.filter((file) => file.endsWith(".json"));
  return json.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/"div"\s*:\s*("(?:[^"\\]|\\.)*")/g)].map((match) => JSON.parse(match[1] as string) as string),
  );
}

/** Each character at `at` cut out, doubled, or replaced by something that XML minds. */
function damagedAt(text: string, at: number): string[] {
  const [before, after] = [text.slice(0, at), text.slice(at + 1)];
  return [
    before + after,
    before + text.charAt(at) + text.slice(at),
    ...["<", "&", '"', "/", " ", "\r", "\u0001", ":"].map((piece) => before + piece + after),
  ];
}

test("whatever it reads, the reader of all XML reads alike, without a fault", () => {
  const texts = narratives();
  expect(texts.length).toBeGreaterThan(50);
  let plain = 0;
  for (const text of texts) {
    const root = readPlainXhtml(text);
    if (!root) continue;
    plain++;
    expect(readAnyXhtml(text)).toEqual({ root, issues: [] });
  }
  expect(plain / texts.length).toBeGreaterThan(0.8);
});

test("damaged in every place, it is read alike or left to the reader of all XML", () => {
  const text = div(`<p class='a' title="b &amp; &#233;">One &lt;two&gt; &#x1F600;<br/> <img src="#i" alt=""/>\n</p ><ul><li>3</li></ul>`);
  expect(readPlainXhtml(text)).toBeDefined();
  for (let at = 0; at < text.length; at++)
    for (const damaged of damagedAt(text, at)) {
      const root = readPlainXhtml(damaged);
      if (root) expect([damaged, readAnyXhtml(damaged)]).toEqual([damaged, { root, issues: [] }]);
    }
});

describe("what is not plain is left alone", () => {
  test.each([
    ["a comment", div("<!-- a -->b")],
    ["CDATA", div("<![CDATA[b]]>")],
    ["the end of CDATA", div("]]>")],
    ["a processing instruction", div("<?a b?>c")],
    ["a document type", `<!DOCTYPE div>${div("a")}`],
    ["an entity of HTML", div("a&nbsp;b")],
    ["a reference to no character", div("&#0;")],
    ["a reference beyond Unicode", div("&#x110000;")],
    ["a reference to a surrogate", div("&#xD800;")],
    ["a bare ampersand", div("a & b")],
    ["a prefix", div('<x:p xmlns:x="http://www.w3.org/1999/xhtml">a</x:p>')],
    ["another namespace", '<div xmlns="urn:other">a</div>'],
    ["an attribute twice", div('<p id="a" id="b">c</p>')],
    ["an attribute without quotes", div("<p id=a>c</p>")],
    ["attributes that touch", div('<p id="a"class="b">c</p>')],
    ["a line break in an attribute", div('<p title="a\nb">c</p>')],
    ["a carriage return", div("a\r\nb")],
    ["a control character", div("\u0001")],
    ["half a character", div("\ud83d")],
    ["an element that does not end", div("<p>a")],
    ["elements that overlap", div("<b><i>a</b></i>")],
    ["an end too many", `${div("a")}</p>`],
    ["a second element", div("a") + div("b")],
    ["text behind", `${div("a")}b`],
    ["text before", `a${div("b")}`],
    ["elements too deep", div("<b>".repeat(100) + "</b>".repeat(100))],
    ["nothing", ""],
  ])("%s", (_, text) => {
    expect(readPlainXhtml(text)).toBeUndefined();
    expect(readXhtml(text)).toEqual(readAnyXhtml(text));
  });
});

test("takes time in proportion to its length, also when it is not plain", () => {
  for (const text of [
    div("<b>a</b>".repeat(200_000)),
    div(" ".repeat(1_000_000)),
    `<div ${"a ".repeat(500_000)}`,
    div("&amp;".repeat(300_000)),
    `${div("a")}${" ".repeat(1_000_000)}b`,
  ])
    expect(readPlainXhtml(text) === undefined).toBe(!text.endsWith("</div>"));
});
