import { createHash, sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { checkXmlSignature, type DocumentForms } from "../../../src/core/signatures/xml-dsig.ts";
import { descendants, readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import { person, type Person } from "./people.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";

const DOCUMENT = new TextEncoder().encode('<Bundle xmlns="http://hl7.org/fhir"></Bundle>');
const FORM = "http://hl7.org/fhir/canonicalization/xml#document";
const C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
const formsOf = (make: (isExclusive: boolean) => Uint8Array): DocumentForms => ({
  knowledgeOf: (transform) => (transform === FORM ? { coversServerFields: false, isSettled: true } : undefined),
  formsOf: ({ canonicalisation }) => [{ bytes: make(canonicalisation?.isExclusive === true) }],
  compare: () => ({ content: "not-checked", reason: "nothing is compared here" }),
  hasSource: false,
  served: undefined,
});
const forms = formsOf(() => DOCUMENT);
const GOOD = { block: "valid", content: "valid" };
const results = async (text: string, document = forms) => {
  const { block, content } = await checkXmlSignature(text, document);
  return { block, content };
};
const doctor = person("Dr A. Meyer");

interface Parts {
  readonly by?: Person;
  readonly certificate?: Person;
  readonly canonicalisation?: string;
  readonly method?: string;
  readonly hash?: string;
  readonly transforms?: string;
  readonly uri?: string;
  readonly digestMethod?: string;
  readonly references?: string;
  readonly properties?: { readonly xml: string; readonly reference: string };
  readonly wrap?: (signature: string) => string;
  readonly document?: Uint8Array;
}

/** A signature as a sender would make it, with anything about it changed before it is signed. */
function signed(parts: Parts = {}): string {
  const {
    by = doctor,
    certificate = by,
    canonicalisation = C14N,
    method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    hash = "sha256",
  } = parts;
  const transforms = parts.transforms ?? `<Transforms><Transform Algorithm="${FORM}"/></Transforms>`;
  const digest = createHash("sha256")
    .update(parts.document ?? DOCUMENT)
    .digest("base64");
  const reference = `<Reference URI="${parts.uri ?? "#"}">${transforms}<DigestMethod Algorithm="${parts.digestMethod ?? SHA256}"/><DigestValue>${digest}</DigestValue></Reference>`;
  const signedInfo = `<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><CanonicalizationMethod Algorithm="${canonicalisation}"/><SignatureMethod Algorithm="${method}"/>${parts.references ?? reference}${parts.properties?.reference ?? ""}</SignedInfo>`;
  const value = sign(hash, Buffer.from(canonicalXml(readXmlTree(signedInfo), { isExclusive: false })), {
    key: by.key,
    dsaEncoding: "ieee-p1363",
  }).toString("base64");
  const keyInfo = `<KeyInfo><X509Data><X509Certificate>${toBase64(certificate.certificate.raw)}</X509Certificate></X509Data></KeyInfo>`;
  const text = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">${signedInfo}<SignatureValue>${value}</SignatureValue>${keyInfo}${parts.properties?.xml ?? ""}</Signature>`;
  return parts.wrap?.(text) ?? text;
}

/** XAdES properties with the reference to them. */
function properties({ time = "2026-03-14T09:00:00Z", certificate = doctor, id = "sp", transform = "" } = {}): { xml: string; reference: string } {
  const digest = createHash("sha256").update(certificate.certificate.raw).digest("base64");
  const certificateDigest = `<x:SigningCertificateV2><x:Cert><x:CertDigest><DigestMethod Algorithm="${SHA256}"/><DigestValue>${digest}</DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2>`;
  const own = `<x:SignedProperties Id="${id}"><x:SignedSignatureProperties><x:SigningTime>${time}</x:SigningTime>${certificateDigest}</x:SignedSignatureProperties></x:SignedProperties>`;
  const xml = `<Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#">${own}</x:QualifyingProperties></Object>`;
  // As Canonical XML 1.0 writes it: with the namespaces that reach it from outside, and in the exclusive form with those that it uses.
  const outer = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">${xml}</Signature>`;
  const element = descendants(readXmlTree(outer)).find(({ local }) => local === "SignedProperties");
  if (element === undefined) throw new Error("no SignedProperties");
  const text = canonicalXml(element, { isExclusive: transform === EXCLUSIVE });
  const transforms = transform === "" ? "" : `<Transforms><Transform Algorithm="${transform}"/></Transforms>`;
  const reference = `<Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#${id}">${transforms}<DigestMethod Algorithm="${SHA256}"/><DigestValue>${createHash("sha256").update(text).digest("base64")}</DigestValue></Reference>`;
  return { xml, reference };
}

describe("checkXmlSignature accepts", () => {
  test("a signature over the document, and tells whose it is", async () => {
    const result = await checkXmlSignature(signed(), forms);
    expect(result).toMatchObject(GOOD);
    expect(result.signedAt).toBeUndefined();
    expect(result.chain?.map(({ subject }) => subject)).toEqual(["CN=Dr A. Meyer"]);
  });

  test.each([C14N, "http://www.w3.org/2006/12/xml-c14n11", EXCLUSIVE])("canonicalisation %s", async (canonicalisation) => {
    expect(await results(signed({ canonicalisation }))).toEqual(GOOD);
  });

  test("other curves and digests", async () => {
    const by = person("Dr B", { curve: "P-384" });
    expect(await results(signed({ by, method: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", hash: "sha384" }))).toEqual(GOOD);
  });

  test.each(["", C14N, EXCLUSIVE])("XAdES properties, with transform %j, and takes the signing time from them", async (transform) => {
    expect(await checkXmlSignature(signed({ properties: properties({ transform }) }), forms)).toMatchObject({
      ...GOOD,
      signedAt: "2026-03-14T09:00:00Z",
    });
  });

  test("a canonicalisation behind FHIR's transform, which the document is asked for", async () => {
    const transforms = `<Transforms><Transform Algorithm="${FORM}"/><Transform Algorithm="${EXCLUSIVE}"/></Transforms>`;
    const asked: boolean[] = [];
    const document = formsOf((isExclusive) => {
      asked.push(isExclusive);
      return DOCUMENT;
    });
    expect(await results(signed({ transforms }), document)).toEqual(GOOD);
    expect(asked).toEqual([true]);
  });
});

describe("checkXmlSignature finds invalid", () => {
  const other = formsOf(() => new TextEncoder().encode('<Bundle xmlns="http://hl7.org/fhir"><x></x></Bundle>'));

  test("another document", async () => {
    expect(await checkXmlSignature(signed(), other)).toMatchObject({ block: "valid", content: "invalid" });
  });

  test("a signature by another key than its certificate's", async () => {
    expect(await checkXmlSignature(signed({ certificate: person("Dr A. Meyer") }), forms)).toEqual({
      form: "xml-dsig",
      block: "invalid",
      content: "not-checked",
      reason: expect.any(String),
    });
  });

  test.each([
    ["the digest", /<DigestValue>./, "<DigestValue>_"],
    ["the algorithm of the digest", SHA256, "http://www.w3.org/2001/04/xmlenc#sha512"],
    ["a blank in SignedInfo", "<SignatureMethod", " <SignatureMethod"],
    ["the signing time", "<x:SigningTime>2026", "<x:SigningTime>2025"],
    ["the named certificate", /(<x:CertDigest><DigestMethod[^>]*><DigestValue>)./, "$1_"],
  ])("%s altered afterwards", async (_, from, to) => {
    const text = signed({ properties: properties() });
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(await results(changed)).toEqual({ block: "invalid", content: "not-checked" });
  });

  test("properties that name another certificate: what it covers is whole, but the certificate is not its own", async () => {
    const text = signed({ properties: properties({ certificate: person("Dr A. Meyer") }) });
    expect(await checkXmlSignature(text, forms)).toMatchObject({ ...GOOD, isContradicted: true });
  });
});

/** Checks a signature, and tells how often the document was asked for its forms. */
async function counted(text: string): Promise<{ block: string; content: string; asked: number; reason: string | undefined }> {
  let asked = 0;
  const document = formsOf(() => (asked++, DOCUMENT));
  const { block, content, reason } = await checkXmlSignature(text, document);
  return { block, content, asked, reason };
}

const transform = (algorithm: string, inside = "") => `<Transforms><Transform Algorithm="${algorithm}">${inside}</Transform></Transforms>`;
const good = `<Reference URI="#">${transform(FORM)}<DigestMethod Algorithm="${SHA256}"/><DigestValue>AAAA</DigestValue></Reference>`;

describe("checkXmlSignature says nothing of the content, and does not write the document, for", () => {
  test.each<[string, Parts, string]>([
    ["an XPath", { transforms: transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<XPath>/x</XPath>") }, "path"],
    ["an XPath filter", { transforms: transform("http://www.w3.org/2002/06/xmldsig-filter2") }, "path"],
    ["a style sheet", { transforms: transform("http://www.w3.org/TR/1999/REC-xslt-19991116") }, "style sheet"],
    ["an XPointer", { uri: "#xpointer(/)" }, "XPointer"],
    ["another transform of FHIR's", { transforms: transform(`${FORM}s`) }, "transform"],
    ["FHIR's transform with parameters", { transforms: transform(FORM, "<Part/>") }, "parameters"],
    [
      "three transforms",
      { transforms: `<Transforms><Transform Algorithm="${FORM}"/><Transform Algorithm="${C14N}"/><Transform Algorithm="${C14N}"/></Transforms>` },
      "more than one",
    ],
    ["only its own properties", { references: "", properties: properties() }, "does not cover"],
    ["SHA-1", { digestMethod: "http://www.w3.org/2000/09/xmldsig#sha1" }, "sha1"],
  ])("%s", async (_, parts, reason) => {
    expect(await counted(signed(parts))).toEqual({ block: "valid", content: "not-checked", asked: 0, reason: expect.stringContaining(reason) });
  });

  test.each<[string, Parts]>([
    ["a reference to a part of it", { uri: "#entry1" }],
    ["a reference to somewhere else", { uri: "http://example.org/other.xml" }],
    ["other XML than ours", { transforms: transform(C14N) }],
    ["no transform", { transforms: "" }],
  ])("%s, when it is none of its forms", async (_, parts) => {
    const other = formsOf(() => new TextEncoder().encode("<Bundle/>"));
    expect(await results(signed(parts), other)).toEqual({ block: "valid", content: "not-checked" });
  });
});

describe("checkXmlSignature claims nothing about", () => {
  test.each<[string, Parts]>([
    ["a second Signature inside", { wrap: (text) => text.replace("</Signature>", `<Object>${signed()}</Object></Signature>`) }],
    ["a Signature that is wrapped in something", { wrap: (text) => `<Envelope>${text}</Envelope>` }],
    ["no reference", { references: "" }],
    ["many references to the document", { references: good.repeat(4) }],
    ["many references", { references: good.repeat(40) }],
    ["RSA with SHA-1", { method: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" }],
    ["an HMAC", { method: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" }],
    ["RSA with a key of a curve", { method: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" }],
    ["a canonicalisation that is not one", { canonicalisation: `${C14N}#With` }],
    ["an algorithm that is a property of every object", { canonicalisation: "constructor" }],
    ["no certificate", { wrap: (text) => text.replace(/<KeyInfo>.*<\/KeyInfo>/, "") }],
    ["a certificate that is none", { wrap: (text) => text.replace(/<X509Certificate>[^<]{40}/, "<X509Certificate>") }],
    ["a document type", { wrap: (text) => `<!DOCTYPE Signature>${text}` }],
    ["an entity", { wrap: (text) => `<!DOCTYPE Signature [<!ENTITY e "x">]>${text}` }],
    ["XML 1.1", { wrap: (text) => `<?xml version="1.1"?>${text}` }],
    ["a processing instruction", { wrap: (text) => text.replace("<KeyInfo>", "<?a b?><KeyInfo>") }],
    ["a comment within a value", { wrap: (text) => text.replace(/<SignatureValue>...../, "$&<!-- x -->") }],
    ["half of it", { wrap: (text) => text.slice(0, 200) }],
    ["a value that is not base64", { wrap: (text) => text.replace("<SignatureValue>", "<SignatureValue>_") }],
    ["many certificates", { wrap: (text) => text.replace(/(<X509Certificate>.*<\/X509Certificate>)/, "$1".repeat(11)) }],
    ["many elements", { wrap: (text) => text.replace("</Signature>", `<Object>${"<a/>".repeat(60_000)}</Object></Signature>`) }],
    [
      "many namespaces",
      { wrap: (text) => text.replace("<KeyInfo>", `<KeyInfo ${Array.from({ length: 60_000 }, (_, at) => `xmlns:a${at}="u"`).join(" ")}>`) },
    ],
    ["two SignedInfo", { wrap: (text) => text.replace(/(<SignedInfo.*<\/SignedInfo>)/, "$1$1") }],
    ["an Id that two elements have", { properties: properties(), wrap: (text) => text.replace("<Object>", '<Object Id="sp">') }],
    ["an Id that two elements have under other names", { properties: properties(), wrap: (text) => text.replace("<Object>", '<Object id="sp">') }],
    ["something large", { wrap: (text) => text + " ".repeat(3_000_000) }],
  ])("%s", async (_, parts) => {
    // Nothing is made of the document for a signature whose shape is wrong.
    expect(await counted(signed(parts))).toEqual({ block: "not-checked", content: "not-checked", asked: 0, reason: expect.any(String) });
  });
});
