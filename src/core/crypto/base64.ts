/**
 * Base64 that has one spelling only. Node's decoder skips whatever it does not know, so that many texts would stand for the same bytes and a
 * changed character could go unnoticed; here, text that is not exactly what encoding its bytes gives is refused.
 */

/** RFC 4648 section 4, with padding. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** The bytes of RFC 4648 section 4 text with its padding; undefined when it is anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}

/** RFC 4648 section 5 without padding, as RFC 7515 uses it. A string counts as its UTF-8 bytes. */
export function toBase64Url(content: Uint8Array | string): string {
  return (typeof content === "string" ? Buffer.from(content, "utf8") : Buffer.from(content)).toString("base64url");
}

/** The bytes of RFC 4648 section 5 text without padding; undefined when it is anything else. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : undefined;
}
