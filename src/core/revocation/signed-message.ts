/** The signature under a list of revoked certificates or an answer about one (RFC 5280 section 5.1.1, RFC 6960 section 4.2.1): both are written as a certificate's is. */
import { isUsableKey } from "../crypto/certificate-path.ts";
import { fieldsOf } from "../crypto/certificate-fields.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { platform } from "../crypto/platform/here.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { readEcdsaValue, type DerValue } from "../crypto/read-der.ts";
import { algorithmIn } from "../crypto/signature-algorithms.ts";

export interface SignedMessage {
  /** What is signed. */
  readonly body: Uint8Array;
  /** AlgorithmIdentifier. */
  readonly algorithm: DerValue;
  readonly value: Uint8Array;
}

/** Whether a message was signed with the key of a certificate; undefined when that cannot be said here. */
export async function isSignedWith({ body, algorithm, value }: SignedMessage, certificate: Certificate): Promise<boolean | undefined> {
  const key = certificate.publicKey;
  const method = algorithmIn(algorithm);
  if (method === undefined || !isUsableKey(key)) return undefined;
  const { keyType, hash, salt } = method;
  if (keyType === "ed25519" && key.keyType === "ed25519") return platform.ed25519(fieldsOf(certificate).keyBits)(body, value);
  if (keyType === "rsa" && (key.keyType === "rsa" || (key.keyType === "rsa-pss" && salt !== undefined))) {
    if (salt !== undefined && salt !== SALT_LENGTHS[hash]) return undefined;
    return platform.verify({ hash, keyType, ...(salt !== undefined && { isPss: true }) }, key, body, value);
  }
  const length = keyType === "ec" && key.keyType === "ec" ? NUMBER_LENGTHS[key.curve ?? ""] : undefined;
  if (length === undefined) return undefined;
  const plain = readEcdsaValue(value, length);
  return plain === undefined ? false : platform.verify({ hash, keyType: "ec" }, key, body, plain);
}

/** Of RSASSA-PSS: as long as the hash. */
const SALT_LENGTHS: Readonly<Record<Hash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** Bytes of r and s, by OpenSSL's name of the curve. */
const NUMBER_LENGTHS: Readonly<Record<string, number>> = {
  prime256v1: 32,
  secp384r1: 48,
  secp521r1: 66,
  brainpoolP256r1: 32,
  brainpoolP384r1: 48,
  brainpoolP512r1: 64,
};
