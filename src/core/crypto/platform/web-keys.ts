/** Public keys in a browser: which they are, and what checks with them. RSA and the curves of NIST are WebCrypto's; other curves are those of @noble/curves. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from "@noble/curves/misc.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { AppError } from "../../errors.ts";
import { bytesOfBits, DerError, identifierIn, naturalIn, numberIn, readDer, TAG, valuesIn, type DerValue } from "../read-der.ts";
import type { Hash, PublicKey } from "./platform.ts";
import type { SignatureAlgorithm } from "../signature-algorithms.ts";
import { webHash } from "./web-hashes.ts";

/** A key as it stands in a certificate. */
export interface WebKey extends PublicKey {
  /** DER of SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** What of it the algorithm takes: a point, or the key of RFC 8032. */
  readonly bits: Uint8Array;
}

type Curve = typeof p256;

/** By object identifier; with the name under which WebCrypto knows it, where it does. */
const CURVES: Readonly<Record<string, { readonly name: string; readonly curve: () => Curve; readonly webName?: string }>> = {
  "1.2.840.10045.3.1.7": { name: "prime256v1", curve: () => p256, webName: "P-256" },
  "1.3.132.0.34": { name: "secp384r1", curve: () => p384, webName: "P-384" },
  "1.3.132.0.35": { name: "secp521r1", curve: () => p521, webName: "P-521" },
  "1.3.132.0.10": { name: "secp256k1", curve: () => secp256k1 },
  "1.3.36.3.3.2.8.1.1.7": { name: "brainpoolP256r1", curve: () => brainpoolP256r1 },
  "1.3.36.3.3.2.8.1.1.11": { name: "brainpoolP384r1", curve: () => brainpoolP384r1 },
  "1.3.36.3.3.2.8.1.1.13": { name: "brainpoolP512r1", curve: () => brainpoolP512r1 },
};

const RSA: Readonly<Record<string, string>> = { "1.2.840.113549.1.1.1": "rsa", "1.2.840.113549.1.1.10": "rsa-pss" };
const EDWARDS: Readonly<Record<string, { readonly keyType: string; readonly length: number }>> = {
  "1.3.101.112": { keyType: "ed25519", length: 32 },
  "1.3.101.113": { keyType: "ed448", length: 57 },
};
/** Keys that can be read and that nothing is checked with. */
const OTHERS: Readonly<Record<string, string>> = { "1.2.840.10040.4.1": "dsa", "1.3.101.110": "x25519", "1.3.101.111": "x448" };
const ELLIPTIC = "1.2.840.10045.2.1";
const HASH_NAMES: Readonly<Record<Hash, string>> = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };

/** Reads SubjectPublicKeyInfo. Throws when it is none of a kind that is known, or no key at all. */
export function readKey(info: DerValue | undefined): WebKey {
  const [algorithm, key] = valuesIn(info, TAG.sequence);
  const [identifierValue, parameters] = valuesIn(algorithm, TAG.sequence);
  const identifier = identifierIn(identifierValue);
  const base = { spki: info?.whole ?? new Uint8Array(), bits: bytesOfBits(key) };
  const rsa = RSA[identifier];
  if (rsa !== undefined) {
    const [modulus, exponent] = valuesIn(readDer(base.bits), TAG.sequence);
    const bytes = naturalIn(modulus);
    return { ...base, keyType: rsa, modulusLength: bytes.length * 8 - Math.clz32(bytes[0] ?? 0) + 24, publicExponent: numberIn(exponent) };
  }
  if (identifier === ELLIPTIC) {
    if (parameters?.tag !== TAG.objectIdentifier) return { ...base, keyType: "ec" };
    const curve = identifierIn(parameters);
    // Throws for a point that is not on the curve.
    CURVES[curve]?.curve().Point.fromBytes(base.bits);
    return { ...base, keyType: "ec", curve: CURVES[curve]?.name ?? curve };
  }
  const edwards = EDWARDS[identifier];
  if (edwards && base.bits.length !== edwards.length) throw new DerError("a key of another length");
  const keyType = edwards?.keyType ?? OTHERS[identifier];
  if (keyType === undefined) throw new DerError("a key of a kind that is not known");
  return { ...base, keyType };
}

/** Whether a signature (ECDSA: r || s) is the key's; undefined when neither WebCrypto nor we can tell. */
export async function verifyWith(key: WebKey, method: SignatureAlgorithm, input: Uint8Array, signature: Uint8Array): Promise<boolean | undefined> {
  if (key.keyType !== method.keyType) return undefined;
  try {
    if (method.keyType === "ed25519") return verifyEd25519(key.bits, input, signature);
    if (method.keyType === "ed448") return ed448.verify(signature, input, key.bits, { zip215: false });
    if (method.keyType === "rsa") return await verifyRsa(key, method, input, signature);
    const known = Object.values(CURVES).find(({ name }) => name === key.curve);
    if (known?.webName !== undefined) return await verifyEc(key, known.webName, method.hash, input, signature);
    // Another length than that of r and s is no signature at all.
    if (known && signature.length !== 2 * known.curve().Point.Fn.BYTES) return false;
    return known?.curve().verify(signature, webHash(method.hash, [input]), key.bits, { prehash: false, lowS: false, format: "compact" });
  } catch (error) {
    if (error instanceof AppError) throw error;
    return undefined;
  }
}

/** RFC 8032, as FIPS 186-5 has it: without the points that ZIP 215 would let pass. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false; // a signature of another length, or no point
  }
}

/** A key in WebCrypto; throws when it takes none of this kind. */
async function importKey(key: WebKey, algorithm: object): Promise<Awaited<ReturnType<SubtleCrypto["importKey"]>>> {
  return subtle().importKey("spki", new Uint8Array(key.spki), algorithm as { name: string }, false, ["verify"]);
}

/** WebCrypto's parameters for a key's use. */
function rsaAlgorithm(hash: Hash, isPss: boolean): object {
  return { name: isPss ? "RSA-PSS" : "RSASSA-PKCS1-v1_5", hash: HASH_NAMES[hash] };
}

/** How many bytes r and s have each, on a curve that is known. */
export function scalarLengthOf({ curve }: PublicKey): number | undefined {
  return Object.values(CURVES)
    .find(({ name }) => name === curve)
    ?.curve().Point.Fn.BYTES;
}

type SubtleCrypto = typeof globalThis.crypto.subtle;

/** Only a page that came over https, or from the machine itself, is given WebCrypto. */
function subtle(): SubtleCrypto {
  const { subtle: given } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (given === undefined) throw new AppError("unsupported", "this page is given no cryptography by the browser: it must come over https");
  return given;
}

async function verifyRsa(key: WebKey, { hash, salt }: SignatureAlgorithm, input: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const imported = await importKey(key, rsaAlgorithm(hash, salt !== undefined));
  const algorithm = salt === undefined ? { name: "RSASSA-PKCS1-v1_5" } : { name: "RSA-PSS", saltLength: salt };
  return subtle().verify(algorithm, imported, new Uint8Array(signature), new Uint8Array(input));
}

async function verifyEc(key: WebKey, curve: string, hash: Hash, input: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const imported = await importKey(key, { name: "ECDSA", namedCurve: curve });
  return subtle().verify({ name: "ECDSA", hash: HASH_NAMES[hash] }, imported, new Uint8Array(signature), new Uint8Array(input));
}
