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
/** Values that are written anew, and pieces of strings. A stream of octets comes in pieces of 1,000 bytes or more. */
const MOST_PIECES = 60_000;

/**
 * The value that bytes are, from the first to the last, with definite lengths in their shortest form and octet strings whole; the same bytes where they have that form. The order in sets, and
 * whatever values say, is left as it is. DerError for what is no value, lies deeper than 40 levels, or comes in more than 60,000 pieces.
 */
export function derOf(bytes: Uint8Array): Uint8Array {
  const value = new Reading(bytes).valueAt(0, bytes.length, 0);
  const end = typeof value === "number" ? value : value.end;
  if (end !== bytes.length) throw new DerError("something follows it");
  if (typeof value === "number") return bytes;
  const written = new Uint8Array(sizeOf(value));
  write(value, bytes, written, 0);
  return written;
}

/** Bytes that stay as they are. */
interface Kept {
  readonly from: number;
  end: number;
}

/** A value that is written anew. */
interface Made {
  /** Where the next value begins. */
  readonly end: number;
  readonly head: Uint8Array;
  /** Its content, of so many bytes when it is written. */
  readonly pieces: readonly (Kept | Made)[];
  readonly length: number;
}

class Reading {
  readonly #bytes: Uint8Array;
  #pieces = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A value that stays as it is by its end alone: nothing is made of it. */
  valueAt(start: number, limit: number, depth: number): number | Made {
    const bytes = this.#bytes;
    const tag = bytes[start];
    const first = bytes[start + 1];
    if (tag === undefined || first === undefined || start + 2 > limit || (tag & 0x1f) === 0x1f) throw new DerError("no value");
    if (depth > DEEPEST) throw new DerError("too many levels");
    const isToldAtTheEnd = first === AT_THE_END;
    const from = start + 2 + (first < AT_THE_END ? 0 : first & 0x7f);
    const length = first < AT_THE_END ? first : this.#lengthAt(start + 2, from);
    if (!isToldAtTheEnd && from + length > limit) throw new DerError("cut off");
    const end = isToldAtTheEnd ? limit : from + length;
    if ((tag & CONSTRUCTED) === 0) {
      if (isToldAtTheEnd) throw new DerError("a length of another form");
      return from - start === 1 + lengthOctets(length) ? end : this.#made(tag, [{ from, end }], end);
    }
    const pieces: (Kept | Made)[] = [];
    const isString = tag === STRING_IN_PIECES;
    let at = from;
    let isAnew = isToldAtTheEnd || isString || from - start !== 1 + lengthOctets(length);
    while (isToldAtTheEnd ? !(bytes[at] === 0 && bytes[at + 1] === 0 && at + 2 <= limit) : at < end) {
      const value = this.valueAt(at, end, depth + 1);
      if (isString) this.#addString(pieces, at, value);
      else if (typeof value === "number") keep(pieces, at, value);
      else pieces.push(value);
      isAnew ||= typeof value !== "number";
      at = typeof value === "number" ? value : value.end;
    }
    return isAnew ? this.#made(isString ? TAG.octetString : tag, pieces, isToldAtTheEnd ? at + 2 : end) : end;
  }

  /** What a piece of a string has within, without its head. */
  #addString(pieces: (Kept | Made)[], at: number, value: number | Made): void {
    this.#count();
    if (typeof value !== "number") {
      if (value.head[0] !== TAG.octetString) throw new DerError("an octet string in pieces of another type");
      for (const piece of value.pieces) pieces.push(piece);
      return;
    }
    if (this.#bytes[at] !== TAG.octetString) throw new DerError("an octet string in pieces of another type");
    const first = this.#bytes[at + 1] ?? 0;
    pieces.push({ from: at + 2 + (first < AT_THE_END ? 0 : first & 0x7f), end: value });
  }

  #lengthAt(at: number, from: number): number {
    if (from - at > 8) throw new DerError("a length of another form");
    let length = 0;
    for (let next = at; next < from; next += 1) length = length * 256 + (this.#bytes[next] ?? 0);
    return length;
  }

  #made(tag: number, pieces: readonly (Kept | Made)[], end: number): Made {
    this.#count();
    const length = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
    return { end, head: head(tag, length), pieces, length };
  }

  #count(): void {
    this.#pieces += 1;
    if (this.#pieces > MOST_PIECES) throw new DerError("too many pieces");
  }
}

/** Values that stay as they are, and lie behind each other, are kept together. */
function keep(pieces: (Kept | Made)[], from: number, end: number): void {
  const last = pieces.at(-1);
  if (last && !("head" in last) && last.end === from) last.end = end;
  else pieces.push({ from, end });
}

function sizeOf(piece: Kept | Made): number {
  return "head" in piece ? piece.head.length + piece.length : piece.end - piece.from;
}

/** Gives where the next one begins. */
function write(piece: Kept | Made, bytes: Uint8Array, into: Uint8Array, at: number): number {
  if (!("head" in piece)) {
    into.set(bytes.subarray(piece.from, piece.end), at);
    return at + piece.end - piece.from;
  }
  into.set(piece.head, at);
  return piece.pieces.reduce((next, part) => write(part, bytes, into, next), at + piece.head.length);
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
