/** The three kinds of characters of a PDF (ISO 32000-1 section 7.2.2), by their bytes. */

const WHITE = 1;
const DELIMITER = 2;
/** By byte; 0 is a regular character. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return "\0\t\n\f\r ".includes(character) ? WHITE : "()<>[]{}/%".includes(character) ? DELIMITER : 0;
});

export function isWhite(byte: number | undefined): boolean {
  return byte !== undefined && KINDS[byte] === WHITE;
}

/** Whether a name, number or keyword goes on with it. */
export function isRegular(byte: number | undefined): boolean {
  return byte !== undefined && KINDS[byte] === 0;
}

/** The place behind white space and comments. */
export function skipWhite(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    while (isWhite(bytes[at])) at += 1;
    if (bytes[at] !== 0x25) return at;
    while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
  }
}

/** The place behind a name, number or keyword. */
export function skipRegular(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isRegular(bytes[at])) at += 1;
  return at;
}

/** The place behind a string in parentheses, which begins at `from`; the end of the bytes when it never ends. */
export function skipLiteral(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x5c) at += 1;
    else if (byte === 0x28) depth += 1;
    else if (byte === 0x29 && (depth -= 1) === 0) return at + 1;
  }
  return bytes.length;
}
