import { describe, expect, test } from "@jest/globals";
import { bundleEntries, MOST_DECIDED, openDocument, type DocumentBundle, type BundleEntry } from "../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";

interface PlainEntry {
  readonly fullUrl?: string;
  readonly resource?: unknown;
}

function opened(...entries: PlainEntry[]): DocumentBundle {
  const composition = { fullUrl: "https://one.example/fhir/Composition/c", resource: { resourceType: "Composition", id: "c" } };
  return openDocument(treeOf({ resourceType: "Bundle", type: "document", entry: [composition, ...entries] }) as JsonObject);
}

function patient(fullUrl: string | undefined, id?: string, versionId?: string): PlainEntry {
  return {
    ...(fullUrl !== undefined && { fullUrl }),
    resource: { resourceType: "Patient", id, ...(versionId !== undefined && { meta: { versionId } }) },
  };
}

/** `found 1`, `ambiguous 1 2`, `missing`, `missing like 1`, `contained`, `malformed`. */
function lookUp(document: DocumentBundle, reference: string, from: BundleEntry = document.composition): string {
  const resolution = document.lookUp(reference, from);
  const places = (entries: readonly BundleEntry[]): string => entries.map((entry) => entry.index).join(" ");
  if (resolution.kind === "found") return `found ${resolution.entry.index}`;
  if (resolution.kind === "ambiguous") return `ambiguous ${places(resolution.entries)}`;
  if (resolution.kind === "missing") return resolution.lookalikes.length > 0 ? `missing like ${places(resolution.lookalikes)}` : "missing";
  return resolution.kind;
}

describe("checklist 12: resolving references in Bundles (R4 bundle.html)", () => {
  const document = opened(
    patient("https://one.example/fhir/Patient/1", "1", "7"),
    patient("https://two.example/fhir/Patient/1", "1"),
    patient("urn:uuid:3", "3"),
    patient("urn:uuid:4", "x", "1"),
    patient("urn:uuid:4", "x", "2"),
    patient(undefined, "6"),
    patient("Patient/seven", "seven"),
  );
  const second = document.entries[2] as BundleEntry;
  const byUrn = document.entries[3] as BundleEntry;

  test.each<[reference: string, from: BundleEntry, result: string]>([
    ["https://one.example/fhir/Patient/1", document.composition, "found 1"],
    ["https://one.example/fhir/Patient/1/_history/7", document.composition, "found 1"],
    ["https://one.example/fhir/Patient/1/_history/8", document.composition, "missing like 1 2"],
    ["Patient/1", document.composition, "found 1"],
    ["Patient/1/_history/7", document.composition, "found 1"],
    ["Patient/1", second, "found 2"],
    ["Patient/1", byUrn, "missing like 1 2"],
    ["Patient/3", document.composition, "missing like 3"],
    ["urn:uuid:3", second, "found 3"],
    ["urn:uuid:3#part", second, "found 3"],
    ["urn:uuid:4", second, "ambiguous 4 5"],
    ["urn:uuid:4/_history/2", second, "found 5"],
    ["Patient/6", document.composition, "missing like 6"],
    ["Patient/seven", byUrn, "found 7"],
    ["urn:uuid:9", document.composition, "missing"],
    ["Observation/1", document.composition, "missing"],
    ["#a", document.composition, "contained"],
    ["Patient", document.composition, "malformed"],
  ])("%s from entry %#: %s", (reference, from, result) => {
    expect(lookUp(document, reference, from)).toBe(result);
  });

  test("resolve gives the entry, and undefined for every other answer", () => {
    expect(document.resolve("Patient/1", second)).toBe(second);
    for (const reference of ["urn:uuid:4", "urn:uuid:9", "#a", "Patient"]) expect(document.resolve(reference, second)).toBeUndefined();
  });

  test("names that objects have are no entries", () => {
    expect(lookUp(document, "urn:__proto__")).toBe("missing");
    expect(lookUp(opened(patient("constructor:x")), "constructor:x")).toBe("found 1");
  });
});

test("entries keep their places in the Bundle, whatever stands between them", () => {
  const bundle = treeOf({ entry: [null, 7, { resource: "x" }, [], { fullUrl: "urn:uuid:1", resource: { resourceType: "Patient" } }] }) as JsonObject;
  expect(bundleEntries(bundle)).toMatchObject([{ index: 4, fullUrl: "urn:uuid:1", type: "Patient", id: undefined }]);
});

test.each([
  [{}],
  [{ entry: [] }],
  [{ entry: { resource: { resourceType: "Composition" } } }],
  [{ entry: [null, { resource: { resourceType: "Composition" } }] }],
  [{ entry: [{ resource: { resourceType: "Patient" } }, { resource: { resourceType: "Composition" } }] }],
  [{ entry: [{ fullUrl: "urn:uuid:1" }, { resource: { resourceType: "Composition" } }] }],
])("%j is not led by a Composition", (bundle) => {
  expect(() => openDocument(treeOf(bundle) as JsonObject)).toThrow(expect.objectContaining({ code: "invalid" }));
});

test("the least document", () => {
  const document = opened();
  expect([document.entries.length, document.composition.index, document.composition.id]).toEqual([1, 0, "c"]);
});

test("what was decided about a reference at its deposit holds, from the entry that it was decided for", () => {
  const bundle = {
    resourceType: "Bundle",
    type: "document",
    entry: [
      { fullUrl: "urn:uuid:c", resource: { resourceType: "Composition", id: "c" } },
      patient("urn:uuid:4", "x", "1"),
      patient("urn:uuid:4", "x", "2"),
    ],
  };
  const decided = [
    { from: 0, reference: "urn:uuid:4", to: 2 },
    { from: 0, reference: "Patient/9", to: 1 },
    { from: 0, reference: "urn:uuid:c", to: 99 },
  ];
  const document = openDocument(treeOf(bundle) as JsonObject, decided);
  expect(["urn:uuid:4", "Patient/9", "urn:uuid:c"].map((reference) => lookUp(document, reference))).toEqual(["found 2", "found 1", "found 0"]);
  expect(lookUp(document, "urn:uuid:4", document.entries[1])).toBe("ambiguous 1 2");
  expect(document.resolve("urn:uuid:4", document.composition)?.index).toBe(2);
});

test("no more references are told by type and id than a record holds", () => {
  const count = MOST_DECIDED + 1;
  const resources = Array.from({ length: count }, (_, at) => ({ fullUrl: `urn:uuid:${at}`, resource: { resourceType: "Basic", id: `b${at}` } }));
  const composition = { fullUrl: "urn:uuid:c", resource: { resourceType: "Composition" } };
  const document = openDocument(
    treeOf({ resourceType: "Bundle", type: "document", entry: [composition, ...resources] }) as JsonObject,
    [],
    "type-and-id",
  );
  const kinds = resources.map(({ resource }) => document.decide(`Basic/${resource.id}`, document.composition).kind);
  expect([kinds.filter((kind) => kind === "found").length, kinds.at(-1), document.decided().length]).toEqual([MOST_DECIDED, "missing", MOST_DECIDED]);
});
