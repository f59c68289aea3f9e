/** Bytes as text of one character each, as hexadecimal digits, and back: how a PDF is written. A browser's `latin1` is another code page. */

/** So many characters are made at once: they are arguments of one call. */
const AT_ONCE = 4_096;

/** As far as there are any. */
export function latin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = "";
  const end = Math.min(to, bytes.length);
  for (let at = from; at < end; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, Math.min(at + AT_ONCE, end)));
  return text;
}

/** The bytes of characters up to U+00FF. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The bytes of an even number of hexadecimal digits, at the cost of a byte each: a stranger may send millions. */
export function hexBytes(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (digitAt(digits, 2 * at) << 4) | digitAt(digits, 2 * at + 1);
  return bytes;
}

function digitAt(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}
