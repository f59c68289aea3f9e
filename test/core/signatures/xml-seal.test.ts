import { describe, expect, test } from "@jest/globals";
import { canonicalXmlDocument } from "../../../src/core/signatures/xml-seal.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { R4 } from "../../r4.ts";

const formOf = (bundle: JsonObject): string => {
  const form = canonicalXmlDocument(bundle, R4.definitions);
  return typeof form === "string" ? `none: ${form}` : new TextDecoder().decode(form);
};

describe("the canonical XML form of a document", () => {
  const document = treeOfText(sampleDocument("urn:uuid:1"));

  test("is the same whatever the Bundle's own id, meta and signature are", () => {
    const bare = document.without("id", "meta");
    expect(formOf(document)).toBe(formOf(bare));
    expect(formOf(treeOfText(sampleDocument("urn:uuid:1", { signature: { data: "AAAA" } })))).toBe(formOf(bare));
    expect(formOf(bare)).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><identifier>/);
  });

  test("covers everything else, and there is none of what XML cannot carry", () => {
    expect(formOf(treeOfText(sampleDocument("urn:uuid:2")))).not.toBe(formOf(document));
    expect(formOf(treeOf({ resourceType: "Bundle", type: "document", identifier: { value: "a\uFFFEb" } }) as JsonObject)).toMatch(/^none: .*XML/);
  });
});
