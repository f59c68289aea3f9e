/** A document that is served without being read is the one that is served when it was: the same tree, number for number. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { canonicalDocument } from "../../src/core/fhir/canonical.ts";
import { compactObject } from "../../src/core/fhir/json/compact-json.ts";
import { writeJson } from "../../src/core/fhir/json/write-json.ts";
import { openKeptDocument } from "../../src/core/formats/kept-document.ts";
import { parseLeaf, type Leaf } from "../../src/core/formats/leaf.ts";
import { compactServed } from "../../src/pipeline/compact-served.ts";
import { servedResource } from "../../src/pipeline/present.ts";
import { servedSignature } from "../../src/pipeline/sign/seal-resources.ts";
import { idOf, keyOf, sampleDocument, seal, temporaryKeys, treeOfText } from "./sign/deposited.ts";

const FIXTURES = path.resolve(import.meta.dirname, "../../fixtures/documents/valid");
const files = readdirSync(FIXTURES).filter((name) => name.endsWith(".json"));

let leaf: Leaf;
let sealText: string;

beforeAll(async () => {
  const sealed = await seal(sampleDocument("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"), idOf(1), await temporaryKeys());
  leaf = parseLeaf(sealed.leaf);
  sealText = openKeptDocument(sealed.id, sealed, keyOf(sealed.id)).evidence.seal;
});

function compact(text: string): string | undefined {
  return compactServed({ bytes: new TextEncoder().encode(text), leaf, seal: sealText });
}

function served(text: string): string {
  return writeJson(servedResource({ resource: treeOfText(text), leaf }, servedSignature(sealText)));
}

describe("a document that is served without being read", () => {
  test.each(files)("is the same: %s", (name) => {
    const text = readFileSync(path.join(FIXTURES, name), "utf8");
    const made = compact(text);
    expect(made).toBeDefined();
    expect(made).not.toContain("\n");
    // Written anew, it is what is served otherwise.
    expect(writeJson(treeOfText(made ?? ""))).toBe(served(text));
    expect(canonicalDocument(treeOfText(made ?? ""))).toBe(canonicalDocument(treeOfText(text)));
    // However it was spaced.
    expect(compact(JSON.stringify(JSON.parse(text), undefined, "\t\r\n  "))).toBe(compact(JSON.stringify(JSON.parse(text))));
  });

  test("keeps digits and escapes, and what stands in strings", () => {
    const text =
      '{ "resourceType" : "Bundle",\n "id":"x", "_id":{"id":"y"}, "meta" : { "versionId":"7", "tag":[] },\n "total" : 1.50e+02 , "a" : "{ \\"b\\" : [1 ,2] \\\\" , "c":"\\u00e9 \\/", "d" : [ 2.00, { } ] }';
    const made = compact(text) ?? "";
    expect(made).toContain('"total":1.50e+02,"a":"{ \\"b\\" : [1 ,2] \\\\","c":"\\u00e9 \\/","d":[2.00,{}],"signature":{');
    expect(made).toMatch(/^\{"resourceType":"Bundle","id":"[0-9a-f-]{36}","meta":\{"versionId":"1","lastUpdated":"[^"]+","tag":\[\]\},"total"/);
    expect(writeJson(treeOfText(made))).toBe(served(text));
  });

  test("is read where its names would have to be, or it is no object", () => {
    for (const text of ['{"\\u0069d":"x"}', "[1]", "", '{"a":"b', '\ufeff{"a":1}', "1 {}"]) expect(compact(text)).toBeUndefined();
    expect(compactObject(new TextEncoder().encode("{}"))?.members).toEqual([]);
  });
});
