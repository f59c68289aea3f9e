/** Checks a signature of the profile that make-signature.ts writes, and no other: whatever is not needed for it is refused. */
import { isUsableKey } from "../crypto/certificate-path.ts";
import { readCertificate, thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import { platform } from "../crypto/platform/here.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { contentIn, identifierIn, itemsIn, itemsOf, readDer, TAGS, type DerElement } from "../der/read-der.ts";
import { AppError } from "../errors.ts";
import { OID } from "./identifiers.ts";
import { nameAndNumberOf } from "./make-signature.ts";

/** What a signature comes to. `unsupported`: of another profile, so that nothing can be said. */
export type CheckedSignature =
  | { readonly kind: "valid"; readonly certificate: Certificate; readonly hasTimeStamp: boolean }
  | { readonly kind: "invalid" | "unsupported"; readonly reason: string };

/**
 * @param encoded CMS in DER, zeros behind it apart
 * @param digest SHA-256 of what is to be signed
 */
export async function checkSignature(encoded: Uint8Array, digest: Uint8Array): Promise<CheckedSignature> {
  try {
    return await check(encoded, digest);
  } catch (error) {
    if (error instanceof AppError) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

async function check(encoded: Uint8Array, digest: Uint8Array): Promise<CheckedSignature> {
  const { certificates, information } = takeApart(readDer(encoded, { isPadded: true }));
  const [version, issuer, digestAlgorithm, signed, algorithm, value, unsigned, ...more] = information;
  if (!version || !issuer || !signed || more.length > 0) throw new AppError("malformed", "the signature is not built as it should be");
  const [isSha256, isEcdsa] = [digestAlgorithm, algorithm].map(
    (each, at) => identifierIn(itemsIn(each, TAGS.sequence)[0]) === [OID.sha256, OID.ecdsaWithSha256][at],
  );
  if (!isSha256 || !isEcdsa) return { kind: "unsupported", reason: "it is not made with ECDSA and SHA-256" };
  const attributes = attributesOf(signed, 0xa0);
  const certificate = signerAmong(certificates, issuer, attributes);
  if (!certificate) return { kind: "invalid", reason: "it does not bring the certificate that it names" };
  if (identifierIn(attributes.get(OID.contentType)) !== OID.data || !equalBytes(contentIn(attributes.get(OID.messageDigest), TAGS.octets), digest))
    return { kind: "invalid", reason: "it covers something else" };
  const asSet = Uint8Array.from(signed.bytes);
  asSet[0] = TAGS.set;
  const { publicKey } = certificate;
  const isCovered = publicKey.curve === P256 && isUsableKey(publicKey) ? await platform.verify(METHOD, publicKey, asSet, rAndS(value)) : undefined;
  if (isCovered === undefined) return { kind: "unsupported", reason: "its key is of another kind" };
  if (!isCovered) return { kind: "invalid", reason: "it was not made with the key of its certificate" };
  return { kind: "valid", certificate, hasTimeStamp: unsigned !== undefined && attributesOf(unsigned, 0xa1).has(OID.timeStampToken) };
}

/** The seal's: OpenSSL's name of the curve P-256. */
const P256 = "prime256v1";
const METHOD = { hash: "sha256", keyType: "ec" } as const;
const NUMBER_LENGTH = 32;

/** A sequence of two integers (RFC 3279 section 2.2.3) as r || s. AppError `malformed`. */
function rAndS(value: DerElement | undefined): Uint8Array {
  const numbers = itemsIn(readDer(contentIn(value, TAGS.octets)), TAGS.sequence).map((number) => contentIn(number, TAGS.integer));
  const joined = new Uint8Array(2 * NUMBER_LENGTH);
  for (const [at, number] of numbers.entries()) {
    // A number whose first bit is set is written with a zero before it.
    const digits = number[0] === 0 ? number.subarray(1) : number;
    if (numbers.length !== 2 || digits.length > NUMBER_LENGTH) throw new AppError("malformed", "the signature's value is not of this curve");
    joined.set(digits, (at + 1) * NUMBER_LENGTH - digits.length);
  }
  return joined;
}

/** RFC 5652 sections 3, 5.1 and 5.3: one signer, content that is elsewhere, certificates and no revocation lists. */
function takeApart(outer: DerElement): { readonly certificates: readonly DerElement[]; readonly information: readonly DerElement[] } {
  const [type, wrapped] = itemsIn(outer, TAGS.sequence);
  const [content] = itemsIn(wrapped, 0xa0);
  const [, , encapsulated, certificates, signers, ...more] = itemsIn(content, TAGS.sequence);
  const [signer, second] = itemsIn(signers, TAGS.set);
  const isDetached = itemsIn(encapsulated, TAGS.sequence).length === 1;
  if (identifierIn(type) !== OID.signedData || !isDetached || second !== undefined || more.length > 0)
    throw new AppError("malformed", "the signature is not one of one signer over a file");
  return { certificates: itemsIn(certificates, 0xa0).slice(0, SIGNATURE_LIMITS.certificates), information: itemsIn(signer, TAGS.sequence) };
}

/** Each once, with one value each. */
function attributesOf(element: DerElement, tag: number): ReadonlyMap<string, DerElement> {
  const found = new Map<string, DerElement>();
  for (const attribute of itemsIn(element, tag)) {
    const [type, values] = itemsIn(attribute, TAGS.sequence);
    const [value, second] = itemsIn(values, TAGS.set);
    const name = identifierIn(type);
    if (value === undefined || second !== undefined || found.has(name))
      throw new AppError("malformed", "an attribute of the signature stands there twice");
    found.set(name, value);
  }
  return found;
}

/** The certificate that the signer is named by, in both ways: issuer and number, and the hash that is signed (RFC 5035). */
function signerAmong(certificates: readonly DerElement[], issuer: DerElement, attributes: ReadonlyMap<string, DerElement>): Certificate | undefined {
  const named = itemsIn(issuer, TAGS.sequence).map(({ bytes }) => bytes);
  const [first] = itemsIn(itemsIn(attributes.get(OID.signingCertificateV2), TAGS.sequence)[0], TAGS.sequence);
  // With SHA-256, its default, the hash stands first.
  const hash = contentIn(first && itemsOf(first)[0], TAGS.octets);
  return certificates
    .flatMap(({ bytes }) => (bytes.length <= SIGNATURE_LIMITS.certificate ? (readCertificate(bytes) ?? []) : []))
    .find((certificate) => {
      const own = nameAndNumberOf(certificate);
      return equalBytes(thumbprintOf(certificate), hash) && own.every((part, at) => equalBytes(part, named[at] ?? new Uint8Array()));
    });
}
