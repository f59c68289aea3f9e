/** What can be moved, doubled or hidden in an XML signature that others made: none of it is ever called a signature of this document. And what it costs to find out. */
import { sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { xmlForms } from "../../../src/core/signatures/canonical-xml-forms.ts";
import type { SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { checkXmlSignature } from "../../../src/core/signatures/xml-dsig.ts";
import { answerHere, R4, readResource } from "../../r4.ts";
import { person } from "./people.ts";
import { signedXml, xmlFixtures } from "./xml-fixtures.ts";

const fixture = (name: string): string => xmlFixtures().find((one) => one.name === name)?.signature ?? "";
const ENVELOPING = fixture("xmlsec-enveloping-p256-exclusive");
const ENVELOPED = fixture("dss-enveloped-p256");
const DOCUMENT = readFileSync("fixtures/documents/valid/addendum-histology-german.xml", "utf8");
const EVIL = DOCUMENT.replace("Kein Anhalt für Malignität", "Anhalt für Malignität");
const bundleOf = (text: string): string => /<Bundle.*<\/Bundle>/s.exec(text)?.[0] ?? "";

async function check(signature: string, document = DOCUMENT, isXml = true): Promise<SignatureCheck> {
  const xml = utf8(signedXml(signature, document));
  const { resource } = readResource(xml, "application/fhir+xml", DEFAULT_READ_LIMITS);
  if (resource === undefined) throw new Error("not read");
  const bytes = isXml ? xml : utf8(writeJson(resource));
  const [result] = await answerHere({ bundle: resource, bytes, isXml, trust: undefined, receivedAt: new Date() });
  if (result === undefined) throw new Error("no signature");
  return result;
}

const own = (text: string): string => /<ds:Object Id="document">.*<\/ds:Object>/s.exec(text)?.[0] ?? "";
const evilObject = `<ds:Object Id="document">${bundleOf(EVIL)}</ds:Object>`;

describe("an enveloping signature", () => {
  test("as it is, is valid over its document, and false over another", async () => {
    expect(await check(ENVELOPING)).toMatchObject({ block: "valid", content: "valid" });
    expect(await check(ENVELOPING, EVIL)).toMatchObject({ block: "valid", content: "invalid" });
  });

  test.each<[string, (text: string) => string, string, string]>([
    ["the document within it exchanged", (text) => text.replace(own(text), evilObject), "invalid", "not-checked"],
    ["another beside it under its identifier", (text) => text.replace(own(text), own(text) + evilObject), "not-checked", "not-checked"],
    ["another before it under its identifier", (text) => text.replace(own(text), evilObject + own(text)), "not-checked", "not-checked"],
    [
      "another in its place, itself moved away with its identifier",
      (text) => text.replace(own(text), evilObject.replace(' Id="document"', "") + own(text)),
      "valid",
      "invalid",
    ],
    [
      "itself moved into another object",
      (text) => text.replace(own(text), `${evilObject.replace(' Id="document"', "")}<ds:Object><x>${own(text)}</x></ds:Object>`),
      "valid",
      "invalid",
    ],
    ["a second document in the same object", (text) => text.replace("</ds:Object>", `${bundleOf(EVIL)}</ds:Object>`), "invalid", "not-checked"],
    ["a comment in the digest", (text) => text.replace("</ds:DigestValue>", "<!-- --></ds:DigestValue>"), "not-checked", "not-checked"],
    ["a comment in the certificate", (text) => text.replace("<ds:X509Certificate>", "<ds:X509Certificate><!-- -->"), "not-checked", "not-checked"],
    [
      "an entity of its own",
      (text) => `<!DOCTYPE x [<!ENTITY e "evil">]>${text.replace("</ds:Object>", "&e;</ds:Object>")}`,
      "not-checked",
      "not-checked",
    ],
    ["a document type with identifiers", (text) => `<!DOCTYPE x [<!ATTLIST Bundle id ID #IMPLIED>]>${text}`, "not-checked", "not-checked"],
    ["an element around it", (text) => `<Bundle xmlns="http://hl7.org/fhir">${text}</Bundle>`, "not-checked", "not-checked"],
    [
      "itself within another",
      (text) => text.replace("</ds:Object>", `</ds:Object><ds:Object>${ENVELOPED}</ds:Object>`),
      "not-checked",
      "not-checked",
    ],
  ])("%s: never valid over what is not its document", async (_, change, block, content) => {
    const changed = change(ENVELOPING);
    expect(changed).not.toBe(ENVELOPING);
    for (const document of [DOCUMENT, EVIL]) {
      const result = await check(changed, document);
      if (document === EVIL) expect(result).toMatchObject({ block, content });
      expect([document === EVIL, result.block, result.content]).not.toEqual([true, "valid", "valid"]);
    }
  });
});

describe("an enveloped signature", () => {
  test("is false over another document in XML; in JSON its XML is not at hand", async () => {
    expect(await check(ENVELOPED)).toMatchObject({ block: "valid", content: "valid" });
    expect(await check(ENVELOPED, EVIL)).toMatchObject({ block: "valid", content: "invalid" });
    expect(await check(ENVELOPED, DOCUMENT, false)).toMatchObject({ block: "valid", content: "not-checked" });
  });

  test("with another path than the known one is not checked: a path is never run", async () => {
    for (const path of ["/descendant::ds:Object", "/descendant::ds:Signature | //x", "/descendant::other:Signature"]) {
      const { block, content } = await check(ENVELOPED.replace("/descendant::ds:Signature", path));
      expect([block, content]).not.toContain("valid");
    }
  });
});

test("a file that was signed as it was is compared, also where the cut goes wrong", async () => {
  const detached = fixture("dss-detached-p256");
  expect(await check(detached)).toMatchObject({ block: "valid", content: "valid" });
  expect(await check(detached, EVIL)).toMatchObject({ block: "valid", content: "not-checked" });
});

describe("what it costs", () => {
  const doctor = person("Dr A. Meyer");
  const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";

  /** A signature that is whole, with these references. */
  function signed(references: string, behind = ""): string {
    const info = `<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><CanonicalizationMethod Algorithm="${EXCLUSIVE}"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>${references}</SignedInfo>`;
    const written = canonicalXml(readXmlTree(info), { isExclusive: true });
    const value = sign("sha256", Buffer.from(written), { key: doctor.key, dsaEncoding: "ieee-p1363" }).toString("base64");
    return `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">${info}<SignatureValue>${value}</SignatureValue><KeyInfo><X509Data><X509Certificate>${toBase64(doctor.certificate.raw)}</X509Certificate></X509Data></KeyInfo>${behind}</Signature>`;
  }
  const reference = (uri: string, transform: string) =>
    `<Reference URI="${uri}"><Transforms><Transform Algorithm="${transform}"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AAAA</DigestValue></Reference>`;

  test("a part that grows when it is written ends at a multiple of its size", async () => {
    const part = `<Object Id="x" xmlns:long="${"u".repeat(100_000)}">${"<long:a/>".repeat(10_000)}</Object>`;
    expect((await check(signed(reference("#x", EXCLUSIVE), part))).explanation).toContain("canonical forms");
    const many = reference("#x", EXCLUSIVE).repeat(11);
    expect((await check(signed(many, part))).explanation).toContain("references");
  });

  test("the document is written a few times at most, whatever its signature asks for", async () => {
    const { resource } = readResource(utf8(signedXml("<x/>")), "application/fhir+xml", DEFAULT_READ_LIMITS);
    if (resource === undefined) throw new Error("not read");
    let written = 0;
    const document = {
      knowledgeOf: () => ({ coversServerFields: true, isSettled: true }),
      formsOf: function* (transforms: Parameters<typeof xmlForms>[1]) {
        for (const form of xmlForms(resource, transforms, { definitions: R4.definitions, source: DOCUMENT })) {
          written += form.bytes.length;
          yield form;
        }
      },
      compare: () => ({ content: "not-checked" as const }),
      hasSource: true,
      served: undefined,
    };
    for (const transform of [EXCLUSIVE, "http://hl7.org/fhir/canonicalization/xml", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"]) {
      written = 0;
      const { content } = await checkXmlSignature(signed(reference("", transform)), document);
      expect(content).toBe("invalid");
      expect(written).toBeLessThan(40 * DOCUMENT.length);
      expect(written).toBeGreaterThan(0);
    }
  });
});
