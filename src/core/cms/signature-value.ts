/** The value of a signature in a message, by the algorithm that the message names (RFC 5652 section 5.6; RFC 3370, 4056, 5753, 5754, 8419). */
import { isUsableKey } from "../crypto/certificate-path.ts";
import type { Certificate } from "../crypto/certificate.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { identifierIn, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { algorithmIn, type SignatureAlgorithm } from "../crypto/signature-algorithms.ts";
import { isValueOf } from "../crypto/signed-value.ts";
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
  const isEdwards = known.keyType === "ed25519" || known.keyType === "ed448";
  if (!isEdwards && known.hash !== hash) return "it is signed over another hash than it says";
  return (await isValueOf(known, { key, signed: signedBytes, value })) ?? UNSUITABLE;
}

const UNSUITABLE = "its key is not one that is checked by its algorithm";

/** Plain RSA leaves the hash to the digest algorithm (RFC 3370 section 3.2), and so do some for elliptic curves. */
function algorithmOf(algorithm: DerValue, hash: Hash): SignatureAlgorithm | undefined {
  const name = identifierIn(valuesIn(algorithm, TAG.sequence)[0]);
  if (name === OID.rsaEncryption) return { keyType: "rsa", hash };
  if (name === OID.ecPublicKey) return { keyType: "ec", hash };
  return algorithmIn(algorithm);
}
