/** Checks a signature of the profile that make-signature.ts writes, and no other: whatever is not needed for it is refused. */
import type { Certificate } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import { platform } from "../crypto/platform/here.ts";
import { contentOf, identifierIn, readEcdsaValue, readWholeDer, TAG } from "../crypto/read-der.ts";
import { SEAL_METHODS, sealAlgorithmOf } from "../crypto/seal-algorithms.ts";
import type { SealAlgorithm } from "../crypto/keys.ts";
import { AppError } from "../errors.ts";
import { CMS_ALGORITHMS, type CmsAlgorithm } from "./cms-algorithms.ts";
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
 * @param covered what is to be signed, one behind the other
 */
export async function checkSignature(encoded: Uint8Array, covered: readonly Uint8Array[]): Promise<CheckedSignature> {
  try {
    return await check(encoded, covered);
  } catch (error) {
    if (error instanceof AppError) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

async function check(encoded: Uint8Array, covered: readonly Uint8Array[]): Promise<CheckedSignature> {
  const message = readSignedData(readWholeDer(encoded, { isPadded: true }));
  const { digestAlgorithm, algorithm, attributes, signedBytes, value, unsigned } = message.signer;
  const [name, written] = ALGORITHMS.find(([, { signature }]) => equalBytes(algorithm.whole, signature)) ?? [];
  if (name === undefined || written === undefined || !equalBytes(digestAlgorithm.whole, written.digest))
    return { kind: "unsupported", reason: "it is made by an algorithm that is not used here" };
  // No signature covers these: there is one way to write them, so that no byte can be altered unseen.
  const [digest, ...digests] = message.digestAlgorithms;
  const isOurs =
    message.version === 1n &&
    message.signer.version === 1n &&
    digests.length === 0 &&
    digest !== undefined &&
    equalBytes(digest.whole, written.digest);
  if (!isOurs || message.contentType !== OID.data || message.content !== undefined)
    throw new AppError("malformed", "the signature is not one over a file as they are made here");
  const certificate = attributes.has(OID.signingCertificateV2) ? certificateOf(message) : undefined;
  if (!certificate) return { kind: "invalid", reason: "it does not bring the certificate that it names" };
  const method = SEAL_METHODS[name];
  if (
    identifierIn(attributes.get(OID.contentType)) !== OID.data ||
    !equalBytes(contentOf(attributes.get(OID.messageDigest), TAG.octetString), platform.hash(method.hash, covered))
  )
    return { kind: "invalid", reason: "it covers something else" };
  const { publicKey } = certificate;
  if (sealAlgorithmOf(publicKey) !== name) return { kind: "unsupported", reason: "its key is of another kind" };
  const plain = method.half === undefined ? value : readEcdsaValue(value, method.half);
  if (plain === undefined || (await platform.verify({ ...method, isPss: method.keyType === "rsa" }, publicKey, signedBytes, plain)) !== true)
    return { kind: "invalid", reason: "it was not made with the key of its certificate" };
  return { kind: "valid", certificate, value, timeStamp: unsigned.get(OID.timeStampToken)?.whole };
}

const ALGORITHMS = Object.entries(CMS_ALGORITHMS) as readonly [SealAlgorithm, CmsAlgorithm][];
