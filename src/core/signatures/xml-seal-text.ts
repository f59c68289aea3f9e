/**
 * How our XML seal is written: XML-DSig with XAdES baseline B (ETSI EN 319 132-1). There is one way to write what it says, so that a verifier writes it again and compares; and each part that is digested or
 * signed stands in the text in its exclusive canonical form, so that none has to be made. docs/formats.md, "XML seal".
 */
import { fromBase64 } from "../crypto/base64.ts";
import type { SealAlgorithm } from "../crypto/keys.ts";
import { C14N_11, DSIG, ENCRYPTION, EXCLUSIVE, MORE_2001, MORE_2007, MORE_2021 } from "./xml-algorithms.ts";

/** What an XML seal says. Nothing of it is proved. */
export interface XmlSealParts {
  /** Of the document in the repository. */
  readonly documentId: string;
  /** SHA-256 of the canonical XML form: base64. */
  readonly digest: string;
  readonly algorithm: SealAlgorithm;
  /** `YYYY-MM-DDThh:mm:ssZ`. */
  readonly sealedAt: string;
  /** Base64 of DER: the signer's certificate first, then those that lead to its root. */
  readonly certificates: readonly string[];
  /** SHA-256 of each of them, in that order: base64. */
  readonly thumbprints: readonly string[];
}

/** The same with what makes it a seal. */
export interface SignedXmlSeal extends XmlSealParts {
  /** SHA-256 of the signed properties: base64. */
  readonly propertiesDigest: string;
  /** The signature's value: base64. */
  readonly value: string;
  /** A time-stamp token (RFC 3161) over the value's element: base64 of DER. Beside what is signed. */
  readonly timeStamp?: string | undefined;
}

const XADES = "http://uri.etsi.org/01903/v1.3.2#";
const SHA256 = `${ENCRYPTION}sha256`;
const VERIFICATION_URN = "urn:oid:1.2.840.10065.1.12.1.5";

/** RFC 6931, RFC 9231. */
const METHODS: Readonly<Record<SealAlgorithm, string>> = {
  ES256: `${MORE_2001}ecdsa-sha256`,
  ES384: `${MORE_2001}ecdsa-sha384`,
  ES512: `${MORE_2001}ecdsa-sha512`,
  PS256: `${MORE_2007}sha256-rsa-MGF1`,
  EdDSA: `${MORE_2021}eddsa-ed25519`,
};

/** What the signature is over. */
export function signedInfoText({ documentId, digest, algorithm, propertiesDigest }: Omit<SignedXmlSeal, "value">): string {
  return (
    `<ds:SignedInfo xmlns:ds="${DSIG}"><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${METHODS[algorithm]}"></ds:SignatureMethod>` +
    `<ds:Reference Id="sealed-document" URI="urn:uuid:${documentId}"><ds:Transforms><ds:Transform Algorithm="${C14N_11}"></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>` +
    `<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#sealed-properties"><ds:Transforms><ds:Transform Algorithm="${EXCLUSIVE}"></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue>${propertiesDigest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
  );
}

/** When it was made, under which certificate, what of, and what it means. */
export function signedPropertiesText({ sealedAt, thumbprints }: Pick<XmlSealParts, "sealedAt" | "thumbprints">): string {
  const certificates = thumbprints.map(certText).join("");
  return (
    `<xades:SignedProperties xmlns:xades="${XADES}" Id="sealed-properties"><xades:SignedSignatureProperties><xades:SigningTime>${sealedAt}</xades:SigningTime>` +
    `<xades:SigningCertificateV2>${certificates}</xades:SigningCertificateV2></xades:SignedSignatureProperties>` +
    `<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#sealed-document"><xades:MimeType>application/fhir+xml</xades:MimeType></xades:DataObjectFormat>` +
    `<xades:CommitmentTypeIndication><xades:CommitmentTypeId><xades:Identifier Qualifier="OIDAsURN">${VERIFICATION_URN}</xades:Identifier></xades:CommitmentTypeId>` +
    `<xades:ObjectReference>#sealed-document</xades:ObjectReference></xades:CommitmentTypeIndication></xades:SignedDataObjectProperties></xades:SignedProperties>`
  );
}

