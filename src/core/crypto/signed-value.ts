/**
 * Signature values as messages, lists of revoked certificates and answers about one bring them, beside the AlgorithmIdentifier by which they were made (RFC 5280 section 5.1.1, RFC 5652 section 5.6,
 * RFC 6960 section 4.2.1; RFC 3279, 3370, 4055, 5753, 5754, 8410, 8419): an elliptic curve's in DER.
 */
import { isUsableKey } from "./certificate-path.ts";
import type { Certificate } from "./certificate.ts";
import { platform } from "./platform/here.ts";
import type { Digest, PublicKey } from "./platform/platform.ts";
import { identifierIn, readEcdsaValue, TAG, valuesIn, type DerValue } from "./read-der.ts";
import { algorithmIn, ECDSA_LENGTHS, isHash, type SignatureAlgorithm } from "./signature-algorithms.ts";

export interface SignedValue {
  /** What is signed. */
  readonly body: Uint8Array;
  /** AlgorithmIdentifier. */
  readonly algorithm: DerValue;
  readonly value: Uint8Array;
  /** Of a message: that of its `digestAlgorithm`, which all algorithms use but Ed25519 and Ed448. SHA-1 is not taken then; of lists and answers, the certificate's rules decide about it. */
  readonly digest?: Digest;
}

/** Whether a value is that of a certificate's key; in words why that is not checked. */
export async function verifyValue({ body, algorithm, value, digest }: SignedValue, { publicKey }: Certificate): Promise<boolean | string> {
  const known = algorithmOf(algorithm, digest);
  if (known === undefined) return "it is signed in a way that is not known here";
  if (digest !== undefined && known.hash === "sha1") return "it rests on SHA-1, which proves nothing any more";
  if (!isUsableKey(publicKey)) return "its key is of a size or kind that is not checked";
  if (digest !== undefined && !isEdwards(known) && known.hash !== digest) return "it is signed over another hash than it says";
  return (await isValueOf(known, { key: publicKey, body, value })) ?? "its key is not one that is checked by its algorithm";
}

/** Plain RSA leaves the hash to the digest algorithm (RFC 3370 section 3.2), and so do some for elliptic curves. */
function algorithmOf(algorithm: DerValue, digest: Digest | undefined): SignatureAlgorithm | undefined {
  const keyType = OF_ANY_HASH[identifierIn(valuesIn(algorithm, TAG.sequence)[0])];
  if (keyType === undefined) return algorithmIn(algorithm);
  return digest !== undefined && isHash(digest) ? { keyType, hash: digest } : undefined;
}

const OF_ANY_HASH: Readonly<Record<string, "rsa" | "ec">> = { "1.2.840.113549.1.1.1": "rsa", "1.2.840.10045.2.1": "ec" };

function isEdwards({ keyType }: SignatureAlgorithm): boolean {
  return keyType === "ed25519" || keyType === "ed448";
}

/** Undefined when it cannot be said here. */
async function isValueOf(
  { keyType, hash, salt }: SignatureAlgorithm,
  { key, body, value }: { readonly key: PublicKey; readonly body: Uint8Array; readonly value: Uint8Array },
): Promise<boolean | undefined> {
  if (keyType === "rsa") {
    const isFit = key.keyType === "rsa" || (key.keyType === "rsa-pss" && salt !== undefined);
    return isFit ? platform.verify({ keyType, hash, ...(salt !== undefined && { isPss: true, saltLength: salt }) }, key, body, value) : undefined;
  }
  if (key.keyType !== keyType) return undefined;
  if (keyType !== "ec") return platform.verify({ keyType, hash }, key, body, value);
  const length = ECDSA_LENGTHS[key.curve ?? ""];
  if (length === undefined) return undefined;
  const plain = readEcdsaValue(value, length);
  return plain === undefined ? false : platform.verify({ keyType, hash }, key, body, plain);
}
