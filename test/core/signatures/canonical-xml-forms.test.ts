import { describe, expect, test } from "@jest/globals";
import { utf8Text } from "../../../src/core/crypto/bytes.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { fhirTransform, isXmlForm, xmlForms } from "../../../src/core/signatures/canonical-xml-forms.ts";
import type { DocumentTransforms } from "../../../src/core/signatures/xml-references.ts";
import { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { R4, readXml } from "../../r4.ts";

const CANONICAL = "http://hl7.org/fhir/canonicalization/xml";
const NARRATIVE = '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></text>';
const SOURCE = `<?xml version="1.0"?>
<Bundle xmlns="http://hl7.org/fhir">
  <id value="1"/>
  <meta><lastUpdated value="2026-01-01T00:00:00Z"/></meta>
  <type value="document"/><!-- a remark -->
  <entry><resource><Composition><id value="c"/><meta><versionId value="1"/></meta>${NARRATIVE}<title value="t"/></Composition></resource></entry>
  <signature><when value="2026-01-01T00:00:00Z"/><data value="AAAA"/></signature>
</Bundle>`;
const INCLUSIVE = { isExclusive: false };

const BUNDLE = readXml(new SourceText(SOURCE), DEFAULT_READ_LIMITS).resource ?? new JsonObject();

function formsOf(transforms: Partial<DocumentTransforms>, source?: string, resource = BUNDLE): { text: string; gap: string | undefined }[] {
  const asked = { fhir: undefined, canonicalisation: INCLUSIVE, ...transforms };
  return [...xmlForms(resource, asked, { definitions: R4.definitions, source })].map(({ bytes, gap }) => ({ text: utf8Text(bytes), gap }));
}
const open = (text: string): string => text.replace(/<(\w+)([^<>]*)\/>/g, "<$1$2></$1>");
const COMPOSITION = (inside: string): string =>
  open(`<entry><resource><Composition><id value="c"/>${inside}<title value="t"/></Composition></resource></entry>`);
const ALL = COMPOSITION(`<meta><versionId value="1"/></meta>${NARRATIVE}`);
const bundle = (inside: string): string => `<Bundle xmlns="http://hl7.org/fhir">${open(inside)}</Bundle>`;
const HEAD = '<id value="1"/><meta><lastUpdated value="2026-01-01T00:00:00Z"/></meta>';
const TYPE = '<type value="document"/>';

describe("FHIR's transforms", () => {
  test("#document leaves out the Bundle's id, meta and signature", () => {
    expect(formsOf({ fhir: `${CANONICAL}#document` })).toEqual([{ text: bundle(TYPE + ALL), gap: undefined }]);
  });

  test("that of the whole leaves out the signature, or its data alone", () => {
    expect(formsOf({ fhir: CANONICAL }).map(({ text }) => text)).toEqual([
      bundle(HEAD + TYPE + ALL),
      bundle(`${HEAD}${TYPE}${ALL}<signature><when value="2026-01-01T00:00:00Z"/></signature>`),
    ]);
  });

  test("with the XML declaration that R4 asks for, where no canonicalisation follows", () => {
    const texts = formsOf({ fhir: `${CANONICAL}#document`, canonicalisation: undefined }).map(({ text }) => text);
    expect(texts).toEqual(
      ["", '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="UTF-8"?>\n'].map((start) => start + bundle(TYPE + ALL)),
    );
  });

  test("#data and #static leave out what people read, and say so, unless they are taken of the Bundle alone", () => {
    expect(formsOf({ fhir: `${CANONICAL}#data` })).toEqual([
      { text: bundle(HEAD + TYPE + ALL), gap: undefined },
      { text: bundle(HEAD + TYPE + COMPOSITION('<meta><versionId value="1"/></meta>')), gap: expect.stringContaining("narratives") },
    ]);
    expect(formsOf({ fhir: `${CANONICAL}#static` })).toEqual([
      { text: bundle(`<id value="1"/>${TYPE}${ALL}`), gap: undefined },
      { text: bundle(`<id value="1"/>${TYPE}${COMPOSITION("")}`), gap: expect.stringContaining("narratives") },
    ]);
    expect(fhirTransform(`${CANONICAL}#static`, BUNDLE)).toMatchObject({ isSettled: false });
    expect(isXmlForm(`${CANONICAL}#static`, BUNDLE)).toBe(false);
  });

  test("others have no form", () => {
    expect(fhirTransform(`${CANONICAL}#narrative`, BUNDLE)).toBeUndefined();
    expect(fhirTransform("constructor", BUNDLE)).toBeUndefined();
  });
});

describe("of a part that is signed by itself", () => {
  const part = BUNDLE.objects("entry")[0]?.object("resource") ?? new JsonObject();
  const composition = (inside: string): string => open(inside).replace("<Composition>", '<Composition xmlns="http://hl7.org/fhir">');
  const [id, meta, title] = ['<id value="c"/>', '<meta><versionId value="1"/></meta>', '<title value="t"/>'];

  const all = `${id}${meta}${NARRATIVE}${title}`;

  test.each([
    ["", undefined, undefined],
    ["#data", `${id}${meta}${title}`, "it covers the resource without its narrative"],
    ["#static", `${id}${title}`, "it covers the resource without its narrative and metadata"],
    ["#narrative", `${id}${NARRATIVE}`, "it covers the narrative of the resource alone"],
  ])("FHIR's transform %j is clear, and so is what it leaves out", (end, inside, gap) => {
    const written = (text: string): string => composition(`<Composition>${text}</Composition>`);
    expect(formsOf({ fhir: CANONICAL + end }, undefined, part)).toEqual([
      { text: written(all), gap: undefined },
      ...(inside === undefined ? [] : [{ text: written(inside), gap }]),
    ]);
  });

  test("that for documents is none", () => {
    expect(isXmlForm(`${CANONICAL}#document`, part)).toBe(false);
    expect(formsOf({ fhir: `${CANONICAL}#document` }, undefined, part)).toEqual([]);
  });
});

describe("other tools' canonicalisations", () => {
  test("keep the sender's layout, as it was before the signature was set in", () => {
    const texts = formsOf({}, SOURCE).map(({ text }) => text);
    const laidOut = open(
      SOURCE.replace('<?xml version="1.0"?>\n', "")
        .replace("<!-- a remark -->", "")
        .replace(/ {2}<signature>.*<\/signature>\n/, ""),
    );
    expect(texts).toContain(laidOut);
    expect(texts[0]).toBe(bundle(HEAD + TYPE + ALL));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("keep comments where they say so", () => {
    const texts = formsOf({ canonicalisation: { ...INCLUSIVE, hasComments: true } }, SOURCE).map(({ text }) => text);
    expect(texts.some((text) => text.includes("<!-- a remark -->"))).toBe(true);
  });

  test("without one, it may be a file that was signed: as it was, or as we write it in JSON", () => {
    const texts = formsOf({ canonicalisation: undefined }, SOURCE).map(({ text }) => text);
    expect(texts).toContain(SOURCE.replace(/ {2}<signature>.*<\/signature>\n/, ""));
    expect(texts.some((text) => text.startsWith('{"entry":'))).toBe(true);
  });
});
