import { describe, expect, test } from "@jest/globals";
import { canonicalJsonForms, canonicalJsonFormsOfNumbers, type CanonicalForm } from "../../../src/core/signatures/canonical-forms.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { canonicalXmlForms, readXml, writeXml } from "../../r4.ts";

const DOCUMENT = treeOfText(sampleDocument("urn:uuid:1")).add("signature", treeOf({ who: { display: "Dr A" }, data: "AAAA" }));
const FORM = "http://hl7.org/fhir/canonicalization/xml#document";
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("utf8");
const formText = ({ bytes }: CanonicalForm) => text(bytes);

const xmlForms = (bundle: JsonObject, source?: string) => [...canonicalXmlForms(bundle, FORM, false, source)].map(text);

describe("canonical forms", () => {
  test("ours is the first, and no form leaves out anything but the Bundle's own id, meta and signature", () => {
    const forms = [...canonicalJsonForms(DOCUMENT)].map(formText);
    expect(forms[0]).toBe(canonicalDocument(DOCUMENT));
    expect(forms.length).toBe(4);
    for (const form of forms) {
      expect(form).not.toContain("AAAA");
      for (const part of ["identifier", "timestamp", "Composition", "PractitionerRole"]) expect(form).toContain(part);
    }
  });

  test("forms that are the same are one", () => {
    expect([...canonicalJsonForms(DOCUMENT.without("id", "meta"))].length).toBe(1);
  });

  test("the XML form is the same for a document in JSON and in XML, pretty or not", () => {
    const expected = xmlForms(DOCUMENT)[0];
    expect(expected).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><identifier>/);
    expect(expected).toContain('<div xmlns="http://www.w3.org/1999/xhtml"><b class="x" id="a">K\u00a04.0</b><br></br></div>');
    for (const pretty of [true, false]) {
      const { resource } = readXml(new SourceText(writeXml(DOCUMENT, { pretty })), DEFAULT_READ_LIMITS);
      expect(xmlForms(resource!)).toEqual([expected]);
    }
  });

  test("a transform that is not one of FHIR's has no form", () => {
    expect([...canonicalXmlForms(DOCUMENT, "http://www.w3.org/2000/09/xmldsig#enveloped-signature", false)]).toEqual([]);
  });

  test("of a document that came in XML, the form of what its sender wrote stands beside ours: its declarations, and nothing but white space left out", () => {
    const source = writeXml(DOCUMENT, { pretty: true }).replace("<Bundle ", '<Bundle xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ');
    const [ours, theirs] = xmlForms(DOCUMENT, source);
    expect(theirs).toBe(
      ours?.replace('xmlns="http://hl7.org/fhir">', 'xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'),
    );
    expect(xmlForms(DOCUMENT, source.replace("<identifier>", "<identifier>x"))[1]).not.toBe(theirs);
    expect(xmlForms(DOCUMENT, "<!DOCTYPE x>" + source)).toEqual([ours]);
  });

  test("numbers as RFC 8785 writes them are forms of their own, where it makes a difference", () => {
    const forms = (decimal: string) =>
      [...canonicalJsonFormsOfNumbers(treeOfText(`{"resourceType":"Bundle","total":${decimal},"id":"1"}`))].map(formText);
    expect(forms("2")).toEqual([]);
    expect(forms("2.00")).toEqual(['{"resourceType":"Bundle","total":2}', '{"id":"1","resourceType":"Bundle","total":2}']);
  });
});
