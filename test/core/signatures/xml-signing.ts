/** XML signatures for tests, made by Node's own ECDSA over a form that the caller has. */
import { createHash, sign } from "node:crypto";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import type { Person } from "./people.ts";

/** A ds:Signature over bytes that a transform of FHIR's names. */
export function xmlSignatureOver(form: Uint8Array, transform: string, by: Person): string {
  const digest = createHash("sha256").update(form).digest("base64");
  const reference = `<Reference URI="#"><Transforms><Transform Algorithm="${transform}"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>${digest}</DigestValue></Reference>`;
  const info = `<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>${reference}</SignedInfo>`;
  const input = Buffer.from(canonicalXml(readXmlTree(info), { isExclusive: false }));
  const value = toBase64(new Uint8Array(sign("sha256", input, { key: by.key, dsaEncoding: "ieee-p1363" })));
  const certificate = toBase64(by.certificate.raw);
  return `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">${info}<SignatureValue>${value}</SignatureValue><KeyInfo><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></Signature>`;
}
