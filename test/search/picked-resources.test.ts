/** Resources that are picked out of a document that is not read as a whole are, to the letter, those that are found in the whole. */
import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { openDocument } from "../../src/core/fhir/document-bundle.ts";
import { skimDocument } from "../../src/core/fhir/json/skim-document.ts";
import { STORED_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { foundResources, pickedResources } from "../../src/search/derived/found-resources.ts";
import type { FoundRequest } from "../../src/search/derived/found-question.ts";
import { documentResources, pathInDocument } from "../../src/search/values/document-resources.ts";
import { documentJson } from "../journeys/documents.ts";
import { R4, readResource, SEARCH_PARAMETERS } from "../r4.ts";

const FIXTURES = path.resolve(import.meta.dirname, "../../fixtures/documents");
const CASES = path.resolve(import.meta.dirname, "../../../shared/cases/documents");
/** Larger ones are read in other tests. */
const LARGEST = 1_000_000;
const USING = { definitions: R4.definitions, parameters: SEARCH_PARAMETERS };
const SERVED = {
  bundle: () => {
    throw new Error("no document is asked for here");
  },
  bundleText: () => {
    throw new Error("no document is asked for here");
  },
  binary: () => {
    throw new Error("no bytes are asked for here");
  },
  sealProvenance: () => {
    throw new Error("no seal is asked for here");
  },
  hasLaterSeal: false,
};

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && one.name.endsWith(".json"))
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .filter((file) => statSync(file).size < LARGEST);
  } catch {
    return [];
  }
}

/** All resources of a document by both ways; undefined of what is no document, or is refused by the reader. */
function bothWays(bytes: Uint8Array): { readonly whole: unknown; readonly picked: unknown; readonly count: number } | undefined {
  const { resource, issues } = readResource(bytes, "application/fhir+json", STORED_READ_LIMITS);
  if (!resource || issues.some(({ severity }) => severity !== "warning") || resource.string("type") !== "document") return undefined;
  let all;
  try {
    const document = openDocument(resource);
    all = { document, resources: documentResources(document).all };
  } catch {
    return undefined;
  }
  const wanted = all.resources.map((one) => ({ type: one.type, path: pathInDocument(one) }));
  const request = (form: "json" | "xml"): FoundRequest => ({
    ...{ documentId: "11111111-1111-4111-8111-111111111111", receivedAt: "2026-11-01T10:00:00.000Z", fhirBase: "https://example.org/fhir" },
    ...{ isSuperseded: false, wanted, shown: { kind: "whole" }, form, pretty: false, bytes, mediaType: "application/fhir+json" },
  });
  const forms = ["json", "xml"] as const;
  const { document } = all;
  const attempt = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      // XML cannot carry some characters.
      return String(error);
    }
  };
  return {
    count: wanted.length,
    whole: forms.map((form) => attempt(() => foundResources(document, request(form), SERVED, USING))),
    picked: forms.map((form) => attempt(() => pickedResources(request(form), [], USING))),
  };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("picked resources", () => {
  test.each([
    ["the fixtures", FIXTURES, 10],
    ["the cases", CASES, 0],
  ])("are those of the whole document: %s", (_, folder, least) => {
    let documents = 0;
    for (const file of filesIn(folder)) {
      const both = bothWays(readFileSync(file));
      if (!both) continue;
      documents++;
      expect([file, both.picked]).toEqual([file, both.whole]);
    }
    expect(documents).toBeGreaterThanOrEqual(least);
    if (documents === 0) process.stderr.write("skipped: the documents of ../shared/cases are not there\n");
  });

  test("are the same however it is written: without white space, with escapes, brackets in texts, entries without a resource, versions and contained ones", () => {
    const text = documentJson();
    const tree = JSON.parse(text) as { entry: { fullUrl?: string; resource: Record<string, unknown> }[] };
    const patient = tree.entry.find(({ resource }) => resource["resourceType"] === "Patient");
    Object.assign(patient?.resource ?? {}, {
      meta: { tag: [{ code: '}]{[\\"' }], versionId: "7" },
      contained: [{ resourceType: "Organization", id: "o", name: 'A "B" \\ {C' }],
      managingOrganization: { reference: "#o" },
    });
    const versioned = JSON.stringify(tree);
    const withEmpty = JSON.stringify({
      ...tree,
      entry: [tree.entry[0], { fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000000" }, ...tree.entry.slice(1)],
    });
    for (const written of [text, JSON.stringify(JSON.parse(text)), versioned, JSON.stringify(tree, undefined, "\t"), withEmpty]) {
      const both = bothWays(bytesOf(written));
      expect(both?.count).toBeGreaterThan(2);
      expect(both?.picked).toEqual(both?.whole);
    }
  });

  test("are not picked where something is unusual, so that the whole is read", () => {
    const text = JSON.stringify(JSON.parse(documentJson()));
    const unusual = [
      text.replace('"entry"', '"\\u0065ntry"'),
      text.replace('"fullUrl":"', '"fullUrl":"\\u0075'),
      text.slice(0, -3),
      `\uFEFF${text}`,
      text.replace('"resourceType":"Composition"', '"resourceType":"Basic"'),
      text.replace('"entry":[', '"entry":{'),
    ];
    const request = { wanted: [{ type: "Patient", path: "1" }], mediaType: "application/fhir+json" } as unknown as FoundRequest;
    expect(unusual.map((one) => pickedResources({ ...request, bytes: bytesOf(one) }, [], USING))).toEqual(unusual.map(() => undefined));
    expect(skimDocument("")).toBeUndefined();
    expect(skimDocument("[]")).toBeUndefined();
    expect(skimDocument("{}")).toEqual({ entries: [], meta: undefined });
    expect(pickedResources({ ...request, mediaType: "application/fhir+xml", bytes: bytesOf(text) }, [], USING)).toBeUndefined();
    expect(pickedResources({ ...request, wanted: [{ type: "DocumentReference", path: "" }], bytes: bytesOf(text) }, [], USING)).toBeUndefined();
  });
});
