/** XAdES (ETSI EN 319 132-1; the earlier namespaces of TS 101 903 too): what a signer says under the signature, and what stands beside it for later. */
import { canonicalXml, type XmlBudget } from "../crypto/canonical-xml.ts";
import { readChain, readCertificate, type Certificate } from "../crypto/certificate.ts";
import { utf8 } from "../crypto/bytes.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { elementsOf, type XmlElement } from "../crypto/xml-tree.ts";
import { instantIn } from "./decisive-time.ts";
import { bytesOf, canonicalisationOf, DEFAULT_CANONICALISATION, isDsig, nameDigestOf, only, Unsupported, valueOf } from "./xml-algorithms.ts";
import type { Finding } from "./signature-finding.ts";

const XADES = new Set(["http://uri.etsi.org/01903/v1.3.2#", "http://uri.etsi.org/01903/v1.2.2#", "http://uri.etsi.org/01903/v1.1.1#"]);
/** Version 1.4.1 adds to 1.3.2. */
export const XADES_141 = "http://uri.etsi.org/01903/v1.4.1#";

/** What the signature covers of what its signer says. */
export interface SignerClaims {
  readonly signedAt?: string;
  readonly commitments: readonly string[];
  /** Whether the properties, as far as they name certificates by a hash that is known (SigningCertificate, SigningCertificateV2), name this one. */
  names(certificate: Certificate): boolean | undefined;
}

export function isSignedProperties(element: XmlElement): boolean {
  return XADES.has(element.uri) && element.local === "SignedProperties";
}

/** Reads SignedProperties that a reference covers. Unsupported where a value is none. */
export function claimsIn(properties: XmlElement | undefined): SignerClaims {
  const signature = properties && child(properties, "SignedSignatureProperties");
  const data = properties && child(properties, "SignedDataObjectProperties");
  const time = signature && child(signature, "SigningTime");
  const commitments = (data ? children(data, "CommitmentTypeIndication") : []).map(commitmentOf).filter((identifier) => identifier !== undefined);
  const digests = ["SigningCertificate", "SigningCertificateV2"]
    .flatMap((name) => (signature ? children(signature, name) : []))
    .flatMap((list) => children(list, "Cert"))
    .flatMap((certificate) => children(certificate, "CertDigest"));
  if (digests.length > SIGNATURE_LIMITS.xmlEvidence) throw new Unsupported("it names too many certificates");
  const signedAt = time && instantIn(valueOf(time));
  return { ...(signedAt !== undefined && { signedAt }), commitments, names: (certificate) => nameIn(digests, certificate) };
}

/** Undefined where nothing is named, or by hashes alone that are not known. */
function nameIn(digests: readonly XmlElement[], { raw }: Certificate): boolean | undefined {
  let answer: boolean | undefined;
  for (const digest of digests) {
    const hash = nameDigestOf(digest);
    if (hash === undefined) continue;
    const expected = bytesOf(only(digest, "DigestValue"));
    if (expected !== undefined && equalBytes(hashOf(hash, raw), expected)) return true;
    answer = false;
  }
  // One that is named by another hash may be the one.
  return digests.every((digest) => nameDigestOf(digest) !== undefined) ? answer : undefined;
}

