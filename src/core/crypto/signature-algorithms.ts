/** How certificates and messages say by what they were signed (RFC 3279, 4055, 5758, 8410): AlgorithmIdentifier. */
import type { Digest, Hash } from "./platform/platform.ts";
import { identifierIn, numberIn, TAG, valuesIn, type DerValue } from "./read-der.ts";

/** How a signature was made; with `salt`, RSASSA-PSS with so many bytes of it. */
export interface SignatureAlgorithm {
  readonly keyType: "rsa" | "ec" | "ed25519" | "ed448";
  readonly hash: Hash;
  readonly salt?: number | undefined;
}

const METHODS: Readonly<Record<string, SignatureAlgorithm>> = {
  "1.2.840.113549.1.1.5": { keyType: "rsa", hash: "sha1" },
  "1.2.840.113549.1.1.11": { keyType: "rsa", hash: "sha256" },
  "1.2.840.113549.1.1.12": { keyType: "rsa", hash: "sha384" },
  "1.2.840.113549.1.1.13": { keyType: "rsa", hash: "sha512" },
  "1.2.840.10045.4.1": { keyType: "ec", hash: "sha1" },
  "1.2.840.10045.4.3.2": { keyType: "ec", hash: "sha256" },
  "1.2.840.10045.4.3.3": { keyType: "ec", hash: "sha384" },
  "1.2.840.10045.4.3.4": { keyType: "ec", hash: "sha512" },
  // RFC 8032 says which hash itself.
  "1.3.101.112": { keyType: "ed25519", hash: "sha512" },
  "1.3.101.113": { keyType: "ed448", hash: "sha512" },
};
const PSS = "1.2.840.113549.1.1.10";
const HASHES: Readonly<Record<string, Hash>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
/** Those by which content is named besides (RFC 8702; NIST's register of algorithms). */
const DIGESTS: Readonly<Record<string, Digest>> = {
  "2.16.840.1.101.3.4.2.8": "sha3-256",
  "2.16.840.1.101.3.4.2.9": "sha3-384",
  "2.16.840.1.101.3.4.2.10": "sha3-512",
  "2.16.840.1.101.3.4.2.12": "shake256",
};
/** SHAKE256 with its length beside it, as RFC 8419 has it for Ed448. */
const SHAKE256_OF_LENGTH = "2.16.840.1.101.3.4.2.18";
const SHAKE256_BITS = 512n;

/** Bytes of r and s each, by OpenSSL's name of the curve. */
export const ECDSA_LENGTHS: Readonly<Record<string, number>> = {
  prime256v1: 32,
  secp256k1: 32,
  secp384r1: 48,
  secp521r1: 66,
  brainpoolP256r1: 32,
  brainpoolP384r1: 48,
  brainpoolP512r1: 64,
};

/** The algorithm that an AlgorithmIdentifier names; undefined for one that is not known. DerError when it is none at all. */
export function algorithmIn(algorithm: DerValue): SignatureAlgorithm | undefined {
  const [identifier, parameters] = valuesIn(algorithm, TAG.sequence, 2);
  const name = identifierIn(identifier);
  return name === PSS ? pssMethod(parameters) : METHODS[name];
}

/** RFC 4055 section 3.1: hash, mask and salt; WebCrypto knows the mask of the same hash alone. */
function pssMethod(parameters: DerValue | undefined): SignatureAlgorithm | undefined {
  const fields = new Map(valuesIn(parameters, TAG.sequence, 4).map((field) => [field.tag, valuesIn(field, undefined, 1)[0]]));
  const hash = hashOf(fields.get(0xa0));
  const mask = fields.get(0xa1);
  const maskHash = mask === undefined ? "sha1" : hashOf(valuesIn(mask, TAG.sequence, 2)[1]);
  const salt = fields.has(0xa2) ? Number(numberIn(fields.get(0xa2))) : 20;
  return hash === undefined || hash !== maskHash || fields.has(0xa3) ? undefined : { keyType: "rsa", hash, salt };
}

/** SHA-1 where none is named. */
function hashOf(algorithm: DerValue | undefined): Hash | undefined {
  return algorithm === undefined ? "sha1" : hashIn(algorithm);
}

/** The hash that an AlgorithmIdentifier names; undefined for one that is not known. */
export function hashIn(algorithm: DerValue | undefined): Hash | undefined {
  return HASHES[identifierIn(valuesIn(algorithm, TAG.sequence, 2)[0])];
}

/** The same of those by which content is named. */
export function digestIn(algorithm: DerValue | undefined): Digest | undefined {
  const [identifier, length] = valuesIn(algorithm, TAG.sequence);
  const name = identifierIn(identifier);
  if (name === SHAKE256_OF_LENGTH) return length?.tag === TAG.integer && numberIn(length) === SHAKE256_BITS ? "shake256" : undefined;
  return HASHES[name] ?? DIGESTS[name];
}

/** Whether signatures rest on it, not only names of content. */
export function isHash(digest: Digest): digest is Hash {
  return Object.values<string>(HASHES).includes(digest);
}

/**
 * A value of ECDSA with both numbers in their full length (RFC 7518 section 3.4, RFC 9231 section 2.3.6), by OpenSSL's name of the curve. EU DSS, and others, write each as short as the longer of the
 * two is; what has another shape comes back as it is.
 */
export function fullNumbers(value: Uint8Array, curve: string): Uint8Array {
  const length = ECDSA_LENGTHS[curve];
  const half = value.length / 2;
  if (length === undefined || !Number.isInteger(half) || half >= length) return value;
  const full = new Uint8Array(2 * length);
  full.set(value.subarray(0, half), length - half);
  full.set(value.subarray(half), 2 * length - half);
  return full;
}
