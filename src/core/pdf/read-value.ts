/** Reads one object of a PDF (ISO 32000-1 section 7.3), at a cost that its length bounds. */
import { AppError } from "../errors.ts";
import { isRegular, skipLiteral, skipRegular, skipWhite } from "./characters.ts";
import { hexBytes, latin1, latin1Bytes } from "./latin1.ts";
import { PdfReference, PdfString, type PdfName, type PdfValue } from "./values.ts";

/** Objects within each other: real ones have a handful. */
const MAX_DEPTH = 50;

/** A value, and the place behind it. */
export interface ReadValue {
  readonly value: PdfValue;
  readonly end: number;
}

/** Reads a value that begins at `from`, white space apart; a stream as its dictionary. AppError `malformed`. */
export function readValue(bytes: Uint8Array, from: number): ReadValue {
  const reader = new ValueReader(bytes, from);
  const value = reader.read(0);
  return { value, end: reader.at };
}

class ValueReader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  read(depth: number): PdfValue {
    if (depth > MAX_DEPTH) throw malformed("its objects are too deep within each other");
    this.at = skipWhite(this.#bytes, this.at);
    switch (this.#bytes[this.at]) {
      case 0x2f:
        return this.#name();
      case 0x28:
        return this.#literal();
      case 0x5b:
        return this.#array(depth);
      case 0x3c:
        return this.#bytes[this.at + 1] === 0x3c ? this.#dictionary(depth) : this.#hexadecimal();
      default:
        return this.#word();
    }
  }

  #dictionary(depth: number): PdfValue {
    const made = new Map<PdfName, PdfValue>();
    this.at += 2;
    for (;;) {
      this.at = skipWhite(this.#bytes, this.at);
      if (this.#bytes[this.at] === 0x3e && this.#bytes[this.at + 1] === 0x3e) {
        this.at += 2;
        return made;
      }
      if (this.#bytes[this.at] !== 0x2f) throw malformed("a dictionary holds something else than names with their values");
      const key = this.#name();
      // Two readers could take one each.
      if (made.has(key)) throw malformed(`a dictionary holds ${key} twice`);
      made.set(key, this.read(depth + 1));
    }
  }

  #array(depth: number): PdfValue {
    const made: PdfValue[] = [];
    this.at += 1;
    for (;;) {
      this.at = skipWhite(this.#bytes, this.at);
      if (this.#bytes[this.at] === 0x5d) {
        this.at += 1;
        return made;
      }
      made.push(this.read(depth + 1));
    }
  }

  #name(): PdfName {
    const end = skipRegular(this.#bytes, this.at + 1);
    const text = latin1(this.#bytes, this.at + 1, end);
    this.at = end;
    return `/${text.includes("#") ? text.replace(/#([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))) : text}`;
  }

  #literal(): PdfString {
    const end = skipLiteral(this.#bytes, this.at);
    if (this.#bytes[end - 1] !== 0x29) throw malformed("a string does not end");
    const text = latin1(this.#bytes, this.at + 1, end - 1);
    this.at = end;
    return new PdfString(latin1Bytes(/[\\\r]/.test(text) ? unescape(text) : text));
  }

  #hexadecimal(): PdfString {
    const end = this.#bytes.indexOf(0x3e, this.at);
    if (end < 0) throw malformed("a string does not end");
    const digits = latin1(this.#bytes, this.at + 1, end).replace(/[\0\t\n\f\r ]+/g, "");
    if (!/^[0-9a-fA-F]*$/.test(digits)) throw malformed("a string holds something else than hexadecimal digits");
    this.at = end + 1;
    return new PdfString(hexBytes(digits.length % 2 === 0 ? digits : `${digits}0`));
  }

  #word(): PdfValue {
    const start = this.at;
    const end = skipRegular(this.#bytes, start);
    const text = latin1(this.#bytes, start, Math.min(end, start + 40));
    this.at = end;
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return /^\d{1,9}$/.test(text) ? (this.#reference(Number(text)) ?? Number(text)) : Number(text);
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    throw malformed(end === start ? "an object is missing" : `${JSON.stringify(text)} is no object`);
  }

  /** `number 0 R`; anything else behind the number belongs to what follows. */
  #reference(number: number): PdfReference | undefined {
    const bytes = this.#bytes;
    const generation = skipWhite(bytes, this.at);
    if (bytes[generation] !== 0x30 || isRegular(bytes[generation + 1])) return undefined;
    const mark = skipWhite(bytes, generation + 1);
    if (bytes[mark] !== 0x52 || isRegular(bytes[mark + 1])) return undefined;
    this.at = mark + 1;
    return new PdfReference(number);
  }
}

export function malformed(reason: string): AppError {
  return new AppError("malformed", `not a PDF of the form that is read here: ${reason}`);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** Section 7.3.4.2, table 3. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{1,3}|\r\n|[^])|\r\n?/g, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return "\n";
    if (/^[0-7]/.test(escaped)) return String.fromCharCode(parseInt(escaped, 8) & 0xff);
    if (/^[\r\n]/.test(escaped)) return "";
    return ESCAPES[escaped] ?? whole.slice(1);
  });
}
