import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { openDocument } from "../../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonArray, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { pageBudget } from "../../../../src/pipeline/render/generated/generated-section.ts";
import { originalPresentation, originalsOf } from "../../../../src/pipeline/render/generated/originals.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { R4 } from "../../../r4.ts";
import { bundle, div } from "../sample.ts";

const DATA = Buffer.from("%PDF-1.7 as it was").toString("base64");
const PDF = { contentType: "application/pdf", title: "As sent", data: DATA };
const PRESENTATION = { coding: [{ system: "http://loinc.org", code: "55108-5" }] };
const LETTER = { coding: [{ system: "http://loinc.org", code: "18842-5" }] };
const OTHER = { coding: [{ system: "http://loinc.org", code: "11502-2" }] };
const TEXT = { title: "Course", text: div("<p>Recovered.</p>") };
const EU = "http://hl7.eu/fhir/StructureDefinition/presentedForm";

const entryOf = (id: string): { entry: object[] } => ({ entry: [{ reference: `urn:uuid:${id}` }] });
const reportOf = (more: object = {}): object => ({
  resourceType: "DiagnosticReport",
  id: "r",
  status: "final",
  code: OTHER,
  presentedForm: [PDF],
  ...more,
});
const referenceOf = (more: object = {}): object => ({
  resourceType: "DocumentReference",
  id: "d",
  status: "current",
  content: [{ attachment: PDF }],
  ...more,
});
const binaryOf = (contentType: string): object => ({ resourceType: "Binary", id: "b", contentType, data: DATA });

interface Case {
  readonly composition?: object;
  readonly sections: readonly object[];
  readonly others?: readonly object[];
}

function made({ composition = {}, sections, others = [] }: Case): JsonObject {
  return bundle({ type: LETTER, section: sections, ...composition }, others);
}

function shown(made_: JsonObject, isServed = true): { readonly text: string; readonly links: string[] } {
  const addresses = isServed ? { original: "/o", files: "/documents/1/files" } : undefined;
  const options = { definitions: R4.definitions, locale: localeFor(["en"]), budget: pageBudget(), addresses };
  const { document } = new JSDOM(originalPresentation(openDocument(made_), options)?.text ?? "").window;
  const links = Array.from(document.querySelectorAll("a"), (link) => link.getAttribute("href") ?? "");
  return { text: document.body.textContent.replace(/\s+/g, " ").trim(), links };
}

