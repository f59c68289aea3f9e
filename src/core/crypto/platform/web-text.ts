/** Base64 and hex in a browser, whatever its age: the methods of Uint8Array for it came to all of them only in 2025. */

/** RFC 4648 sections 4 and 5; the padding belongs to the first alone. */
export type Alphabet = "base64" | "base64url";

const SHARED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PADDING = 0x3d;
const NONE = 0xff;
const TABLES = { base64: tablesOf(`${SHARED}+/`), base64url: tablesOf(`${SHARED}-_`) } as const;

interface Tables {
  /** Character code by value. */
  readonly codes: Uint8Array;
  /** Value by character code; `NONE` for what is no digit. */
  readonly values: Uint8Array;
}

function tablesOf(digits: string): Tables {
  const codes = new TextEncoder().encode(digits);
  const values = new Uint8Array(256).fill(NONE);
  codes.forEach((code, value) => (values[code] = value));
  return { codes, values };
}

export function encodeBase64(bytes: Uint8Array, alphabet: Alphabet): string {
  const { codes } = TABLES[alphabet];
  const output = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  let to = 0;
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    output[to++] = codes[group >> 18] as number;
    output[to++] = codes[(group >> 12) & 63] as number;
    output[to++] = codes[(group >> 6) & 63] as number;
    output[to++] = codes[group & 63] as number;
  }
  const left = bytes.length - at;
  if (left > 0) {
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8);
    output[to++] = codes[group >> 18] as number;
    output[to++] = codes[(group >> 12) & 63] as number;
    if (left === 2) output[to++] = codes[(group >> 6) & 63] as number;
  }
  return new TextDecoder().decode(alphabet === "base64" ? output : output.subarray(0, to));
}

/** Undefined unless it is what `encodeBase64` gives of some bytes. */
export function decodeBase64(text: string, alphabet: Alphabet): Uint8Array | undefined {
  const { values } = TABLES[alphabet];
  const digits = alphabet === "base64" ? unpadded(text) : text.length;
  if (digits === undefined || digits % 4 === 1) return undefined;
  const output = new Uint8Array(Math.floor((digits * 3) / 4));
  let group = 0;
  let bits = 0;
  let to = 0;
  for (let at = 0; at < digits; at += 1) {
    const code = text.charCodeAt(at);
    const value = code < 256 ? (values[code] as number) : NONE;
    if (value === NONE) return undefined;
    group = ((group << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    output[to++] = (group >> bits) & 0xff;
  }
  // Bits that belong to no byte are zero in the one spelling.
  return (group & ((1 << bits) - 1)) === 0 ? output : undefined;
}

/** How many digits stand before the padding; undefined when it is not as long as it must be. */
function unpadded(text: string): number | undefined {
  if (text.length % 4 !== 0) return undefined;
  return text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
}

const HEX_DIGITS = new TextEncoder().encode("0123456789abcdef");

export function encodeHex(bytes: Uint8Array): string {
  const output = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    output[2 * at] = HEX_DIGITS[byte >> 4] as number;
    output[2 * at + 1] = HEX_DIGITS[byte & 15] as number;
  }
  return new TextDecoder().decode(output);
}
