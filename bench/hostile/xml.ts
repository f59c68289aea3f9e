/** XML signatures of a megabyte that are meant to cost more than that. */
import { createHash, sign } from "node:crypto";
import { canonicalXml } from "../../src/core/crypto/canonical-xml.ts";
import { readXmlTree } from "../../src/core/crypto/xml-tree.ts";
import { der, doctor, many, MEGABYTE, type Hostile, type Signature } from "./actors.ts";

const DSIG = "http://www.w3.org/2000/09/xmldsig#";
const XADES = "http://uri.etsi.org/01903/v1.3.2#";
const FHIR_FORM = "http://hl7.org/fhir/canonicalization/xml";
const INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";

interface Parts {
  readonly signedInfo?: string;
  readonly attributes?: string;
  readonly behind?: string;
  readonly keyInfo?: string;
  readonly method?: string;
  readonly canonicalisation?: string;
  /** Whether the value is that of the signer's key, so that what costs more than that is looked at too. */
  readonly isSound?: boolean;
}

/** A signature over the document in FHIR's form, with a digest that fits nothing unless another reference is given. */
function xml(parts: Parts): Signature {
  const { signedInfo = reference(FHIR_FORM), attributes = "", behind = "", keyInfo = "", isSound = false } = parts;
  const { method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", canonicalisation = INCLUSIVE } = parts;
  const info = `<SignedInfo xmlns="${DSIG}"><CanonicalizationMethod Algorithm="${canonicalisation}"/><SignatureMethod Algorithm="${method}"/>${signedInfo}</SignedInfo>`;
  const value = isSound
    ? sign("sha256", Buffer.from(canonicalXml(readXmlTree(info), { isExclusive: canonicalisation === EXCLUSIVE })), {
        key: doctor.key,
        dsaEncoding: "ieee-p1363",
      })
    : Buffer.alloc(64);
  const text =
    `<Signature xmlns="${DSIG}"${attributes}>${info}<SignatureValue>${value.toString("base64")}</SignatureValue>` +
    `<KeyInfo><X509Data><X509Certificate>${der(doctor)}</X509Certificate></X509Data>${keyInfo}</KeyInfo>${behind}</Signature>`;
  return { sigFormat: "application/signature+xml", data: Buffer.from(text).toString("base64") };
}

function reference(transform: string, { uri = "", digest = "AAAA", within = "" } = {}): string {
  return `<Reference URI="${uri}"><Transforms><Transform Algorithm="${transform}">${within}</Transform></Transforms><DigestMethod Algorithm="${SHA256}"/><DigestValue>${digest}</DigestValue></Reference>`;
}

/** Seven references to one large part of the signature, which fit, and three to the document, which do not. */
function tenReferences(part: string): Signature {
  const object = `<Object Id="o">${part}</Object>`;
  const canonical = canonicalXml(readXmlTree(object.replace("<Object", `<Object xmlns="${DSIG}"`)), { isExclusive: false });
  const digest = createHash("sha256").update(canonical).digest("base64");
  const signedInfo = many(7, reference(INCLUSIVE, { uri: "#o", digest })) + many(3, reference(FHIR_FORM));
  return xml({ signedInfo, behind: object, isSound: true });
}

const XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const namespaces = (count: number, uri = "u"): string => many(count, (at) => ` xmlns:n${at}="${uri}"`);

export const HOSTILE_XML: readonly Hostile[] = [
  { name: "XML: elements", make: () => xml({ behind: `<Object>${many(MEGABYTE / 4, "<a/>")}</Object>` }) },
  { name: "XML: attributes", make: () => xml({ behind: `<Object ${many(MEGABYTE / 12, (at) => ` a${at}="1"`)}/>` }) },
  { name: "XML: levels", make: () => xml({ behind: many(MEGABYTE / 7, "<a>") + many(MEGABYTE / 7, "</a>") }) },
  {
    name: "XML: namespaces x elements",
    make: () =>
      xml({
        attributes: namespaces(15_000),
        signedInfo: reference(FHIR_FORM) + many(19_000, "<a/>"),
        behind: `<Object>${many(MEGABYTE / 2, "x")}</Object>`,
      }),
  },
  {
    name: "XML: namespaces that the exclusive form repeats",
    make: () =>
      xml({
        attributes: ` xmlns:n="${many(MEGABYTE / 2, "u")}"`,
        signedInfo: reference(FHIR_FORM) + many(15_000, "<n:a/>"),
        canonicalisation: EXCLUSIVE,
      }),
  },
  {
    name: "XML: namespaces that all elements declare anew",
    make: () =>
      xml({
        signedInfo: reference(FHIR_FORM) + many(500, (at) => `<a${namespaces(35, `u${at}`)}/>`),
        behind: `<Object>${many(MEGABYTE / 2, "x")}</Object>`,
      }),
  },
  { name: "XML: references", make: () => xml({ signedInfo: many(MEGABYTE / 230, reference(FHIR_FORM)) }) },
  {
    name: "XML: transforms",
    make: () => xml({ signedInfo: `<Reference URI=""><Transforms>${many(MEGABYTE / 27, '<Transform Algorithm="a"/>')}</Transforms></Reference>` }),
  },
  {
    name: "XML: a path (XPath)",
    make: () => xml({ signedInfo: reference(XPATH, { within: `<XPath>${many(MEGABYTE / 12, "//descendant::")}</XPath>` }), isSound: true }),
  },
  {
    name: "XML: a path that is nearly known",
    make: () => xml({ signedInfo: reference(XPATH, { within: `<XPath>not(ancestor-or-self::${many(MEGABYTE, "a")}</XPath>` }), isSound: true }),
  },
  {
    name: "XML: certificates",
    make: () => xml({ keyInfo: many(MEGABYTE / 600, `<X509Data><X509Certificate>${der(doctor)}</X509Certificate></X509Data>`) }),
  },
  { name: "XML: bytes of a value", make: () => xml({ behind: `<Object>${many(MEGABYTE, "A")}</Object>` }) },
  { name: "XML: blanks", make: () => xml({ behind: `<Object>${many(MEGABYTE, " ")}</Object>` }) },
  { name: "XML: comments", make: () => xml({ behind: `<Object>${many(MEGABYTE / 8, "<!---->a")}</Object>` }) },
  { name: "XML: character references", make: () => xml({ behind: `<Object>${many(MEGABYTE / 5, "&lt;<")}</Object>`.replaceAll("&lt;<", "&amp;") }) },
  { name: "XML: ten references, sound in itself", make: () => tenReferences(many(MEGABYTE, "x")) },
  { name: "XML: ten references to elements", make: () => tenReferences(many(15_000, '<a b="c">x</a>')) },
  { name: "XML: ten references, a document of a megabyte", isOverLarge: true, make: () => tenReferences("x") },
  {
    name: "XML: an embedded document that is none",
    make: () =>
      xml({
        signedInfo: reference(INCLUSIVE, { uri: "#o" }),
        behind: `<Object Id="o"><Bundle xmlns="http://hl7.org/fhir">${many(9_000, "<entry><resource/></entry>")}</Bundle></Object>`,
      }),
  },
  {
    name: "XML: time-stamps over a long value",
    make: () => {
      const stamp = `<x:SignatureTimeStamp><x:EncapsulatedTimeStamp>AAAA</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>`;
      const properties = `<Object><x:QualifyingProperties xmlns:x="${XADES}"><x:UnsignedProperties><x:UnsignedSignatureProperties>${many(4_000, stamp)}</x:UnsignedSignatureProperties></x:UnsignedProperties></x:QualifyingProperties></Object>`;
      return xml({ behind: properties + `<Object>${many(MEGABYTE / 2, "x")}</Object>`, isSound: true });
    },
  },
];
