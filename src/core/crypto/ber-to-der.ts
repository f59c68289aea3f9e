/**
 * Messages come in basic encoding too (X.690 section 8): with lengths that are told at the end or in more bytes than they need, and with octet strings in pieces. What is read and checked is
 * the distinguished encoding of the same value, written here, so that there is one reader, which refuses whatever could be understood in two ways. Linear in the size of what comes.
 */
import { DerError, TAG } from "./read-der.ts";

const CONSTRUCTED = 0x20;
/** Of a length: it is told by two zeros behind the content. */
const AT_THE_END = 0x80;
const STRING_IN_PIECES = TAG.octetString | CONSTRUCTED;
const DEEPEST = 40;
/** Values that are written anew. A stream of octets comes in pieces of 1,000 bytes or more. */
const MOST_WRITTEN = 60_000;

/**
 * The value that bytes are, from the first to the last, with definite lengths in their shortest form and octet strings whole; the same bytes where they have that form. The order in sets, and
 * whatever values say, is left as it is. DerError for what is no value, lies deeper than 40 levels, or comes in more than 60,000 pieces.
 */
export function derOf(bytes: Uint8Array): Uint8Array {
  const reading = new Reading(bytes);
  const value = reading.valueAt(0, bytes.length, 0);
  if (value.end !== bytes.length) throw new DerError("something follows it");
  if (value.head === undefined) return bytes;
  const written = new Uint8Array(value.head.length + value.length);
  write(value, bytes, written, 0);
  return written;
}

/** A value by where it stands. */
interface Place {
  readonly tag: number;
  readonly start: number;
  /** Where its content begins; where the next value does. */
  readonly from: number;
  readonly end: number;
  /** Bytes of its content as it will be written. */
  readonly length: number;
  /** What is written before its content; undefined where the whole value stays as it is. */
  readonly head: Uint8Array | undefined;
  /** What is written as its content; undefined: the bytes that stand there. */
  readonly parts: readonly Place[] | undefined;
  /** Only their contents are written, one behind the other. */
  readonly isString: boolean;
}

class Reading {
  readonly #bytes: Uint8Array;
  #written = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  valueAt(start: number, limit: number, depth: number): Place {
    const tag = this.#bytes[start];
    const first = this.#bytes[start + 1];
    if (tag === undefined || first === undefined || start + 2 > limit || (tag & 0x1f) === 0x1f) throw new DerError("no value");
    if (depth > DEEPEST) throw new DerError("too many levels");
    const isConstructed = (tag & CONSTRUCTED) !== 0;
    if (first === AT_THE_END) {
      if (!isConstructed) throw new DerError("a length of another form");
      const { parts, at } = this.#partsIn(start + 2, limit, depth, true);
      return this.#anew(tag, { start, from: start + 2, end: at + 2 }, parts);
    }
    const from = start + 2 + (first < AT_THE_END ? 0 : first & 0x7f);
    const length = this.#lengthAt(start + 1, from);
    const end = from + length;
    if (end > limit) throw new DerError("cut off");
    const parts = isConstructed ? this.#partsIn(from, end, depth, false).parts : [];
    if (tag === STRING_IN_PIECES || parts.some(({ head }) => head !== undefined)) return this.#anew(tag, { start, from, end }, parts);
    const place = { tag, start, from, end, length, parts: undefined, isString: false };
    return from - start === 1 + lengthOctets(length) ? { ...place, head: undefined } : { ...place, head: this.#head(tag, length) };
  }

  /** The values in a content, up to its end or, where that is told by two zeros, up to them. */
  #partsIn(from: number, limit: number, depth: number, isToldAtTheEnd: boolean): { readonly parts: readonly Place[]; readonly at: number } {
    const parts: Place[] = [];
    let at = from;
    while (isToldAtTheEnd ? !(this.#bytes[at] === 0 && this.#bytes[at + 1] === 0 && at + 2 <= limit) : at < limit) {
      const part = this.valueAt(at, limit, depth + 1);
      parts.push(part);
      at = part.end;
    }
    return { parts, at };
  }

  #lengthAt(at: number, from: number): number {
    if (from === at + 1) return this.#bytes[at] ?? 0;
    if (from - at > 9) throw new DerError("a length of another form");
    let length = 0;
    for (let next = at + 1; next < from; next += 1) length = length * 256 + (this.#bytes[next] ?? 0);
    return length;
  }

  #anew(tag: number, place: Pick<Place, "start" | "from" | "end">, parts: readonly Place[]): Place {
    const isString = tag === STRING_IN_PIECES;
    if (isString && parts.some((part) => part.tag !== TAG.octetString)) throw new DerError("an octet string in pieces of another type");
    const length = parts.reduce((sum, part) => sum + (isString ? part.length : sizeOf(part)), 0);
    const own = isString ? TAG.octetString : tag;
    return { ...place, tag: own, length, head: this.#head(own, length), parts, isString };
  }

  #head(tag: number, length: number): Uint8Array {
    this.#written += 1;
    if (this.#written > MOST_WRITTEN) throw new DerError("too many pieces");
    return head(tag, length);
  }
}

function sizeOf({ start, end, head: anew, length }: Place): number {
  return anew === undefined ? end - start : anew.length + length;
}

/** Gives where the next one begins. */
function write(place: Place, bytes: Uint8Array, into: Uint8Array, at: number): number {
  if (place.head === undefined) {
    into.set(bytes.subarray(place.start, place.end), at);
    return at + place.end - place.start;
  }
  into.set(place.head, at);
  return writeContent(place, bytes, into, at + place.head.length);
}

function writeContent({ parts, isString, from, length }: Place, bytes: Uint8Array, into: Uint8Array, at: number): number {
  if (parts === undefined) {
    into.set(bytes.subarray(from, from + length), at);
    return at + length;
  }
  return parts.reduce((next, part) => (isString ? writeContent(part, bytes, into, next) : write(part, bytes, into, next)), at);
}

/** Identifier octet and length (X.690 sections 8.1.3 and 10.1). */
function head(tag: number, length: number): Uint8Array {
  const octets = lengthOctets(length);
  const made = Uint8Array.of(tag, length, ...new Uint8Array(octets - 1));
  if (octets === 1) return made;
  made[1] = AT_THE_END | (octets - 1);
  for (let at = octets, rest = length; at > 1; at -= 1, rest = Math.floor(rest / 256)) made[at] = rest % 256;
  return made;
}

function lengthOctets(length: number): number {
  let octets = 1;
  if (length >= AT_THE_END) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets += 1;
  return octets;
}
