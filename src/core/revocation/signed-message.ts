/** The signature under a list of revoked certificates or an answer about one (RFC 5280 section 5.1.1, RFC 6960 section 4.2.1): both are written as a certificate's is. */
import type { Certificate } from "../crypto/certificate.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import type { DerValue } from "../crypto/read-der.ts";
import { algorithmIn } from "../crypto/signature-algorithms.ts";
import { isValueOf } from "../crypto/signed-value.ts";

export interface SignedMessage {
  /** What is signed. */
  readonly body: Uint8Array;
  /** AlgorithmIdentifier. */
  readonly algorithm: DerValue;
  readonly value: Uint8Array;
}

/** Whether a message was signed with the key of a certificate; undefined when that cannot be said here. */
export async function isSignedWith({ body, algorithm, value }: SignedMessage, certificate: Certificate): Promise<boolean | undefined> {
  const method = algorithmIn(algorithm);
  if (method === undefined || (method.salt !== undefined && method.salt !== SALT_LENGTHS[method.hash])) return undefined;
  return isValueOf(method, { key: certificate.publicKey, signed: body, value });
}

/** Of RSASSA-PSS: as long as the hash. */
const SALT_LENGTHS: Readonly<Record<Hash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };
