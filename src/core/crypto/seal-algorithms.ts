/** By which algorithm seals are made: one for each kind of key that a seal may have (RFC 7518, RFC 8037). The longer a key, the longer the hash; an RSA key signs with PSS. */
import { isUsableKey } from "./certificate-path.ts";
import type { SealAlgorithm } from "./keys.ts";
import type { Hash, PublicKey } from "./platform/platform.ts";

/** What is to be known of one. */
export interface SealMethod {
  readonly keyType: "ec" | "rsa" | "ed25519";
  /** OpenSSL's name, of elliptic curves. */
  readonly curve?: string;
  readonly hash: Hash;
  /** ECDSA: bytes of r, and of s. */
  readonly half?: number;
}

export const SEAL_METHODS: Readonly<Record<SealAlgorithm, SealMethod>> = {
  ES256: { keyType: "ec", curve: "prime256v1", hash: "sha256", half: 32 },
  ES384: { keyType: "ec", curve: "secp384r1", hash: "sha384", half: 48 },
  ES512: { keyType: "ec", curve: "secp521r1", hash: "sha512", half: 66 },
  PS256: { keyType: "rsa", hash: "sha256" },
  EdDSA: { keyType: "ed25519", hash: "sha512" },
};

/** The one for a key; undefined for a key under which no seal is made, because it could not be verified everywhere. */
export function sealAlgorithmOf(key: PublicKey): SealAlgorithm | undefined {
  const names = Object.keys(SEAL_METHODS) as SealAlgorithm[];
  if (!isUsableKey(key)) return undefined;
  return names.find((name) => SEAL_METHODS[name].keyType === key.keyType && SEAL_METHODS[name].curve === key.curve);
}
