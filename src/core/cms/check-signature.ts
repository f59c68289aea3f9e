/** Checks a signature of the profile that make-signature.ts writes, and no other: whatever is not needed for it is refused. */
import { fromHex } from "../crypto/bytes.ts";
import { isUsableKey } from "../crypto/certificate-path.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import { platform } from "../crypto/platform/here.ts";
import { contentOf, identifierIn, readEcdsaValue, readWholeDer, TAG } from "../crypto/read-der.ts";
import { AppError } from "../errors.ts";
import { OID } from "./identifiers.ts";
import { certificateOf, readSignedData } from "./signed-data.ts";

/** What a signature comes to. `unsupported`: of another profile, so that nothing can be said. */
export type CheckedSignature =
  | {
      readonly kind: "valid";
      readonly certificate: Certificate;
      /** What a time-stamp of it covers. */
      readonly value: Uint8Array;
      /** The time-stamp token that stands beside it: nothing of it is checked here, and the signature does not cover it. */
      readonly timeStamp: Uint8Array | undefined;
    }
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

async function check(encoded: Uint8Array, covered: Uint8Array): Promise<CheckedSignature> {
  const message = readSignedData(readWholeDer(encoded, { isPadded: true }));
  const { digestAlgorithm, algorithm, attributes, signedBytes, value, unsigned } = message.signer;
  if (!equalBytes(digestAlgorithm.whole, SHA256) || !equalBytes(algorithm.whole, ECDSA_WITH_SHA256))
    return { kind: "unsupported", reason: "it is not made with ECDSA and SHA-256" };
  // No signature covers these: there is one way to write them, so that no byte can be altered unseen.
  const [digest, ...digests] = message.digestAlgorithms;
  const isOurs =
    message.version === 1n && message.signer.version === 1n && digests.length === 0 && digest !== undefined && equalBytes(digest.whole, SHA256);
  if (!isOurs || message.contentType !== OID.data || message.content !== undefined)
    throw new AppError("malformed", "the signature is not one over a file as they are made here");
  const certificate = attributes.has(OID.signingCertificateV2) ? certificateOf(message) : undefined;
  if (!certificate) return { kind: "invalid", reason: "it does not bring the certificate that it names" };
  if (
    identifierIn(attributes.get(OID.contentType)) !== OID.data ||
    !equalBytes(contentOf(attributes.get(OID.messageDigest), TAG.octetString), covered)
  )
    return { kind: "invalid", reason: "it covers something else" };
  const { publicKey } = certificate;
  if (publicKey.curve !== P256 || !isUsableKey(publicKey)) return { kind: "unsupported", reason: "its key is of another kind" };
  const plain = readEcdsaValue(value, NUMBER_LENGTH);
  if (plain === undefined || (await platform.verify(METHOD, publicKey, signedBytes, plain)) !== true)
    return { kind: "invalid", reason: "it was not made with the key of its certificate" };
  return { kind: "valid", certificate, value, timeStamp: unsigned.get(OID.timeStampToken)?.whole };
}

/** The seal's: OpenSSL's name of the curve P-256. */
const P256 = "prime256v1";
const METHOD = { hash: "sha256", keyType: "ec" } as const;
const NUMBER_LENGTH = 32;
/** AlgorithmIdentifiers in DER, without parameters (RFC 5754 sections 2.2 and 3.3). */
const SHA256 = fromHex("300b0609608648016503040201");
const ECDSA_WITH_SHA256 = fromHex("300a06082a8648ce3d040302");