function certText(thumbprint: string): string {
  const digest = `<ds:DigestMethod xmlns:ds="${DSIG}" Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue xmlns:ds="${DSIG}">${thumbprint}</ds:DigestValue>`;
  return `<xades:Cert><xades:CertDigest>${digest}</xades:CertDigest></xades:Cert>`;
}

/** What a time-stamp is over. */
export function signatureValueText(value: string): string {
  return `<ds:SignatureValue xmlns:ds="${DSIG}" Id="seal-value">${value}</ds:SignatureValue>`;
}

/** The whole seal. */
export function xmlSealText(seal: SignedXmlSeal): string {
  const certificates = seal.certificates.map((one) => `<ds:X509Certificate>${one}</ds:X509Certificate>`).join("");
  const unsigned =
    seal.timeStamp === undefined
      ? ""
      : `<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>` +
        `<xades:EncapsulatedTimeStamp>${seal.timeStamp}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>`;
  return (
    `<ds:Signature xmlns:ds="${DSIG}" Id="seal">${signedInfoText(seal)}${signatureValueText(seal.value)}<ds:KeyInfo><ds:X509Data>${certificates}</ds:X509Data></ds:KeyInfo>` +
    `<ds:Object><xades:QualifyingProperties xmlns:xades="${XADES}" Target="#seal">${signedPropertiesText(seal)}${unsigned}</xades:QualifyingProperties></ds:Object></ds:Signature>`
  );
}

/** Characters that a seal has at most, without its certificates and its time-stamp some 3,500. */
const LONGEST = 200_000;
const BASE64 = "[A-Za-z0-9+/]{1,60000}={0,2}";

/** What a seal says, if it is written as ours are; undefined when it is none. */
export function readXmlSealText(text: string): SignedXmlSeal | undefined {
  if (text.length > LONGEST) return undefined;
  const one = (pattern: string): string | undefined => new RegExp(pattern).exec(text)?.[1];
  const method = one('<ds:SignatureMethod Algorithm="([^"]{1,100})">');
  const [algorithm] = Object.entries(METHODS).find(([, uri]) => uri === method) ?? [];
  const [digest, propertiesDigest] = [...text.matchAll(/<ds:DigestValue>([A-Za-z0-9+/]{43}=)</g)].map(([, found]) => found);
  const parts = {
    documentId: one('URI="urn:uuid:([0-9a-f-]{36})"'),
    sealedAt: one("<xades:SigningTime>([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)<"),
    value: one(`Id="seal-value">(${BASE64})<`),
  };
  const { documentId, sealedAt, value } = parts;
  if (algorithm === undefined || digest === undefined || propertiesDigest === undefined || documentId === undefined) return undefined;
  if (sealedAt === undefined || value === undefined || Number.isNaN(Date.parse(sealedAt))) return undefined;
  const all = (pattern: string): string[] => [...text.matchAll(new RegExp(pattern, "g"))].map(([, found = ""]) => found);
  const certificates = all(`<ds:X509Certificate>(${BASE64})<`);
  const thumbprints = all(`<ds:DigestValue xmlns:ds="${DSIG}">([A-Za-z0-9+/]{43}=)<`);
  const timeStamp = one(`<xades:EncapsulatedTimeStamp>(${BASE64})<`);
  const seal = { documentId, digest, algorithm: algorithm as SealAlgorithm, sealedAt, certificates, thumbprints, propertiesDigest, value, timeStamp };
  // Whatever else it holds, or holds in another order, is not ours; and base64 is written in one way.
  const isOurs =
    xmlSealText(seal) === text && [value, ...certificates, ...(timeStamp === undefined ? [] : [timeStamp])].every((base64) => fromBase64(base64));
  return isOurs ? seal : undefined;
}
