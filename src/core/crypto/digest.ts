import { platform } from "./platform/here.ts";
import type { Digest } from "./platform/platform.ts";

/** The SHA-256 hash (FIPS 180-4) of bytes: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return platform.hash("sha256", parts);
}

/** The hash of bytes by a name that a signature gives. */
export function hashOf(name: Digest, bytes: Uint8Array): Uint8Array {
  return platform.hash(name, [bytes]);
}

/** The digest by which content is named everywhere outside of the Merkle tree: `sha256:` and 64 lower-case hex digits. A string counts as its UTF-8 bytes. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${platform.sha256Hex(content)}`;
}

/** A keyed hash, HMAC-SHA-256 (RFC 2104), of text's UTF-8 bytes: 64 lower-case hex digits. */
export function keyedHash(key: Uint8Array, text: string): string {
  return platform.hmacSha256Hex(key, text);
}

/** Whether text has the form that `digestOf` gives. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Whether two byte strings are equal, in a time that depends on their length alone. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && platform.isEqual(one, other);
}
