/** The objects of a PDF (ISO 32000-1 section 7.3) as values: what is here is all there is. */

import { latin1Bytes } from "./latin1.ts";

/** A name, with its slash and with its `#xx` resolved, one character a byte. Dictionaries have names as their keys. */
export type PdfName = `/${string}`;

export type PdfDictionary = ReadonlyMap<PdfName, PdfValue>;

export type PdfValue = null | boolean | number | PdfName | PdfString | PdfReference | readonly PdfValue[] | PdfDictionary | PdfStream;

/** A string is bytes: what letters they are depends on where it stands. */
export class PdfString {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A text string (section 7.9.2.2): plain ASCII as it is, everything else UTF-16 with its mark. */
  static text(text: string): PdfString {
    const isPlain = /^[\x20-\x7e]*$/.test(text);
    return new PdfString(isPlain ? latin1Bytes(text) : Uint8Array.from(`\ufeff${text}`.split("").flatMap(bigEndian)));
  }
}

/** A code unit of UTF-16. */
function bigEndian(unit: string): number[] {
  const code = unit.charCodeAt(0);
  return [code >> 8, code & 0xff];
}

/** An indirect object by its number. Its generation is 0: a file that was written at once has no other. */
export class PdfReference {
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }
}

/** A dictionary with bytes as its filters left them. */
export class PdfStream {
  readonly dictionary: PdfDictionary;
  readonly bytes: Uint8Array;

  constructor(dictionary: PdfDictionary, bytes: Uint8Array) {
    this.dictionary = dictionary;
    this.bytes = bytes;
  }
}

/** Undefined when it is none. */
export function asDictionary(value: PdfValue | undefined): PdfDictionary | undefined {
  return value instanceof Map ? (value as PdfDictionary) : undefined;
}

/** Undefined when it is none. */
export function asArray(value: PdfValue | undefined): readonly PdfValue[] | undefined {
  return Array.isArray(value) ? (value as readonly PdfValue[]) : undefined;
}

/** The name without its slash; undefined when it is none. */
export function nameOf(value: PdfValue | undefined): string | undefined {
  return typeof value === "string" ? value.slice(1) : undefined;
}

/** A dictionary from an object whose keys are names without their slashes; what is undefined is left out. */
export function dictionary(entries: Readonly<Record<string, PdfValue | undefined>>): PdfDictionary {
  const made = new Map<PdfName, PdfValue>();
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) made.set(`/${key}`, value);
  return made;
}

/** The same with some entries set, or removed where they are undefined. */
export function withEntries(before: PdfDictionary, entries: Readonly<Record<string, PdfValue | undefined>>): PdfDictionary {
  const made = new Map(before);
  for (const [key, value] of Object.entries(entries)) {
    if (value === undefined) made.delete(`/${key}`);
    else made.set(`/${key}`, value);
  }
  return made;
}
