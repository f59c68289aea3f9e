/** Checks a signature of the profile that make-signature.ts writes, and no other: whatever is not needed for it is refused. */
import { isUsableKey } from "../crypto/certificate-path.ts";
import { readCertificate, thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import { platform } from "../crypto/platform/here.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { contentOf, identifierIn, readEcdsaValue, readWholeDer, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
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
  const { certificates, information } = takeApart(readWholeDer(encoded, { isPadded: true }));
  const [version, issuer, digestAlgorithm, signed, algorithm, value, unsigned, ...more] = information;
  if (!version || !issuer || !signed || more.length > 0) throw new AppError("malformed", "the signature is not built as it should be");
  const [isSha256, isEcdsa] = [digestAlgorithm, algorithm].map(
    (each, at) => identifierIn(valuesIn(each, TAG.sequence)[0]) === [OID.sha256, OID.ecdsaWithSha256][at],
  );
  if (!isSha256 || !isEcdsa) return { kind: "unsupported", reason: "it is not made with ECDSA and SHA-256" };
  const attributes = attributesOf(signed, 0xa0);
  const certificate = signerAmong(certificates, issuer, attributes);
  if (!certificate) return { kind: "invalid", reason: "it does not bring the certificate that it names" };
  if (
    identifierIn(attributes.get(OID.contentType)) !== OID.data ||
    !equalBytes(contentOf(attributes.get(OID.messageDigest), TAG.octetString), digest)
  )
    return { kind: "invalid", reason: "it covers something else" };
  const asSet = Uint8Array.from(signed.whole);
  asSet[0] = TAG.set;
  const { publicKey } = certificate;
  if (publicKey.curve !== P256 || !isUsableKey(publicKey)) return { kind: "unsupported", reason: "its key is of another kind" };
  const plain = readEcdsaValue(contentOf(value, TAG.octetString), NUMBER_LENGTH);
  if (plain === undefined || (await platform.verify(METHOD, publicKey, asSet, plain)) !== true)
    return { kind: "invalid", reason: "it was not made with the key of its certificate" };
  return { kind: "valid", certificate, hasTimeStamp: unsigned !== undefined && attributesOf(unsigned, 0xa1).has(OID.timeStampToken) };
}

/** The seal's: OpenSSL's name of the curve P-256. */
const P256 = "prime256v1";
const METHOD = { hash: "sha256", keyType: "ec" } as const;
const NUMBER_LENGTH = 32;

/** RFC 5652 sections 3, 5.1 and 5.3: one signer, content that is elsewhere, certificates and no revocation lists. */
function takeApart(outer: DerValue): { readonly certificates: readonly DerValue[]; readonly information: readonly DerValue[] } {
  const [type, wrapped] = valuesIn(outer, TAG.sequence);
  const [content] = valuesIn(wrapped, 0xa0);
  const [, , encapsulated, certificates, signers, ...more] = valuesIn(content, TAG.sequence);
  const [signer, second] = valuesIn(signers, TAG.set);
  const isDetached = valuesIn(encapsulated, TAG.sequence).length === 1;
  if (identifierIn(type) !== OID.signedData || !isDetached || second !== undefined || more.length > 0)
    throw new AppError("malformed", "the signature is not one of one signer over a file");
  return { certificates: valuesIn(certificates, 0xa0).slice(0, SIGNATURE_LIMITS.certificates), information: valuesIn(signer, TAG.sequence) };
}

/** Each once, with one value each. */
function attributesOf(element: DerValue, tag: number): ReadonlyMap<string, DerValue> {
  const found = new Map<string, DerValue>();
  for (const attribute of valuesIn(element, tag)) {
    const [type, values] = valuesIn(attribute, TAG.sequence);
    const [value, second] = valuesIn(values, TAG.set);
    const name = identifierIn(type);
    if (value === undefined || second !== undefined || found.has(name))
      throw new AppError("malformed", "an attribute of the signature stands there twice");
    found.set(name, value);
  }
  return found;
}

/** The certificate that the signer is named by, in both ways: issuer and number, and the hash that is signed (RFC 5035). */
function signerAmong(certificates: readonly DerValue[], issuer: DerValue, attributes: ReadonlyMap<string, DerValue>): Certificate | undefined {
  const named = valuesIn(issuer, TAG.sequence).map(({ whole }) => whole);
  const [first] = valuesIn(valuesIn(attributes.get(OID.signingCertificateV2), TAG.sequence)[0], TAG.sequence);
  // With SHA-256, its default, the hash stands first.
  const hash = contentOf(first && valuesIn(first)[0], TAG.octetString);
  return certificates
    .flatMap(({ whole }) => (whole.length <= SIGNATURE_LIMITS.certificate ? (readCertificate(whole) ?? []) : []))
    .find((certificate) => {
      const own = nameAndNumberOf(certificate);
      return equalBytes(thumbprintOf(certificate), hash) && own.every((part, at) => equalBytes(part, named[at] ?? new Uint8Array()));
    });
}
