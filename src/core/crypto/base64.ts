/**
 * Base64 that has one spelling only. Many decoders skip whatever they do not know, so that many texts would stand for the same bytes and a changed character could go
 * unnoticed; here, text that is not exactly what encoding its bytes gives is refused.
 */
import { platform } from "./platform/here.ts";

/** RFC 4648 section 4, with padding. */
export function toBase64(bytes: Uint8Array): string {
  return platform.toBase64(bytes, "base64");
}

/** The bytes of RFC 4648 section 4 text with its padding; undefined when it is anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  return platform.fromBase64(text, "base64");
}

/** RFC 4648 section 5 without padding, as RFC 7515 uses it. A string counts as its UTF-8 bytes. */
export function toBase64Url(content: Uint8Array | string): string {
  return platform.toBase64(typeof content === "string" ? new TextEncoder().encode(content) : content, "base64url");
}

/** The bytes of RFC 4648 section 5 text without padding; undefined when it is anything else. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  return platform.fromBase64(text, "base64url");
}
