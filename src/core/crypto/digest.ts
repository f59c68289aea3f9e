import { createHash, timingSafeEqual } from "node:crypto";

/** The SHA-256 hash (FIPS 180-4) of bytes: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The digest by which content is named everywhere outside of the Merkle tree: `sha256:` and 64 lower-case hex digits. A string counts as its UTF-8 bytes. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** Whether text has the form that `digestOf` gives. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Whether two byte strings are equal, in a time that depends on their length alone. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
