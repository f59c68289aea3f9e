/** Bytes as text, put together, and searched. */
import { platform } from "./platform/here.ts";

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return platform.toHex(bytes);
}

/** The bytes of hex, two digits each; what is no digit counts as 0. For constants. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8; what is none becomes U+FFFD. A byte order mark stays. */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Parts, one behind the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Where some bytes stand in others, from a place on; -1 where they do not. Tries each place: for a few bytes. */
export function indexOfBytes(whole: Uint8Array, part: Uint8Array, from = 0): number {
  const [first = 0] = part;
  for (let at = whole.indexOf(first, from); at >= 0; at = whole.indexOf(first, at + 1))
    if (part.every((byte, offset) => whole[at + offset] === byte)) return at;
  return -1;
}

/** Whether some bytes stand in others. */
export function includesBytes(whole: Uint8Array, part: Uint8Array): boolean {
  return part.length === 0 || indexOfBytes(whole, part) >= 0;
}

/**
 * A copy in memory of its own, which may be moved to another thread. Of a Buffer, `slice` is no copy: moving it empties what somebody works on with.
 */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
