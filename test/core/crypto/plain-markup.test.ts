import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { SaxesParser, type SaxesTagNS } from "saxes";
import { randomOf } from "../../../fuzz/random.ts";
import { readPlainMarkup, type PlainLimits } from "../../../src/core/crypto/plain-markup.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** All that a parser tells of a text, with places, until its first fault. `plain`: how many start tags the shortcut took. */
function told(text: string, shortcut?: PlainLimits): { readonly events: readonly unknown[]; readonly plain: number } {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const events: unknown[] = [];
  let plain = 0;
  const attributesOf = ({ attributes }: SaxesTagNS): unknown[] =>
    Object.values(attributes).map(({ name, prefix, local, uri, value }) => [name, prefix, local, uri, value]);
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) =>
    events.push(["start", tag.name, tag.prefix, tag.local, tag.uri, attributesOf(tag), Object.entries(tag.ns), parser.position]),
  );
  parser.on("closetag", ({ name }) => events.push(["end", name, parser.position]));
  for (const event of ["text", "cdata", "comment", "doctype"] as const) parser.on(event, (value) => events.push([event, value, parser.position]));
  parser.on("processinginstruction", ({ target, body }) => events.push(["instruction", target, body, parser.position]));
  parser.on("xmldecl", (declaration) => events.push(["declaration", { ...declaration }, parser.position]));
  if (shortcut)
    readPlainMarkup(
      parser,
      ({ name, prefix, local, uri, attributes, ns, offset }) => {
        plain++;
        if (!text.startsWith(`<${name}`, offset) || attributes.some((one) => !text.startsWith(one.name, one.offset)))
          throw new Error(`wrong places of ${name}`);
        const values = attributes.map((one) => [one.name, one.prefix, one.local, one.uri, one.value]);
        events.push(["start", name, prefix, local, uri, values, Object.entries(ns), parser.position]);
      },
      shortcut,
    );
  try {
    parser.write(text).close();
  } catch (error) {
    events.push(["fault", String(error), parser.position]);
  }
  return { events, plain };
}

function isReadAlike(text: string, limits: PlainLimits = {}): number {
  const { events, plain } = told(text, limits);
  const { events: expected } = told(text);
  // Quicker than a comparison by the framework, which is made where they differ.
  if (JSON.stringify(events) !== JSON.stringify(expected)) expect([text, events]).toEqual([text, expected]);
  return plain;
}

const PIECES = [
  "<a>", "</a>", "<b c='d'>", "</b>", "<e/>", "<e />", "<f g=\"h\" i='j'/>", '<f g="1" g="2"/>', '<x:a xmlns:x="u">', "</x:a>", "<x:b x:c='1'/>", '<a xmlns="v">', '<a xmlns="">',
  "<x:a>", " ", "\n", "\t", "\r\n", "\r", "text", "]]", "]]>", ">", "&amp;", "&#65;", "&#x1F600;", "&no;", "&", "\u{1F600}", "\ud800", "é", "\uFFFE", "\u0001", "x\u0085y", "x\u2028y", "\u0090", "\r\u0085", '<a b="c\u0085d"/>', '<a b="\u0001"/>', "<!-- c -->", "<!-- c-- -->", "<![CDATA[<d>]]>",
  "<?p q?>", "<!DOCTYPE a>", '<a b="c&lt;d">', '<a b="c<d">', '<a b="c\nd">', '<a b="é">', "<é>", "</é>", '<a b = "c">', '<a b="c"d="e">', "<a b>", "<a b=c>", "< a>", "</a >", "</ a>", "<a/ >", "<a\nb='c'\td='e'>", "<", "</", "<a", "/>", "=", '"', "'", "<xmlns a='b'/>", "<a xml:lang='de'/>",
  `<a ${Array.from({ length: 12 }, (_, at) => `b${at}="c"`).join(" ")}/>`, "<__proto__ constructor='toString'/>", "<a-1.b_2/>", "<1/>", "<-/>",
]; // prettier-ignore

