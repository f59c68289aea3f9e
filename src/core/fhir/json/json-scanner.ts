/** The tokens of JSON (RFC 8259), read from one text. The structure stands in read-json.ts. Linear: every character is looked at once. */
import { JsonNumber } from "./tree.ts";

/** How the scanner tells of a fault at an offset. `error` comes back and the scanner goes on; `fatal` does not. */
export interface FaultSink {
  error(rule: string, text: string, offset: number): void;
  fatal(rule: string, text: string, offset: number): never;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const SLASH = 0x2f;
const ASTERISK = 0x2a;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z0-9_$+.-]+/y;
const HEX = /^[0-9A-Fa-f]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** Property names come again and again. One string for each spares memory, and makes comparing them a comparison of addresses. */
const NAME_SLOTS = 1024;

export class JsonScanner {
  readonly text: string;
  at = 0;
  /** Where comments begin that were passed over and not yet told of. */
  readonly comments: number[] = [];
  readonly #faults: FaultSink;
  readonly #maxStringLength: number;
  readonly #isWellFormed: boolean;
  readonly #names = new Array<string | undefined>(NAME_SLOTS).fill(undefined);

  constructor(text: string, maxStringLength: number, faults: FaultSink) {
    this.text = text;
    this.#maxStringLength = maxStringLength;
    this.#faults = faults;
    this.#isWellFormed = text.isWellFormed();
  }

  /** Passes over white space and gives the code of the next character; NaN at the end of the text. */
  next(): number {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === SPACE || code === 0x0a || code === 0x0d || code === 0x09) this.at++;
      else if (code === SLASH && this.#passComment()) continue;
      else return code;
    }
  }

  /** A property name; the opening quote is the next character. */
  name(): string {
    const { text } = this;
    const start = this.at + 1;
    let hash = 0;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        const slot = hash & (NAME_SLOTS - 1);
        const known = this.#names[slot];
        if (known !== undefined && known.length === at - start && text.startsWith(known, start)) return known;
        const name = text.slice(start, at);
        this.#checkString(name, start - 1);
        return (this.#names[slot] = name);
      }
      // A backslash, a control character or (NaN) the end of the text: the slow way knows what to do.
      if (code === BACKSLASH || !(code >= SPACE)) return this.string();
      hash = (Math.imul(hash, 31) + code) | 0;
    }
  }

  /** A string; the opening quote is the next character. */
  string(): string {
    const { text } = this;
    const start = this.at + 1;
    let at = start;
    let code = text.charCodeAt(at);
    while (code >= SPACE && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++at);
    if (code === QUOTE) {
      this.at = at + 1;
      const value = text.slice(start, at);
      this.#checkString(value, start - 1);
      return value;
    }
    return this.#stringWithEscapes(start, at);
  }

  /** A number, `true`, `false` or `null`. Anything else that looks like a word is an error, and is read as a string, so that the reader can go on after it. */
  word(): JsonNumber | boolean | null | string {
    const { text, at } = this;
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) return this.#faults.fatal("json-syntax", `Expected a value, but found ${this.found()}.`, at);
    this.at = at + word.length;
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    NUMBER.lastIndex = at;
    if (NUMBER.test(text) && NUMBER.lastIndex === this.at) return new JsonNumber(word);
    const what = /^[-+.]?[0-9]/.test(word)
      ? "is not a number as JSON writes it (no leading zero or plus, digits on both sides of the point)"
      : "is a value without quotes";
    this.#faults.error("json-syntax", `${shown(word)} ${what}.`, at);
    return word;
  }

  /** A property name that somebody left without quotes; undefined when none stands here. */
  bareName(): string | undefined {
    WORD.lastIndex = this.at;
    const name = WORD.exec(this.text)?.[0];
    if (name !== undefined) this.at += name.length;
    return name;
  }

  /** What stands at the scanner, for a message. */
  found(): string {
    const point = this.text.codePointAt(this.at);
    if (point === undefined) return "the end of the text";
    return point > SPACE && point < 0x7f ? shown(String.fromCodePoint(point)) : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  }

  #stringWithEscapes(start: number, firstSpecial: number): string {
    const { text } = this;
    let value = text.slice(start, firstSpecial);
    let at = firstSpecial;
    let hasToldOfControls = false;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        const escape = this.#escape(at);
        value += escape.value;
        at = escape.end;
      } else if (code < SPACE) {
        if (!hasToldOfControls)
          this.#faults.error(
            "json-control-character",
            `A control character (U+${code.toString(16).toUpperCase().padStart(4, "0")}) in a string must be written as an escape, such as \\n.`,
            at,
          );
        hasToldOfControls = true;
        value += text.charAt(at++);
      } else if (code >= SPACE) {
        const from = at;
        let inner = code;
        while (inner >= SPACE && inner !== QUOTE && inner !== BACKSLASH) inner = text.charCodeAt(++at);
        value += text.slice(from, at);
      } else {
        this.at = text.length;
        this.#faults.fatal("json-syntax", "The text ends within a string: its closing quote is missing.", start - 1);
      }
    }
    this.at = at + 1;
    this.#checkString(value, start - 1, true);
    return value;
  }

  #escape(at: number): { readonly value: string; readonly end: number } {
    const letter = this.text.charAt(at + 1);
    const simple = ESCAPES[letter];
    if (simple !== undefined) return { value: simple, end: at + 2 };
    const digits = this.text.slice(at + 2, at + 6);
    if (letter === "u" && HEX.test(digits)) return { value: String.fromCharCode(parseInt(digits, 16)), end: at + 6 };
    this.#faults.error(
      "json-escape",
      `${shown(this.text.slice(at, at + 2))} is not an escape that JSON knows; a backslash itself is written \\\\.`,
      at,
    );
    return { value: "\\", end: at + 1 };
  }

  #checkString(value: string, offset: number, hasEscapes = false): void {
    if (value.length > this.#maxStringLength)
      this.#faults.fatal("string-too-long", `A string of ${value.length} characters; at most ${this.#maxStringLength} are accepted.`, offset);
    if ((hasEscapes || !this.#isWellFormed) && !value.isWellFormed()) {
      this.#faults.error(
        "json-lone-surrogate",
        "A string holds half of a surrogate pair: it stands for no character, and UTF-8 cannot carry it.",
        offset,
      );
    }
  }

  #passComment(): boolean {
    const kind = this.text.charCodeAt(this.at + 1);
    if (kind !== SLASH && kind !== ASTERISK) return false;
    this.comments.push(this.at);
    const end = kind === SLASH ? /[\n\r]/g : /\*\//g;
    end.lastIndex = this.at + 2;
    const match = end.exec(this.text);
    if (match === null && kind === ASTERISK)
      this.#faults.fatal("json-comment", "A comment begins here and does not end. JSON has no comments.", this.at);
    this.at = match === null ? this.text.length : end.lastIndex;
    return true;
  }
}

/** A piece of the source in a message: in quotes, cut when it is long. */
function shown(text: string): string {
  return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
}
