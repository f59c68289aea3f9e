import { describe, expect, test } from "@jest/globals";
import { aDocument, afterChange, entries, saidOf, type Plain } from "../a-document.ts";

test("the document that the cases break has no issue at all", () => {
  expect(saidOf(aDocument())).toEqual([]);
});

describe("the invariants of a document Bundle", () => {
  test.each<[item: string, change: (document: Plain) => void, lines: string[]]>([
    [
      "checklist 1, bdl-11: the first entry is a Composition",
      (document) => entries(document).push(entries(document).shift() as Plain),
      ["error bdl-11 Bundle"],
    ],
    ["checklist 1, bdl-11: and there is one", (document) => delete document["entry"], ["error bdl-11 Bundle"]],
    ["checklist 2, bdl-9: an identifier", (document) => delete document["identifier"], ["error bdl-9 Bundle"]],
    ["checklist 2, bdl-9: with a system", (document) => (document["identifier"] = { value: "1" }), ["error bdl-9 Bundle"]],
    ["checklist 2, bdl-9: and a value", (document) => (document["identifier"] = { system: "https://hospital.example" }), ["error bdl-9 Bundle"]],
    ["checklist 3, bdl-10: a timestamp", (document) => delete document["timestamp"], ["error bdl-10 Bundle"]],
    [
      "checklist 3, bdl-10: with a value (hasValue)",
      (document) =>
        Object.assign(document, { timestamp: undefined, _timestamp: { extension: [{ url: "https://hospital.example/unknown", valueCode: "a" }] } }),
      ["error bdl-10 Bundle"],
    ],
    ["checklist 6, bdl-1: no total", (document) => (document["total"] = 4), ["error bdl-1 Bundle"]],
    ["checklist 6, bdl-2: no entry.search", (document) => ((entries(document)[1] as Plain)["search"] = { mode: "match" }), ["error bdl-2 Bundle"]],
    [
      "checklist 6, bdl-3: no entry.request",
      (document) => ((entries(document)[1] as Plain)["request"] = { method: "PUT", url: "Patient/1" }),
      ["error bdl-3 Bundle"],
    ],
    [
      "checklist 6, bdl-4: no entry.response",
      (document) => ((entries(document)[1] as Plain)["response"] = { status: "200" }),
      ["error bdl-4 Bundle"],
    ],
    [
      "checklist 7, bdl-5: every entry holds a resource",
      (document) => entries(document).push({ fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000009" }),
      ["error bdl-5 Bundle.entry[4]"],
    ],
    [
      "checklist 7: also one with a request",
      (document) => entries(document).push({ request: { method: "DELETE", url: "Patient/1" } }),
      ["error bdl-3 Bundle", "error document-entry-resource Bundle.entry[4]"],
    ],
  ])("%s", (_, change, lines) => {
    expect(afterChange(change)).toEqual(lines);
  });

  test("they are those of documents: a collection may break them", () => {
    expect(saidOf({ resourceType: "Bundle", type: "searchset", total: 0 })).toEqual([]);
  });

  test("lines: that of the culprit where there is one, else the Bundle's", () => {
    const document = aDocument();
    document["total"] = 4;
    delete document["timestamp"];
    expect(saidOf(document).map(({ rule, position }) => [rule, position?.line])).toEqual([
      ["bdl-1", JSON.stringify(document, null, 1).split("\n").length - 1],
      ["bdl-10", 1],
    ]);
  });
});
