/** The tokens of JSON (RFC 8259), read from one text. The structure stands in read-json.ts. Linear: every character is looked at once. */
import type { ReadingRule } from "../reading/reading-rules.ts";
import type { SourceText } from "../reading/source-text.ts";
import { internalized } from "../tree/shape.ts";
import { JsonNumber } from "../tree/tree.ts";

/** How the scanner tells of a fault at an offset. `error` comes back and the scanner goes on; `fatal` does not. */
export interface FaultSink {
  error(rule: ReadingRule<"error">, text: string, offset: number): void;
  fatal(rule: ReadingRule<"fatal">, text: string, offset: number): never;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const SLASH = 0x2f;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z0-9_$+.-]+/y;
const WHITE_SPACE = /[ \t\n\r]*/y;
const HEX = /^[0-9A-Fa-f]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** Property names come again and again, in this document and the next: one string for each, so that comparing them is a comparison of addresses. */
const NAME_SLOTS = 8192;
const LONGEST_KEPT = 64;
const names = new Array<string | undefined>(NAME_SLOTS).fill(undefined);

/** Each method takes the place where its token begins, and leaves in `end` the place behind it. Places go as arguments, not as a field: that makes reading twice as fast. */
export class JsonScanner {
  readonly text: string;
  end = 0;
  /** Where comments begin that were passed over and not yet told of. */
  readonly comments: number[] = [];
  readonly #faults: FaultSink;
  readonly #maxStringLength: number;
  readonly #isWellFormed: boolean;

  constructor({ text, isWellFormed }: SourceText, maxStringLength: number, faults: FaultSink) {
    this.text = text;
    this.#maxStringLength = maxStringLength;
    this.#faults = faults;
    this.#isWellFormed = isWellFormed;
  }

  /** Passes over white space, and comments. Gives the place of what comes then. */
  pass(at: number): number {
    const { text } = this;
    let code = text.charCodeAt(at);
    // What is rare is left to another function: a loop with a call in it is half as fast.
    for (;;) {
      while (code === SPACE) code = text.charCodeAt(++at);
      if (code > 0x0d || (code !== 0x0a && code !== 0x0d && code !== 0x09)) break;
      code = text.charCodeAt(++at);
    }
    return code === SLASH ? this.#passComments(at) : at;
  }

  /** A property name; the opening quote stands at `at`. */
  name(at: number): string {
    const { text } = this;
    const start = at + 1;
    let hash = 0;
    for (let end = start; ; end++) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) {
        this.end = end + 1;
        // Two places for each: of names that share them, R4's most frequent ones among them, none drives the other out.
        const slot = hash & (NAME_SLOTS - 2);
        const known = names[slot];
        if (known !== undefined && known.length === end - start && text.startsWith(known, start)) return known;
        const second = names[slot + 1];
        if (second !== undefined && second.length === end - start && text.startsWith(second, start)) return second;
        const name = text.slice(start, end);
        this.#checkString(name, at);
        if (name.length > LONGEST_KEPT) return name;
        names[slot + 1] = known;
        return (names[slot] = internalized(name));
      }
      // A backslash, a control character or (NaN) the end of the text: the slow way knows what to do.
      if (code === BACKSLASH || !(code >= SPACE)) return this.string(at);
      hash = (Math.imul(hash, 31) + code) | 0;
    }
  }

  /** A string; the opening quote stands at `at`. */
  string(at: number): string {
    const { text } = this;
    const end = this.#plainEnd(at + 1);
    if (text.charCodeAt(end) !== QUOTE) return this.#stringWithEscapes(at, end);
    this.end = end + 1;
    const value = text.slice(at + 1, end);
    this.#checkString(value, at);
    return value;
  }

  /** A number, `true`, `false` or `null`. Anything else that looks like a word is an error, and is read as a string, so that the reader can go on after it. */
  word(at: number): JsonNumber | boolean | null | string {
    const { text } = this;
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) return this.#faults.fatal("json-syntax", `Expected a value, but found ${this.found(at)}.`, at);
    this.end = at + word.length;
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    NUMBER.lastIndex = at;
    if (NUMBER.test(text) && NUMBER.lastIndex === this.end) return new JsonNumber(word);
    const what = /^[-+.]?[0-9]/.test(word)
      ? "is not a number as JSON writes it (no leading zero or plus, digits on both sides of the point)"
      : "is a value without quotes";
    this.#faults.error("json-syntax", `${shown(word)} ${what}.`, at);
    return word;
  }

  /** A property name that somebody left without quotes; undefined when none stands here. */
  bareName(at: number): string | undefined {
    WORD.lastIndex = at;
    const name = WORD.exec(this.text)?.[0];
    if (name !== undefined) this.end = at + name.length;
    return name;
  }

  /** What stands at a place, for a message. */
  found(at: number): string {
    const point = this.text.codePointAt(at);
    if (point === undefined) return "the end of the text";
    return point > SPACE && point < 0x7f ? shown(String.fromCodePoint(point)) : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  }

  /** Where the run of characters ends that stand for themselves within a string. */
  #plainEnd(at: number): number {
    const { text } = this;
    let code = text.charCodeAt(at);
    // Most characters are letters, which lie behind the backslash.
    while (code > BACKSLASH || (code >= SPACE && code !== QUOTE && code !== BACKSLASH)) code = text.charCodeAt(++at);
    return at;
  }

  #stringWithEscapes(start: number, firstSpecial: number): string {
    const { text } = this;
    // Whatever is as it should be is read by the engine, in one piece. What it refuses is read here, fault by fault.
    const last = this.#closingQuote(firstSpecial);
    const whole = last < 0 ? undefined : parsedString(text.slice(start, last + 1));
    if (whole !== undefined) {
      this.end = last + 1;
      this.#checkString(whole, start, true);
      return whole;
    }
    let value = text.slice(start + 1, firstSpecial);
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
        at = this.#plainEnd(at);
        value += text.slice(from, at);
      } else this.#faults.fatal("json-syntax", "The text ends within a string: its closing quote is missing.", start);
    }
    this.end = at + 1;
    this.#checkString(value, start, true);
    return value;
  }

  /** The quote that ends the string, seen from a place in it; -1 when none does. */
  #closingQuote(at: number): number {
    const { text } = this;
    for (let end = at; ;) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) return end;
      if (code === BACKSLASH) end += 2;
      else if (code >= SPACE) end = this.#plainEnd(end);
      else return -1;
    }
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

  #passComments(at: number): number {
    const { text } = this;
    while (text.startsWith("//", at) || text.startsWith("/*", at)) {
      this.comments.push(at);
      const isLine = text.charCodeAt(at + 1) === SLASH;
      const end = isLine ? /[\n\r]/g : /\*\//g;
      end.lastIndex = at + 2;
      if (end.test(text)) at = end.lastIndex;
      else if (isLine) at = text.length;
      else this.#faults.fatal("json-comment", "A comment begins here and does not end. JSON has no comments.", at);
      WHITE_SPACE.lastIndex = at;
      WHITE_SPACE.test(text);
      at = WHITE_SPACE.lastIndex;
    }
    return at;
  }
}

/** A string with its quotes, as JSON has it; undefined when it is none. */
function parsedString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A piece of the source in a message: in quotes, cut when it is long. */
function shown(text: string): string {
  return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
}
