/** The value of a signature in a message, by the algorithm that the message names (RFC 5652 section 5.6; RFC 3370, 4056, 5753, 5754, 8419). */
import { isUsableKey } from "../crypto/certificate-path.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { platform } from "../crypto/platform/here.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { identifierIn, readEcdsaValue, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { algorithmIn, type SignatureAlgorithm } from "../crypto/signature-algorithms.ts";
import { OID } from "./identifiers.ts";

export interface SignedValue {
  /** AlgorithmIdentifier. */
  readonly algorithm: DerValue;
  /** That of `digestAlgorithm`, which other algorithms than Ed25519 use too. */
  readonly hash: Hash;
  readonly signedBytes: Uint8Array;
  readonly value: Uint8Array;
}

/** Whether a value is that of a certificate's key; in words why it is not checked. */
export async function verifyValue({ algorithm, hash, signedBytes, value }: SignedValue, certificate: Certificate): Promise<boolean | string> {
  const key = certificate.publicKey;
  const known = algorithmOf(algorithm, hash);
  if (known === undefined) return "it is signed in a way that is not known here";
  if (known.hash === "sha1") return "it rests on SHA-1, which proves nothing any more";
  if (!isUsableKey(key)) return "its key is of a size or kind that is not checked";
  if (known.keyType === "ed25519" || known.keyType === "ed448")
    return key.keyType === known.keyType ? ((await platform.verify(known, key, signedBytes, value)) ?? UNSUITABLE) : UNSUITABLE;
  if (known.hash !== hash) return "it is signed over another hash than it says";
  if (known.keyType === "rsa" && (key.keyType === "rsa" || (key.keyType === "rsa-pss" && known.salt !== undefined))) {
    const pss = known.salt === undefined ? {} : { isPss: true, saltLength: known.salt };
    return (await platform.verify({ hash, keyType: "rsa", ...pss }, key, signedBytes, value)) ?? UNSUITABLE;
  }
  const length = known.keyType === "ec" && key.keyType === "ec" ? NUMBER_LENGTHS[key.curve ?? ""] : undefined;
  if (length === undefined) return UNSUITABLE;
  const plain = readEcdsaValue(value, length);
  return plain === undefined ? false : ((await platform.verify({ hash, keyType: "ec" }, key, signedBytes, plain)) ?? UNSUITABLE);
}

const UNSUITABLE = "its key is not one that is checked by its algorithm";

/** Plain RSA leaves the hash to the digest algorithm (RFC 3370 section 3.2), and so do some for elliptic curves. */
function algorithmOf(algorithm: DerValue, hash: Hash): SignatureAlgorithm | undefined {
  const name = identifierIn(valuesIn(algorithm, TAG.sequence)[0]);
  if (name === OID.rsaEncryption) return { keyType: "rsa", hash };
  if (name === OID.ecPublicKey) return { keyType: "ec", hash };
  return algorithmIn(algorithm);
}

/** Bytes of r and s, by OpenSSL's name of the curve. */
const NUMBER_LENGTHS: Readonly<Record<string, number>> = {
  prime256v1: 32,
  secp384r1: 48,
  secp521r1: 66,
  brainpoolP256r1: 32,
  brainpoolP384r1: 48,
  brainpoolP512r1: 64,
};