/** The object identifier in dots; of ETSI's own addresses, the one that means the same (TS 101 903 section 7.2.6). */
function commitmentOf(indication: XmlElement): string | undefined {
  const type = child(indication, "CommitmentTypeId");
  const identifier = type && child(type, "Identifier");
  const text = identifier && valueOf(identifier);
  return text === undefined || text.length > 200 ? undefined : (ETSI_COMMITMENTS[text.replace(/^.*#/, "")] ?? text.replace(/^urn:oid:/, ""));
}

const ETSI_COMMITMENTS: Readonly<Record<string, string>> = {
  ProofOfOrigin: "1.2.840.113549.1.9.16.6.1",
  ProofOfReceipt: "1.2.840.113549.1.9.16.6.2",
  ProofOfDelivery: "1.2.840.113549.1.9.16.6.3",
  ProofOfSender: "1.2.840.113549.1.9.16.6.4",
  ProofOfApproval: "1.2.840.113549.1.9.16.6.5",
  ProofOfCreation: "1.2.840.113549.1.9.16.6.6",
};

/** What stands beside a signature: nothing of it is covered by it, and nothing of it is checked here. */
export interface XmlEvidence extends Pick<Finding, "timeStamps" | "revocation"> {
  readonly certificates: readonly Certificate[];
}

/**
 * Reads unsigned properties: time-stamps over the signature's value (section 5.3), certificates, and what tells whether they were revoked (section 5.4). What cannot be read is left out, and so
 * is what is kept by reference alone.
 */
export function evidenceIn(root: XmlElement, budget: XmlBudget): XmlEvidence {
  const properties = unsignedProperties(root);
  // Those for the certificates of time-stamps and attributes hold the same elements within.
  const holders = properties.flatMap((property) => [property, ...elementsOf(property)]);
  const values = (list: string, ...names: readonly string[]): Uint8Array[] =>
    holders
      .filter((holder) => isXades(holder, list))
      .flatMap((holder) => [holder, ...elementsOf(holder)].flatMap(elementsOf))
      .filter((element) => names.some((name) => isXades(element, name)))
      .slice(0, SIGNATURE_LIMITS.xmlEvidence)
      .flatMap((element) => bytesOf(element) ?? []);
  const certificates = values("CertificateValues", "EncapsulatedX509Certificate")
    .filter(({ length }) => length <= SIGNATURE_LIMITS.certificate)
    .flatMap((der) => readCertificate(der) ?? []);
  const [crls, ocsp] = [values("RevocationValues", "EncapsulatedCRLValue"), values("RevocationValues", "EncapsulatedOCSPValue")];
  const timeStamps = properties.filter((property) => isXades(property, "SignatureTimeStamp")).flatMap((stamp) => timeClaims(root, stamp, budget));
  return {
    certificates,
    ...(timeStamps.length > 0 && { timeStamps: timeStamps.slice(0, SIGNATURE_LIMITS.xmlEvidence) }),
    ...(crls.length + ocsp.length > 0 && { revocation: { crls, ocsp } }),
  };
}

/** What stands beside the signature and is not covered by it, in its order. */
export function unsignedProperties(root: XmlElement): XmlElement[] {
  return elementsOf(root)
    .filter((element) => isDsig(element, "Object"))
    .flatMap((object) => children(object, "QualifyingProperties"))
    .flatMap((qualifying) => children(qualifying, "UnsignedProperties"))
    .flatMap((unsigned) => children(unsigned, "UnsignedSignatureProperties"))
    .flatMap(elementsOf);
}

/** The tokens of a SignatureTimeStamp: over the canonical SignatureValue element. */
function timeClaims(root: XmlElement, stamp: XmlElement, budget: XmlBudget): { token: Uint8Array; over: Uint8Array }[] {
  const [method] = elementsOf(stamp).filter((element) => isDsig(element, "CanonicalizationMethod"));
  // One that includes more than the value is not of this kind.
  if (children(stamp, "Include").length > 0) return [];
  try {
    const over = utf8(canonicalXml(only(root, "SignatureValue"), method ? canonicalisationOf(method) : DEFAULT_CANONICALISATION, { budget }));
    return children(stamp, "EncapsulatedTimeStamp").flatMap((element) => {
      const token = bytesOf(element);
      return token ? [{ token, over }] : [];
    });
  } catch (error) {
    if (error instanceof Unsupported) return [];
    throw error;
  }
}

/** The certificates of KeyInfo; Unsupported where one cannot be read. */
export function certificatesIn(root: XmlElement): readonly Certificate[] {
  const elements = elementsOf(root)
    .filter((element) => isDsig(element, "KeyInfo"))
    .flatMap(elementsOf)
    .filter((element) => isDsig(element, "X509Data"))
    .flatMap(elementsOf)
    .filter((element) => isDsig(element, "X509Certificate"));
  const chain = readChain(elements.slice(0, SIGNATURE_LIMITS.certificates + 1).map(valueOf));
  if (typeof chain === "string") throw new Unsupported(chain);
  return chain;
}

export function children(parent: XmlElement, name: string): XmlElement[] {
  return elementsOf(parent).filter((element) => isXades(element, name));
}

function child(parent: XmlElement, name: string): XmlElement | undefined {
  const found = children(parent, name);
  if (found.length > 1) throw new Unsupported(`it has more than one ${name}`);
  return found[0];
}

export function isXades({ uri, local }: XmlElement, name: string): boolean {
  return local === name && (XADES.has(uri) || uri === XADES_141);
}