test("texts made of whatever XML has, and of what it lacks, are read as saxes reads them", () => {
  let plain = 0;
  for (let index = 0; index < 10_000; index++) {
    const random = randomOf(17, index);
    const open: string[] = [];
    let text = random.once(3)
      ? random.pick(['<?xml version="1.0"?>', '<?xml version="1.0"?>', "<?xml version='1.1'?>", "<?xml version='1.2'?>"])
      : "";
    text += random.once(20) ? "" : random.pick(['<r xmlns="u">', "<r>", '<p:r xmlns:p="w">', '<r xmlns:x="y">']);
    const root = /<([\w:]+)[^?]*>$/.exec(text)?.[1];
    for (let count = random.below(14); count > 0; count--) {
      // Well-formed more often than not, or hardly any text would be read to its end.
      if (random.once(3)) text += random.pick(PIECES);
      else if (open.length > 0 && random.once(2)) text += `</${open.pop() ?? ""}>`;
      else if (random.once(2)) text += random.pick(['<q s="t"/>', "some text", "\n  ", '<v w="1" x="2" />']);
      else text += `<${(open[open.length] = random.pick(["a", "b", "long-name"]))}>`;
    }
    for (const name of open.reverse()) text += random.once(30) ? "" : `</${name}>`;
    if (root !== undefined) text += `</${root}>`;
    if (random.once(10)) text += random.pick(PIECES);
    plain += isReadAlike(text, random.once(4) ? { maxAttributes: random.below(3), maxStringLength: random.below(4) } : {});
  }
  expect(plain).toBeGreaterThan(10_000);
});

test.each(["1.1", "1.2"])("XML %s has other ends of lines and other characters than 1.0: it is read as saxes reads it", (version) => {
  const declaration = `<?xml version='${version}'?>`;
  for (const text of ["<r><a>x\u0085y\u2028z</a></r>", "<r><a>x\u0090y</a></r>", "<r><a b='x\u0085y'/></r>", "<r><a>x\r\u0085y</a></r>"]) {
    expect(isReadAlike(declaration + text)).toBe(0);
    isReadAlike(text);
  }
});

test("damaged in every place, a text is read as saxes reads it", () => {
  const text =
    '<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><id value="a"/>\n<x:e xmlns:x="u"><b c=\'d\' x:y="z">&lt;é</b></x:e><p q="r" s="t" >u]v</p><!-- w --></Bundle> ';
  for (let at = 0; at < text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    for (const piece of ["", "<", ">", "&", '"', "'", "/", " ", "\r", "\n", "\u0001", ":", "]", "=", "x", "\ud83d\ude00", text.charAt(at).repeat(2)])
      isReadAlike(before + piece + after);
  }
});

describe("documents", () => {
  const folders = ["fixtures", process.env["CASES"] ?? "../shared/cases"].map((folder) => join(ROOT, folder)).filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".xml"))
      .map((name) => join(folder, name)),
  );

  test("are read as saxes reads them, nearly all of their tags by the shortcut", () => {
    expect(files.length).toBeGreaterThan(10);
    const texts = files.map((file) => readFileSync(file, "utf8")).filter((text) => text.length < 300_000);
    const plain = texts.slice(0, 150).reduce((sum, text) => sum + isReadAlike(text), 0);
    const tags = texts.slice(0, 150).reduce((sum, text) => sum + (text.match(/<[^/!?]/g)?.length ?? 0), 0);
    expect(plain / tags).toBeGreaterThan(0.8);
  });
});

test("what is beyond the limits of the caller is left to the handlers of saxes", () => {
  expect(told('<a><b c="1234"/></a>', { maxStringLength: 4 }).plain).toBe(1);
  expect(told('<a><b c="12345"/></a>', { maxStringLength: 4 }).plain).toBe(0);
  expect(told('<a><b c="1" d="2"/></a>', { maxAttributes: 1 }).plain).toBe(0);
});

test("a saxes whose insides are others reads by itself", () => {
  const text = '<a xmlns="u"><b c="1"/>text</a>';
  const parser = new SaxesParser({ xmlns: true, position: false });
  Object.defineProperty(parser, "sOpenWaka", { value: () => undefined });
  const names: string[] = [];
  parser.on("opentag", ({ name }) => names.push(name));
  readPlainMarkup(parser, () => {
    throw new Error("the shortcut was taken");
  });
  parser.write(text).close();
  expect(names).toEqual(["a", "b"]);
});
