/** What stands in and beside an XML signature by XAdES, and how it counts. */
import { createHash, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkTimeStamp } from "../../../src/core/cms/check-time-stamp.ts";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { isSameCertificate } from "../../../src/core/crypto/certificate.ts";
import { readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import type { Finding } from "../../../src/core/signatures/signature-finding.ts";
import { checkXmlSignature, type DocumentForms } from "../../../src/core/signatures/xml-dsig.ts";
import { person } from "./people.ts";

const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#";
const FORM = "http://hl7.org/fhir/canonicalization/xml#document";
const DOCUMENT = utf8('<Bundle xmlns="http://hl7.org/fhir"></Bundle>');
const FORMS: DocumentForms = {
  knowledgeOf: () => ({ coversServerFields: false, isSettled: true }),
  formsOf: () => [{ bytes: DOCUMENT }],
  compare: () => ({ content: "not-checked", reason: "nothing is compared here" }),
  hasSource: false,
  served: undefined,
};
const authority = person("Authority", { isAuthority: true });
const doctor = person("Dr A. Meyer", { by: authority });
const certificateXml = (name: string, { raw } = doctor.certificate) => `<${name}>${toBase64(raw)}</${name}>`;
const digest = (hash: string, bytes: Uint8Array | string) => createHash(hash).update(bytes).digest("base64");

/** A signature whose properties are these, all of it signed by the doctor. */
function signed({ properties = "", unsigned = "", keyInfo = certificateXml("X509Certificate"), data = "" }): string {
  const open = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#" xmlns:x="http://uri.etsi.org/01903/v1.3.2#">';
  const signedProperties = `<x:SignedProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Id="p"><x:SignedSignatureProperties>${properties}</x:SignedSignatureProperties><x:SignedDataObjectProperties>${data}</x:SignedDataObjectProperties></x:SignedProperties>`;
  const written = canonicalXml(
    readXmlTree(signedProperties.replace("<x:SignedProperties ", '<x:SignedProperties xmlns="http://www.w3.org/2000/09/xmldsig#" ')),
    {
      isExclusive: true,
    },
  );
  const reference = (uri: string, transform: string, value: string) =>
    `<Reference URI="${uri}"><Transforms><Transform Algorithm="${transform}"></Transform></Transforms><DigestMethod Algorithm="${ENCRYPTION}sha256"></DigestMethod><DigestValue>${value}</DigestValue></Reference>`;
  const info = `<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><CanonicalizationMethod Algorithm="${EXCLUSIVE}"></CanonicalizationMethod><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></SignatureMethod>${reference("", FORM, digest("sha256", DOCUMENT))}${reference("#p", EXCLUSIVE, digest("sha256", written))}</SignedInfo>`;
  const value = sign("sha256", Buffer.from(info), { key: doctor.key, dsaEncoding: "ieee-p1363" }).toString("base64");
  const beside =
    unsigned === "" ? "" : `<x:UnsignedProperties><x:UnsignedSignatureProperties>${unsigned}</x:UnsignedSignatureProperties></x:UnsignedProperties>`;
  return `${open}${info}<SignatureValue>${value}</SignatureValue><KeyInfo><X509Data>${keyInfo}</X509Data></KeyInfo><Object><x:QualifyingProperties Target="">${signedProperties}${beside}</x:QualifyingProperties></Object></Signature>`;
}

const check = (parts: Parameters<typeof signed>[0]): Promise<Finding> => checkXmlSignature(signed(parts), FORMS);
const named = (name: string, algorithm: string, value: string) =>
  `<x:${name}><x:Cert><x:CertDigest><DigestMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="${algorithm}"/><DigestValue xmlns="http://www.w3.org/2000/09/xmldsig#">${value}</DigestValue></x:CertDigest></x:Cert></x:${name}>`;

describe("signed properties", () => {
  test("tell the time and what the signature is meant for", async () => {
    const commitment = (identifier: string) =>
      `<x:CommitmentTypeIndication><x:CommitmentTypeId><x:Identifier>${identifier}</x:Identifier></x:CommitmentTypeId><x:AllSignedDataObjects/></x:CommitmentTypeIndication>`;
    const data = commitment("urn:oid:1.2.840.10065.1.12.1.1") + commitment("http://uri.etsi.org/01903/v1.2.2#ProofOfApproval");
    expect(await check({ properties: "<x:SigningTime>2026-03-14T09:00:00Z</x:SigningTime>", data })).toMatchObject({
      block: "valid",
      content: "valid",
      signedAt: "2026-03-14T09:00:00Z",
      commitments: ["1.2.840.10065.1.12.1.1", "1.2.840.113549.1.9.16.6.5"],
    });
  });

  test("tell no time by what is no instant", async () => {
    for (const told of ["2026-03-14", "14 Mar 2026 (call 123)", "2026-03-14T09:00:00"])
      expect(await check({ properties: `<x:SigningTime>${told}</x:SigningTime>` })).not.toHaveProperty("signedAt");
  });

  const SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1";
  test.each<[string, string, boolean]>([
    ["the signer by SHA-512", named("SigningCertificateV2", `${ENCRYPTION}sha512`, digest("sha512", doctor.certificate.raw)), false],
    ["the signer by SHA-1, as version 1 has it", named("SigningCertificate", SHA1, digest("sha1", doctor.certificate.raw)), false],
    ["another by SHA-1", named("SigningCertificate", SHA1, digest("sha1", authority.certificate.raw)), true],
    ["another", named("SigningCertificateV2", `${ENCRYPTION}sha256`, digest("sha256", authority.certificate.raw)), true],
    ["one by a hash that is not known, which proves nothing", named("SigningCertificateV2", `${ENCRYPTION}ripemd160`, "AAAA"), false],
  ])("name %s", async (_, properties, isContradicted) => {
    const finding = await check({ properties });
    expect(finding).toMatchObject({ block: "valid", content: "valid" });
    expect(finding.isContradicted === true).toBe(isContradicted);
  });

  test("that nothing refers to are not the signer's", async () => {
    const text = signed({ properties: "<x:SigningTime>2026-03-14T09:00:00Z</x:SigningTime>" });
    const other =
      '<x:SignedProperties Id="q"><x:SignedSignatureProperties><x:SigningTime>1999-01-01T00:00:00Z</x:SigningTime></x:SignedSignatureProperties></x:SignedProperties>';
    const finding = await checkXmlSignature(text.replace('<x:QualifyingProperties Target="">', `$&${other}`), FORMS);
    expect(finding).toMatchObject({ block: "valid", signedAt: "2026-03-14T09:00:00Z" });
  });
});

describe("certificates", () => {
  test("may come in any order: the signer's is the one whose key signed", async () => {
    const { chain = [] } = await check({ keyInfo: certificateXml("X509Certificate", authority.certificate) + certificateXml("X509Certificate") });
    expect(chain.map(({ subject }) => subject)).toEqual(["CN=Dr A. Meyer", "CN=Authority"]);
  });

  test("that stand beside the signature lead the way", async () => {
    const unsigned = `<x:CertificateValues>${certificateXml("x:EncapsulatedX509Certificate", authority.certificate)}<x:EncapsulatedX509Certificate>AAAA</x:EncapsulatedX509Certificate></x:CertificateValues>`;
    const { chain = [] } = await check({ unsigned });
    expect(chain).toHaveLength(2);
    expect(chain[1] && isSameCertificate(chain[1], authority.certificate)).toBe(true);
  });
});

describe("unsigned properties", () => {
  test("give on what tells of revocation, also where it stands for time-stamps", async () => {
    const values = (crl: string) =>
      `<x:RevocationValues><x:CRLValues><x:EncapsulatedCRLValue>${crl}</x:EncapsulatedCRLValue></x:CRLValues><x:OCSPValues><x:EncapsulatedOCSPValue>AgME</x:EncapsulatedOCSPValue></x:OCSPValues></x:RevocationValues>`;
    const later = `<t:TimeStampValidationData xmlns:t="http://uri.etsi.org/01903/v1.4.1#">${values("AgIC")}</t:TimeStampValidationData>`;
    const { revocation } = await check({ unsigned: values("AQEB") + later });
    expect(revocation?.crls).toEqual([Uint8Array.of(1, 1, 1), Uint8Array.of(2, 2, 2)]);
    expect(revocation?.ocsp).toHaveLength(2);
  });

  test("are bounded", async () => {
    const crl = "<x:EncapsulatedCRLValue>AQEB</x:EncapsulatedCRLValue>".repeat(100);
    const { revocation } = await check({ unsigned: `<x:RevocationValues><x:CRLValues>${crl}</x:CRLValues></x:RevocationValues>` });
    expect(revocation?.crls).toHaveLength(20);
  });

  test("have time-stamps over the canonical value, which EU DSS's confirm", async () => {
    for (const name of ["dss-enveloped-p256-t", "dss-enveloping-rsa-t"]) {
      const { timeStamps = [] } = await checkXmlSignature(readFileSync(`fixtures/signatures/xml/${name}.xml`, "utf8"), FORMS);
      expect(timeStamps).toHaveLength(1);
      for (const { token, over } of timeStamps) expect(await checkTimeStamp(token, over)).toMatchObject({ kind: "valid" });
    }
  });

  test("may have a counter-signature, which is no second signature of the document", async () => {
    const counter = signed({}).replace(/ Id="p"/, "");
    expect(await check({ unsigned: `<x:CounterSignature>${counter}</x:CounterSignature>` })).toMatchObject({ block: "valid", content: "valid" });
    expect(await check({ unsigned: `<x:Other>${counter}</x:Other>` })).toMatchObject({ block: "not-checked" });
  });
});
