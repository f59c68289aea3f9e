/** Our seal over the XML form of a document, made behind its deposit: XML-DSig with XAdES baseline B, or T with a time-stamp. docs/formats.md, "XML seal". */
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { utf8 } from "../crypto/bytes.ts";
import { readChain, subjectNameOf, thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import { sha256 } from "../crypto/digest.ts";
import type { SealCertificate, SealSigner } from "../crypto/keys.ts";
import { platform } from "../crypto/platform/here.ts";
import { SEAL_METHODS, sealAlgorithmOf } from "../crypto/seal-algorithms.ts";
import { AppError } from "../errors.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { writeCanonicalXml } from "../fhir/xml/write-canonical-xml.ts";
import { resultsOfSound, type SealProof, type SealTrust } from "./seal.ts";
import { NOTHING_CHECKED, type SignatureCheck } from "./signature-check.ts";
import { readXmlSealText, signatureValueText, signedInfoText, signedPropertiesText, xmlSealText, type SignedXmlSeal } from "./xml-seal-text.ts";

/** The canonical XML form of a document, in UTF-8: what the XML seal is over. In words why it has none: XML cannot carry all that JSON can. */
export function canonicalXmlDocument(bundle: JsonObject, definitions: Definitions): Uint8Array | string {
  try {
    return utf8(writeCanonicalXml(bundle, definitions, { isExclusive: false }, { dropped: ["id", "meta", "signature"] }));
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** What is sealed: the id of a document in the repository, and SHA-256 of its canonical XML form. */
export interface SealedXml {
  readonly documentId: string;
  readonly digest: Uint8Array;
}

/** @param stamp gives a time-stamp token over what it is given, or none */
export async function makeXmlSeal(
  { documentId, digest }: SealedXml,
  signer: SealSigner,
  at: Date,
  stamp?: (bytes: Uint8Array) => Promise<Uint8Array | undefined>,
): Promise<string> {
  if (signer.chain.length === 0) throw new AppError("internal", "the seal key has no certificate");
  const said = {
    ...{ documentId, digest: toBase64(digest), algorithm: signer.algorithm, sealedAt: `${at.toISOString().slice(0, 19)}Z` },
    ...{ certificates: signer.chain.map(({ raw }) => toBase64(raw)), thumbprints: signer.chain.map((one) => toBase64(thumbprintOf(one))) },
  };
  const parts = { ...said, propertiesDigest: toBase64(sha256(utf8(signedPropertiesText(said)))) };
  const value = toBase64(await signer.sign(utf8(signedInfoText(parts))));
  const token = await stamp?.(utf8(signatureValueText(value)));
  return xmlSealText({ ...parts, value, timeStamp: token && toBase64(token) });
}

/** What an XML seal says of itself; undefined when it is none. Nothing of it is proved. */
export interface XmlSealFacts {
  readonly certificate: Certificate;
  readonly name: string;
  readonly sealedAt: string;
  readonly documentId: string;
  /** A time-stamp token, and what it is over. */
  readonly timeStamp?: { readonly token: Uint8Array; readonly stamped: Uint8Array };
}

export function readXmlSeal(text: string): XmlSealFacts | undefined {
  const seal = readXmlSealText(text);
  const chain = seal && readChain(seal.certificates);
  const certificate = typeof chain === "object" ? chain[0] : undefined;
  if (seal === undefined || certificate === undefined) return undefined;
  const { sealedAt, documentId, value, timeStamp } = seal;
  const token = timeStamp === undefined ? undefined : fromBase64(timeStamp);
  const stamped = token && { timeStamp: { token, stamped: utf8(signatureValueText(value)) } };
  return { certificate, name: subjectNameOf(certificate), sealedAt, documentId, ...stamped };
}

/**
 * Checks an XML seal over a canonical XML form, and its certificate against the known ones if there are any at hand. Never throws. What it was made over is known exactly: one that does not verify is false.
 *
 * @param form or in words why the document has none; undefined: what it covers is not looked at, which costs more than the rest together
 */
export async function checkXmlSeal(
  text: string,
  form: Uint8Array | string | undefined,
  known: readonly SealCertificate[] | undefined,
  by: SealTrust = "trust-file",
  proof: SealProof = {},
): Promise<SignatureCheck> {
  const base = { ...NOTHING_CHECKED, place: "XML seal", form: "xml-dsig", role: "other" } as const;
  const [seal, facts] = [readXmlSealText(text), readXmlSeal(text)];
  if (seal === undefined || facts === undefined) return { ...base, block: "invalid", explanation: "The XML seal is not one that we make." };
  const { certificate } = facts;
  if (!(await isIntact(seal, certificate)))
    return { ...base, block: "invalid", explanation: "The XML seal is not what its certificate's key signed." };
  if (form === undefined)
    return {
      ...base,
      ...resultsOfSound("The XML seal", facts, { known, by, proof, does: "is held against this content by a verification" }),
      content: "not-checked",
    };
  if (typeof form === "string")
    return { ...base, block: "valid", explanation: `The XML seal was not held against the document, which cannot be written in XML: ${form}` };
  if (toBase64(sha256(form)) !== seal.digest)
    return { ...base, block: "valid", content: "invalid", explanation: "The XML seal does not fit the document." };
  return { ...base, ...resultsOfSound("The XML seal", facts, { known, by, proof }) };
}

async function isIntact(seal: SignedXmlSeal, certificate: Certificate): Promise<boolean> {
  const { algorithm, propertiesDigest, certificates, thumbprints } = seal;
  // Of the bytes as they stand there: a certificate is read more kindly than it is digested.
  const digests = certificates.map((one) => toBase64(sha256(fromBase64(one) ?? new Uint8Array())));
  if (sealAlgorithmOf(certificate.publicKey) !== algorithm || digests.join() !== thumbprints.join()) return false;
  if (toBase64(sha256(utf8(signedPropertiesText(seal)))) !== propertiesDigest) return false;
  const method = SEAL_METHODS[algorithm];
  const value = fromBase64(seal.value) ?? new Uint8Array();
  const isSigned = await platform.verify({ ...method, isPss: method.keyType === "rsa" }, certificate.publicKey, utf8(signedInfoText(seal)), value);
  return isSigned === true;
}