describe("a file that presents the whole document", () => {
  const whole: readonly (readonly [string, Case])[] = [
    ["European presentedForm", { composition: { extension: [{ url: EU, valueAttachment: PDF }] }, sections: [TEXT] }],
    ["its Czech sibling", { composition: { extension: [{ url: "https://hl7.cz/fhir/core/StructureDefinition/presentedForm", valueAttachment: PDF }] }, sections: [TEXT] }],
    ["Swiss section of the original representation", { sections: [TEXT, { title: "Original", code: PRESENTATION, ...entryOf("b") }], others: [binaryOf("application/pdf")] }],
    ["the same, by a DocumentReference", { sections: [TEXT, { title: "Original", code: PRESENTATION, ...entryOf("d") }], others: [referenceOf()] }],
    ["the same, by a picture", { sections: [TEXT, { title: "Original", code: PRESENTATION, ...entryOf("m") }], others: [{ resourceType: "Media", id: "m", status: "completed", content: { ...PDF, contentType: "image/tiff" } }] }],
    ["the same, in a section within another", { sections: [TEXT, { title: "Annex", section: [{ title: "Original", code: PRESENTATION, ...entryOf("b") }] }], others: [binaryOf("application/pdf")] }],
    ["Indian prescription with its print", { sections: [{ title: "Prescription", code: LETTER, ...entryOf("b") }, TEXT], others: [binaryOf("application/pdf")] }],
    ["document that is a scan and nothing else", { sections: [{ title: "Record", ...entryOf("d") }], others: [referenceOf()] }],
    ["DocumentReference of the document's own type", { sections: [TEXT, { title: "Files", ...entryOf("d") }], others: [referenceOf({ type: LETTER })] }],
    ["DocumentReference with the document's own identifier", { sections: [TEXT, { title: "Files", ...entryOf("d") }], others: [referenceOf({ masterIdentifier: { value: "urn:uuid:5b2c7a52-0000-4000-8000-000000000001" } })] }],
    ["Belgian laboratory report", { sections: [entryOf("r")], others: [reportOf()] }],
    ["European laboratory report", { composition: { extension: [{ url: "http://hl7.eu/fhir/laboratory/StructureDefinition/composition-diagnosticReportReference", valueReference: { reference: "urn:uuid:r" } }] }, sections: [TEXT, TEXT], others: [reportOf()] }],
    ["attachment that leads to a Binary", { sections: [entryOf("d")], others: [referenceOf({ content: [{ attachment: { contentType: "application/pdf", title: "As sent", url: "urn:uuid:b" } }] }), binaryOf("application/pdf")] }],
  ]; // prettier-ignore

  test.each(whole)("is offered: %s", (_, wanted) => {
    const { text, links } = shown(made(wanted));
    expect(links).toEqual(["/documents/1/files/1"]);
    expect(text).toMatch(/^The document as its sender presented it, in a file .*(?:application\/pdf|image\/tiff)/);
  });

  const parts: readonly (readonly [string, Case])[] = [
    ["print of one result in a letter", { sections: [TEXT, { title: "Results", ...entryOf("r") }], others: [reportOf()] }],
    ["an earlier document", { sections: [TEXT, { title: "Files", ...entryOf("d") }], others: [referenceOf({ type: OTHER })] }],
    ["a picture in the only section", { sections: [entryOf("b")], others: [binaryOf("image/png")] }],
    ["a signed container", { sections: [entryOf("b")], others: [binaryOf("application/pkcs7-mime")] }],
    ["one that was entered in error", { sections: [entryOf("d")], others: [referenceOf({ status: "entered-in-error" })] }],
    ["one that was superseded", { sections: [entryOf("d")], others: [referenceOf({ status: "superseded" })] }],
    ["a report that was cancelled", { sections: [entryOf("r")], others: [reportOf({ status: "cancelled" })] }],
    ["one about somebody else", { sections: [entryOf("d")], others: [referenceOf({ subject: { reference: "urn:uuid:p2" } }), { resourceType: "Patient", id: "p2" }] }],
    ["one that lies elsewhere", { sections: [entryOf("d")], others: [referenceOf({ content: [{ attachment: { contentType: "application/pdf", url: "https://elsewhere.example/x.pdf" } }] })] }],
    ["another extension", { composition: { extension: [{ url: "https://sender.example/presentedFormat", valueAttachment: PDF }] }, sections: [TEXT] }],
  ]; // prettier-ignore

  test.each(parts)("a part of it, or none, is not: %s", (_, wanted) => {
    const document = made(wanted);
    expect(originalsOf(openDocument(document))).toEqual([]);
    expect(shown(document).text).toBe("");
  });

  test("says whether it is what its hash says", () => {
    const hash = createHash("sha1").update(Buffer.from(DATA, "base64")).digest("base64");
    const of = (given: string): Case => ({ composition: { extension: [{ url: EU, valueAttachment: { ...PDF, hash: given } }] }, sections: [TEXT] });
    expect(shown(made(of(hash))).text).toContain("As sent, application/pdf, 18 B, matches its hash");
    expect(shown(made(of("AAAA"))).text).toContain("DOES NOT MATCH ITS HASH");
  });

  test("has no link where the document has no address, and shows no markup of its title", () => {
    const attachment = { ...PDF, title: "<img src=x onerror=alert(1)>" };
    const { text, links } = shown(made({ composition: { extension: [{ url: EU, valueAttachment: attachment }] }, sections: [TEXT] }), false);
    expect(links).toEqual([]);
    expect(text).toContain("<img src=x onerror=alert(1)>, application/pdf");
  });

  test("each is offered once, and no more than can be chosen from", () => {
    const extension = Array.from({ length: 30 }, (_, at) => ({ url: EU, valueAttachment: { ...PDF, title: `File ${at}` } }));
    expect(originalsOf(openDocument(made({ composition: { extension }, sections: [TEXT] })))).toHaveLength(8);
    const twice = made({
      sections: [{ code: PRESENTATION, entry: [...entryOf("b").entry, ...entryOf("b").entry] }],
      others: [binaryOf("application/pdf")],
    });
    expect(shown(twice).links).toEqual(["/documents/1/files/1"]);
  });

  test("its number is that of its address, whatever other files there are", () => {
    const document = made({ sections: [TEXT, { code: PRESENTATION, ...entryOf("b") }], others: [binaryOf("application/pdf")] });
    (document.get("entry") as JsonArray).items.splice(1, 0, treeOf({ fullUrl: "urn:uuid:first", resource: referenceOf({ id: "first" }) }));
    expect(shown(document).links).toEqual(["/documents/1/files/2"]);
  });
});
