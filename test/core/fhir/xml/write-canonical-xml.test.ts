import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { canonicalXml, type CanonicalXmlOptions } from "../../../../src/core/crypto/canonical-xml.ts";
import { readXmlTree } from "../../../../src/core/crypto/xml-tree.ts";
import { readJson } from "../../../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { writeCanonicalXml } from "../../../../src/core/fhir/xml/write-canonical-xml.ts";
import { writeXml } from "../../../../src/core/fhir/xml/write-xml.ts";
import { R4 } from "../../../r4.ts";

const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const WAYS: readonly CanonicalXmlOptions[] = [
  { isExclusive: false },
  { isExclusive: false, isVersion11: true },
  { isExclusive: true },
  { isExclusive: true, inclusivePrefixes: ["", "h", "unused"] },
];

/** What it must be: the XML that we serve, read and canonicalised. */
const served = (resource: JsonObject, way: CanonicalXmlOptions): string => canonicalXml(readXmlTree(writeXml(resource, R4.definitions)), way);
const written = (resource: JsonObject, way: CanonicalXmlOptions): string => writeCanonicalXml(resource, R4.definitions, way);
const patient = (properties: object): JsonObject => treeOf({ resourceType: "Patient", ...properties }) as JsonObject;
const narrated = (div: string): JsonObject => patient({ text: { status: "generated", div } });

test("documents are written as their served XML is in its canonical form", () => {
  const root = join(import.meta.dirname, "../../../..");
  const folders = [join(root, "fixtures/documents/valid"), join(process.env["CASES"] ?? join(root, "../shared/cases"), "r4-examples")];
  const files = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const resources = files
    .filter((file) => file.endsWith(".json"))
    .slice(0, 200)
    .map((file) => readJson(new SourceText(readFileSync(file, "utf8")), DEFAULT_READ_LIMITS).resource)
    .filter((resource) => resource !== undefined && canBeXml(resource));
  expect(resources.length).toBeGreaterThan(5);
  for (const resource of resources)
    for (const way of WAYS)
      if (resource && written(resource, way) !== served(resource, way)) expect(written(resource, way)).toBe(served(resource, way));
});

function canBeXml(resource: JsonObject): boolean {
  try {
    return writeXml(resource, R4.definitions) !== "";
  } catch {
    return false;
  }
}

describe("what the canonical form writes otherwise than we serve it", () => {
  test.each([
    [
      "attributes in the order of their names",
      patient({ birthDate: "2000", _birthDate: { id: "b", extension: [{ id: "e", url: "u", valueBoolean: true }] } }),
    ],
    ["characters of values", patient({ name: [{ text: 'a<b>&"c"\'\t\n\r\u{1F600}é' }] })],
    ["elements without content", patient({ contained: [{ resourceType: "Basic" }] })],
    ["characters of narratives", narrated(`<div ${XHTML}>a&lt;b&gt;&amp;"&#x9;<br/><p title='x"&#10;'>é</p></div>`)],
    ["entities and line ends of narratives", narrated(`<div ${XHTML}>&nbsp;a\r\nb</div>`)],
    ["comments and CDATA", narrated(`<div ${XHTML}><!-- c --><![CDATA[<d>]]></div>`)],
    ["white space around narratives", narrated(`\n<div ${XHTML}>a</div> `)],
    ["prefixes", narrated('<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>a</h:p><p xmlns="">b</p><q>c</q></h:div>')],
    ["FHIR's own namespace in a narrative", narrated('<h:div xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://hl7.org/fhir"><q/></h:div>')],
    ["namespaces that nothing uses", narrated(`<div ${XHTML} xmlns:unused="u"><p xmlns:h="v" h:a="1" xml:lang="de">a</p></div>`)],
  ])("%s", (_, resource) => {
    for (const way of WAYS) expect(written(resource, way)).toBe(served(resource, way));
  });
});

test("what is left out leaves nothing behind", () => {
  const resource = patient({
    id: "1",
    meta: { versionId: "2" },
    contained: [{ resourceType: "Basic", meta: { versionId: "3" }, code: { text: "c" } }],
    active: true,
  });
  const left = (rules: Parameters<typeof writeCanonicalXml>[3]): string => writeCanonicalXml(resource, R4.definitions, { isExclusive: false }, rules);
  const basic = (meta: string): string => `<contained><Basic>${meta}<code><text value="c"></text></code></Basic></contained>`;
  const whole = (inside: string): string => `<Patient xmlns="http://hl7.org/fhir">${inside}</Patient>`;
  const inner = '<meta><versionId value="3"></versionId></meta>';
  expect(left({ dropped: ["id", "meta"] })).toBe(whole(`${basic(inner)}<active value="true"></active>`));
  expect(left({ droppedOfResources: ["meta"] })).toBe(whole(`<id value="1"></id>${basic("")}<active value="true"></active>`));
  expect(left({ kept: ["id"] })).toBe(whole('<id value="1"></id>'));
});

test("what XML cannot carry is refused, as it is when it is served", () => {
  for (const resource of [narrated("<div>no namespace</div>"), narrated("no div"), patient({ id: "\u0001" })])
    expect(() => written(resource, { isExclusive: false })).toThrow(expect.objectContaining({ code: "not-acceptable" }));
});
