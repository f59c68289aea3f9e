/**
 * Reads DER (X.690) as far as certificates and signatures need it: tags of one byte, definite lengths in their shortest form. Whatever is otherwise is refused, since it could be
 * understood in two ways.
 */
import { AppError } from "../errors.ts";

/** Not DER, or not what was expected there: an AppError `malformed`. */
export class DerError extends AppError {
  constructor(reason: string) {
    super("malformed", `not ASN.1 in distinguished encoding: ${reason}`);
  }
}

/** Identifier octets of what certificates are made of. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value: its identifier octet, what it holds, and all of it with its head. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/** The value at the start of bytes; what stands behind it is the caller's. */
export function readDer(bytes: Uint8Array): DerValue {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError("no value");
  let length = first;
  let at = 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerError("a length of another form");
    length = 0;
    for (; at < 2 + count; at += 1) length = length * 256 + (bytes[at] ?? 0);
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError("a length that is not in its shortest form");
  }
  if (at + length > bytes.length) throw new DerError("cut off");
  return { tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(0, at + length) };
}

/** The value that bytes are, from the first to the last; `isPadded`: zeros may follow it. */
export function readWholeDer(bytes: Uint8Array, { isPadded = false } = {}): DerValue {
  const value = readDer(bytes);
  const rest = bytes.subarray(value.whole.length);
  if (rest.length > 0 && !(isPadded && rest.every((byte) => byte === 0))) throw new DerError("something follows it");
  return value;
}

/** No certificate has so many of anything; each takes a hundred times the two bytes that it may be written in. */
const MOST_VALUES = 10_000;

/** The values that lie in one of this tag (in any constructed one without it), one behind the other; DerError when there are more than `most`. */
export function valuesIn(value: DerValue | undefined, tag?: number, most = MOST_VALUES): DerValue[] {
  const values: DerValue[] = [];
  for (const next of eachValueIn(value, tag)) {
    if (values.length >= most) throw new DerError(`more than ${most} values`);
    values.push(next);
  }
  return values;
}

/** The same one by one, however many there are: none is kept. */
export function* eachValueIn(value: DerValue | undefined, tag?: number): Generator<DerValue> {
  if (value === undefined || (tag === undefined ? (value.tag & 0x20) === 0 : value.tag !== tag)) throw new DerError("another type");
  for (let rest = value.content; rest.length > 0;) {
    const next = readDer(rest);
    yield next;
    rest = rest.subarray(next.whole.length);
  }
}

/** The content of a value of this tag. */
export function contentOf(value: DerValue | undefined, tag: number): Uint8Array {
  if (value?.tag !== tag) throw new DerError("another type");
  return value.content;
}

/** An object identifier in dots: `2.5.4.3`. */
export function identifierIn(value: DerValue | undefined): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  const bytes = contentOf(value, TAG.objectIdentifier);
  if (bytes.length === 0 || bytes.length > 64 || ((bytes.at(-1) ?? 0x80) & 0x80) !== 0) throw new DerError("an object identifier that ends early");
  for (const byte of bytes) {
    arc = arc * 128n + BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [head = 0n, ...rest] = arcs;
  const root = head < 80n ? head / 40n : 2n;
  return [root, head - root * 40n, ...rest].join(".");
}

/** The bytes of a whole number from 0, without the zero before it. */
export function naturalIn(value: DerValue | undefined): Uint8Array {
  const bytes = contentOf(value, TAG.integer);
  const [first, second] = bytes;
  if (first === undefined || first >= 0x80 || (first === 0 && second !== undefined && second < 0x80)) throw new DerError("not a whole number from 0");
  return first === 0 ? bytes.subarray(1) : bytes;
}

/** Bytes: RSA of 16,384 bits, and a zero before it. */
const LONGEST_NUMBER = 2_049;

/** A whole number from 0, of the size of a key at most: a sender may write one of many kilobytes where a small one belongs. */
export function numberIn(value: DerValue | undefined): bigint {
  if ((value?.content.length ?? 0) > LONGEST_NUMBER) throw new DerError("a number that is larger than any that is used");
  return BigInt(`0x0${Array.from(naturalIn(value), (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

/** The bytes of a bit string that is made of whole bytes. */
export function bytesOfBits(value: DerValue | undefined): Uint8Array {
  const bytes = contentOf(value, TAG.bitString);
  if (bytes[0] !== 0) throw new DerError("not whole bytes");
  return bytes.subarray(1);
}

/** A moment as RFC 5280 section 4.1.2.5 has it: UTCTime or GeneralizedTime, with seconds, in UTC. */
export function timeIn(value: DerValue | undefined): Date {
  const isShort = value?.tag === TAG.utcTime;
  const text = String.fromCharCode(...contentOf(value, isShort ? TAG.utcTime : TAG.generalizedTime).subarray(0, 20));
  const digits = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1);
  const [year = "", ...others] = digits ?? [];
  if (year.length !== (isShort ? 2 : 4)) throw new DerError("not a moment");
  const full = isShort ? `${Number(year) < 50 ? "20" : "19"}${year}` : year;
  const [month, day, hour, minute, second] = others;
  const time = new Date(`${full}-${month ?? ""}-${day ?? ""}T${hour ?? ""}:${minute ?? ""}:${second ?? ""}Z`);
  if (Number.isNaN(time.getTime())) throw new DerError("not a moment");
  return time;
}

/** An ECDSA signature's two numbers (RFC 3279 section 2.2.3) as r || s, each of `length` bytes; undefined when the bytes are no two numbers from 0 of at most that length. */
export function readEcdsaValue(der: Uint8Array, length: number): Uint8Array | undefined {
  try {
    const [r, s, ...more] = valuesIn(readDer(der), TAG.sequence).map(naturalIn);
    if (r === undefined || s === undefined || more.length > 0 || r.length > length || s.length > length) return undefined;
    const plain = new Uint8Array(2 * length);
    plain.set(r, length - r.length);
    plain.set(s, 2 * length - s.length);
    return plain;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
