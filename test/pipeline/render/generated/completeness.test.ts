/** Nothing that stands in the data is lost: every primitive value of every resource of a section without narrative is shown, or left out by left-out.ts, which says why. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { openDocument, type DocumentBundle, type BundleEntry } from "../../../../src/core/fhir/document-bundle.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../../../src/core/fhir/tree/tree.ts";
import { pageBudget, generatedSection } from "../../../../src/pipeline/render/generated/generated-section.ts";
import { isPatientOf, SUBJECTS } from "../../../../src/pipeline/render/generated/subject.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { containedIn } from "../../../../src/core/fhir/party.ts";
import { R4, receive } from "../../../r4.ts";
import { missingFrom, pageText, primitivesOf } from "./primitives.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const FIXTURES = join(ROOT, "fixtures/documents/valid");
/** Documents that nobody here wrote; where they are not, only ours are looked at. */
const REAL = join(ROOT, "../shared/cases/documents");
const LOCALES = ["en", "de", "fr", "ar", "ja", "pl"].map((language) => localeFor([language]));

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:json|xml)$/.test(name) && name !== "index.json");
  return names.map((name) => join(folder, name)).filter((file) => statSync(file).isFile());
}

function documentIn(file: string): DocumentBundle | undefined {
  const intake = receive(
    { bytes: new Uint8Array(readFileSync(file)), mediaType: file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json" },
    DEFAULT_READ_LIMITS,
  );
  if (intake.kind === "unreadable" || intake.received.resource.string("type") !== "document") return undefined;
  try {
    return openDocument(intake.received.resource);
  } catch {
    return undefined;
  }
}

const withSections = (holder: JsonObject): JsonObject[] => holder.objects("section").flatMap((section) => [section, ...withSections(section)]);
const hasNarrative = (section: JsonObject): boolean => section.object("text")?.string("div") !== undefined;

/** Every reference in a value, wherever it stands. */
function referencesIn(value: JsonValue | undefined): JsonObject[] {
  if (value instanceof JsonArray) return value.items.flatMap(referencesIn);
  if (!(value instanceof JsonObject)) return [];
  return [...(value.string("reference") === undefined ? [] : [value]), ...value.values.flatMap(referencesIn)];
}

/** What can be reached from sections without narrative, and is nobody else's to show. */
function reachable(document: DocumentBundle, sections: readonly JsonObject[]): BundleEntry[] {
  const { composition } = document;
  const resolve = (reference: JsonObject, from: BundleEntry): BundleEntry | undefined => document.resolve(reference.string("reference") ?? "", from);
  const elsewhere = new Set(
    withSections(composition.resource)
      .filter((section) => hasNarrative(section))
      .flatMap((section) => section.objects("entry").flatMap((reference) => resolve(reference, composition) ?? [])),
  );
  const patient = resolve(composition.resource.object("subject") ?? new JsonObject(), composition);
  const starts = new Set(sections.flatMap((section) => section.objects("entry").flatMap((reference) => resolve(reference, composition) ?? [])));
  const found = new Set(starts);
  for (const entry of found)
    for (const reference of referencesIn(entry.resource)) {
      const target = resolve(reference, entry);
      if (target !== undefined && target !== composition && target !== patient && !elsewhere.has(target)) found.add(target);
    }
  return [...found];
}

/** What is missing of a document, in one language. */
function lostIn(document: DocumentBundle, locale: (typeof LOCALES)[number]): string[] {
  const sections = withSections(document.composition.resource).filter((section) => !hasNarrative(section) && section.objects("entry").length > 0);
  const budget = pageBudget();
  const html = sections.map(
    (section) => generatedSection(document, section, { locale, definitions: R4.definitions, budget, addresses: undefined }).text,
  );
  const text = pageText(html.join(" "));
  return reachable(document, sections).flatMap((entry) => {
    const primitives = primitivesOf(entry, {
      locale,
      isPatient: (element, reference) => SUBJECTS.some((subject) => subject === element) && isPatientOf(reference, { document, entry }),
      resolves: (reference) =>
        document.resolve(reference.string("reference") ?? "", entry) !== undefined ||
        containedIn(entry.resource, reference.string("reference")) !== undefined,
    });
    return missingFrom(text, primitives).map(({ path, raw }) => `${path}: ${raw.slice(0, 80)}`);
  });
}

const documentsIn = (folder: string): { file: string; document: DocumentBundle }[] =>
  filesIn(folder).flatMap((file) => {
    const document = documentIn(file);
    return document === undefined ? [] : [{ file: file.slice(folder.length + 1), document }];
  });

describe("every value of sections without narrative is on the page", () => {
  test.each(LOCALES)("of our documents, in %#", (locale) => {
    const lost = documentsIn(FIXTURES).flatMap(({ file, document }) => lostIn(document, locale).map((what) => `${file} ${what}`));
    expect(lost).toEqual([]);
  });

  if (!existsSync(REAL)) test.skip("of real documents: they are not here", () => undefined);
  else
    test("of real documents", () => {
      const documents = documentsIn(REAL);
      expect(documents.length).toBeGreaterThan(200);
      const lost = documents.flatMap(({ file, document }) =>
        LOCALES.flatMap((locale) => lostIn(document, locale).map((what) => `${locale.language} ${file} ${what}`)),
      );
      expect(lost).toEqual([]);
    });
});
