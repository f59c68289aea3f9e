/** Node's cryptography. */
import { constants, createHash, createHmac, createPublicKey, createSecretKey, hash, timingSafeEqual, verify } from "node:crypto";
import { inflateSync } from "node:zlib";
import { keyObjectOf, readNodeCertificate } from "./node-certificate.ts";
import { ECDSA_LENGTHS } from "../signature-algorithms.ts";
import { verifyNumbers } from "./node-ecdsa.ts";
import { isAsLongAsModulus, type Digest, type Platform } from "./platform.ts";

/** The DER of SubjectPublicKeyInfo that stands before an Ed25519 key's 32 bytes (RFC 8410 section 4). */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The same before an ML-DSA-44 key's 1,312 bytes (RFC 9881 section 4). */
const ML_DSA_44_PREFIX = Buffer.from("30820532300b06096086480165030403110382052100", "hex");

export const nodePlatform: Platform = {
  hash: hashOf,
  sha256Hex: (content) => hash("sha256", content, "hex"),
  // As an object: of bare bytes Node finds out by an error, with its stack, that they are none.
  hmacSha256Hex: (key, text) => createHmac("sha256", createSecretKey(key)).update(text).digest("hex"),
  isEqual: (one, other) => timingSafeEqual(one, other),
  toHex: (bytes) => view(bytes).toString("hex"),
  toBase64: (bytes, alphabet) => view(bytes).toString(alphabet),
  fromBase64: (text, alphabet) => {
    const bytes = Buffer.from(text, alphabet);
    return bytes.toString(alphabet) === text ? new Uint8Array(bytes) : undefined;
  },
  // eslint-disable-next-line @typescript-eslint/require-await -- the port waits, since a browser must
  inflate: async (bytes, most) => inflated(bytes, most),
  readCertificate: readNodeCertificate,
  // eslint-disable-next-line @typescript-eslint/require-await -- the port waits, since a browser must
  verify: async ({ hash, keyType, isPss, saltLength = constants.RSA_PSS_SALTLEN_DIGEST }, key, input, signature) => {
    const keyObject = keyObjectOf(key);
    if (keyType === "ed25519" || keyType === "ed448") return verify(null, input, keyObject, signature);
    if (keyType === "rsa" && !isAsLongAsModulus(signature, key)) return false;
    if (keyType === "ec" && signature.length === 2 * (ECDSA_LENGTHS[key.curve ?? ""] ?? Infinity))
      return verifyNumbers(hash, input, keyObject, signature);
    if (keyType === "ec") return verify(hash, input, { key: keyObject, dsaEncoding: "ieee-p1363" }, signature);
    const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } : { padding: constants.RSA_PKCS1_PADDING };
    return verify(hash, input, { key: keyObject, ...padding }, signature);
  },
  ed25519: (publicKey) => verifierOf(ED25519_PREFIX, publicKey),
  mlDsa44: (publicKey) => verifierOf(ML_DSA_44_PREFIX, publicKey),
};

/** What checks signatures that are made over the message itself, by a key that stands behind its prefix. */
function verifierOf(prefix: Buffer, publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: "der", type: "spki" });
  return (message, signature) => verify(null, message, key, signature);
}

/** In bytes; OpenSSL's own choice is 32. */
const SHAKE256_LENGTH = 64;

function hashOf(name: Digest, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(name, name === "shake256" ? { outputLength: SHAKE256_LENGTH } : {});
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

function inflated(bytes: Uint8Array, most: number): Uint8Array | undefined {
  try {
    // With `info` it tells how far it read; Node's types leave that out.
    const { buffer, engine } = inflateSync(bytes, { maxOutputLength: most, info: true }) as unknown as Inflated;
    return engine.bytesWritten === bytes.length ? new Uint8Array(buffer) : undefined;
  } catch {
    return undefined; // damaged, cut off, or too large
  }
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** The same bytes; nothing is copied. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
