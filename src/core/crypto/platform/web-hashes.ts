/** Hashes in a browser. WebCrypto only promises them; a Merkle tree is walked at once. */
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256, sha3_384, sha3_512, shake256_64 } from "@noble/hashes/sha3.js";
import type { Digest } from "./platform.ts";

const HASHES = { sha1, sha256, sha384, sha512, "sha3-256": sha3_256, "sha3-384": sha3_384, "sha3-512": sha3_512, shake256: shake256_64 } as const;

export function webHash(name: Digest, parts: readonly Uint8Array[]): Uint8Array {
  const hash = HASHES[name].create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
