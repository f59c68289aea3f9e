/** As much of ASN.1's distinguished encoding rules (X.690) as our own certificates and signatures take to write. */

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(0x30, ...items);
}

/** A set of values of one kind, in the order of their bytes (X.690 section 11.6). */
export function setOf(...items: readonly Uint8Array[]): Uint8Array {
  return element(0x31, ...items.toSorted((one, other) => Buffer.compare(one, other)));
}

export function nothing(): Uint8Array {
  return element(0x05);
}

/** A context-specific, constructed tag. */
export function tagged(tag: number, ...items: readonly Uint8Array[]): Uint8Array {
  return element(0xa0 | tag, ...items);
}

/** A non-negative integer from big-endian bytes. */
export function integer(...bytes: readonly number[]): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? [0] : bytes.slice(start);
  return element(0x02, Uint8Array.from((digits[0] as number) >= 0x80 ? [0, ...digits] : digits));
}

export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function utf8String(text: string): Uint8Array {
  return element(0x0c, new TextEncoder().encode(text));
}

export function octetString(...content: readonly Uint8Array[]): Uint8Array {
  return element(0x04, ...content);
}

/** Bits, of which the last `unused` of the last byte do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array {
  return element(0x03, Uint8Array.of(unused), bytes);
}

export function boolean(value: boolean): Uint8Array {
  return element(0x01, Uint8Array.of(value ? 0xff : 0));
}

/** A moment, to the second: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
export function time(moment: Date): Uint8Array {
  const digits = `${moment.toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`;
  const isShort = moment.getUTCFullYear() < 2050;
  return element(isShort ? 0x17 : 0x18, new TextEncoder().encode(isShort ? digits.slice(2) : digits));
}

function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  return new Uint8Array(Buffer.concat([Uint8Array.from([tag, ...lengthOf(body.length)]), body]));
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}
