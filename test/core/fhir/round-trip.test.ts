/**
 * Conversion is the identity: every document and example that is structurally R4 is the same tree after JSON -> XML -> JSON and XML -> JSON -> XML -> JSON, and has
 * the same canonical form.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { readResource, writeXml } from "../../r4.ts";

const CASES = process.env["CASES"] ?? "../shared/cases";

/** What real senders sent that is not R4 and so has no XML: a document of this name is refused by validation, and is no question of conversion. */
const NOT_R4: Readonly<Record<string, string>> = {
  "AR_Repository_Example_01.json": "an element that R4 does not have: Medication.ingredient.code",
  "HK_IPS_Sample1.json": "a div that is not closed",
  "HK_IPS_Sample2.json": "a div that is not closed",
  "NL_Curavista_01.json": "two elements in the place of one div",
  "CA_DAVE_DEBRONKART_VERTO.json": "attributes without quotes in a div",
  "spl-to-fhir-epi-template.json": "an array in the place of one code: Composition.attester.mode",
  "Bundle-Level-2-Norwegian-Type-2.xml": "a resource of R5",
  "81365677998_815333041_44.json": "one object in the place of an array: DiagnosticReport.presentedForm",
  "additional_information_gp_summary_1.json": "one object in the place of an array: Composition.category",
  "document-father-dstu3.json": "divs without a namespace",
  "document-father.json": "elements of an earlier version, and divs without a namespace",
  "bundle.document.json": "an array in the place of one code: Composition.attester.mode",
  "bundle-ref-2.xml": "elements of an earlier version",
  "bundle-ref.xml": "elements of an earlier version",
  "connectathon-example-scenario21.xml": "a resource of an earlier version",
  "bundle-dual-subject.xml": "two subjects in one Composition",
  "bundle-es-01.xml": "elements of an earlier version",
};

function filesIn(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    globSync(join(folder, "**/*.{json,xml}")).filter((file) => statSync(file).isFile() && basename(file) !== "index.json"),
  );
}

function read(bytes: Uint8Array, mediaType: "application/fhir+json" | "application/fhir+xml"): JsonObject {
  const { resource, issues } = readResource(bytes, mediaType, DEFAULT_READ_LIMITS);
  if (resource === undefined) throw new Error(issues[0]?.text);
  return resource;
}

/** The tree without its places, properties sorted: what conversion must keep. Unlike canonical JSON it tells a number from its text. */
function shape(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return { number: value.text };
  if (value instanceof JsonArray) return value.items.map(shape);
  if (!(value instanceof JsonObject)) return value;
  return value.names.map((name, at) => [name, shape(value.values[at] as JsonValue)]).sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
}

/** What is wrong with a file's round trip; undefined when it comes back as it was. */
function fault(file: string): string | undefined {
  const bytes = readFileSync(file);
  const resource = read(bytes, file.endsWith(".json") ? "application/fhir+json" : "application/fhir+xml");
  // Indented as well where it is quick: nothing in a larger file is written otherwise.
  for (const pretty of bytes.length < 30_000 ? [false, true] : [false]) {
    const xml = read(Buffer.from(writeXml(resource, { pretty })), "application/fhir+xml");
    const json = read(Buffer.from(writeJson(xml, { pretty })), "application/fhir+json");
    if (JSON.stringify(shape(json)) !== JSON.stringify(shape(resource))) return "the tree differs";
    if (canonicalJson(json) !== canonicalJson(resource)) return "the canonical form differs";
    if (resource.string("resourceType") === "Bundle" && canonicalDocument(xml) !== canonicalDocument(resource))
      return "the document's canonical form differs";
    if (writeXml(json, { pretty }) !== writeXml(resource, { pretty })) return "the XML differs";
  }
  return undefined;
}

function faults(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    try {
      const found = fault(file);
      return found === undefined ? [] : [`${basename(file)}: ${found}`];
    } catch (error) {
      return [`${basename(file)}: ${(error as Error).message}`];
    }
  });
}

test("our own documents", () => {
  const files = filesIn("fixtures/documents/valid");
  expect(faults(files)).toEqual([]);
});

describe("cases of others", () => {
  const run = existsSync(CASES) ? test : test.skip;

  run(`the examples of R4${existsSync(CASES) ? "" : " (skipped: no folder of cases)"}`, () => {
    const files = filesIn(join(CASES, "r4-examples"));
    expect(files.length).toBeGreaterThan(400);
    // Of QuestionnaireResponse al-aam, R4 allows one identifier; it has two.
    expect(faults(files)).toEqual(["al-aam.json: not R4, and so not to be written as XML: QuestionnaireResponse.identifier that is an array"]);
  });

  run(`documents of real senders${existsSync(CASES) ? "" : " (skipped: no folder of cases)"}`, () => {
    const files = filesIn(join(CASES, "documents"));
    expect(files.length).toBeGreaterThan(200);
    expect(faults(files.filter((file) => !(basename(file) in NOT_R4)))).toEqual([]);
    // The list is no excuse: whatever stands in it has no XML, or is no tree of R4.
    const excused = files.filter((file) => basename(file) in NOT_R4);
    expect(faults(excused).map((text) => text.split(":")[0])).toEqual(excused.map((file) => basename(file)));
  });
});
