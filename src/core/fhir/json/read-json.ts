import type { Issue } from "../issue.ts";
import type { ReadLimits } from "../read-limits.ts";
import type { SourceText } from "../source-text.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "./tree.ts";

/** What a reader gives: the resource, unless the text is not well-formed, and everything that it noticed. */
export interface ReadResult {
  readonly resource: JsonObject | undefined;
  readonly issues: readonly Issue[];
}

/**
 * Reads JSON (RFC 8259) into a tree that keeps number tokens, order and places. Comments, duplicate names, and anything behind the resource are errors; a name that
 * stands twice keeps its first value, so that the rest can still be checked.
 */
export function readJson(source: SourceText, limits: ReadLimits): ReadResult {
  const reader = new JsonReader(source.text, limits);
  try {
    const value = reader.document();
    return { resource: value, issues: reader.issues };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const issue: Issue = { severity: "fatal", code: "structure", rule: error.rule, text: error.message, offset: error.offset, ...(error.expression !== "" && { expression: error.expression }) };
    return { resource: undefined, issues: [...reader.issues, issue] };
  }
}

class JsonSyntaxError extends Error {
  readonly rule: string;
  readonly offset: number;
  readonly expression: string;

  constructor(message: string, offset: number, expression: string, rule: string) {
    super(message);
    this.rule = rule;
    this.offset = offset;
    this.expression = expression;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SLASH = 0x2f;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// A run of characters that stand for themselves: no quote, no backslash, no control character (RFC 8259, section 7).
// eslint-disable-next-line no-control-regex -- control characters are what must not be in it
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** Up to so many names, looking through the list is faster than a set. */
const FEW_NAMES = 12;

class JsonReader {
  readonly issues: Issue[] = [];
  readonly #text: string;
  readonly #limits: ReadLimits;
  #at = 0;
  #depth = 0;
  /** What the expressions of issues begin with, once it is known. */
  #rootType = "";
  /** Names and indexes that lead to where the reader is: for the expression of an issue. */
  readonly #path: (string | number)[] = [];

  constructor(text: string, limits: ReadLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): JsonObject {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== OPEN_BRACE) this.#fail(`A resource is a JSON object: { is expected here, not ${this.#here()}.`);
    const value = this.#object();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail(`Nothing may follow the resource, but ${this.#here()} does.`);
    return value;
  }

  #value(): JsonValue {
    switch (this.#text.charCodeAt(this.#at)) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#array();
      default:
        return this.#literal();
    }
  }

  #object(): JsonObject {
    const object = new JsonObject(this.#at);
    this.#enter();
    let seen: Set<string> | undefined;
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === CLOSE_BRACE) this.#at++;
    else
      for (;;) {
        const offset = this.#at;
        if (this.#text.charCodeAt(offset) !== QUOTE) this.#fail(`A property's name in double quotes is expected here, not ${this.#here()}.`);
        const name = this.#string();
        this.#path.push(name);
        this.#skipSpace();
        if (this.#text.charCodeAt(this.#at) !== COLON) this.#fail(`A colon is expected after the name "${name.slice(0, 64)}", not ${this.#here()}.`);
        this.#at++;
        this.#skipSpace();
        const value = this.#value();
        if (this.#depth === 1 && name === "resourceType" && typeof value === "string") this.#rootType = value;
        if (seen === undefined && object.names.length >= FEW_NAMES) seen = new Set(object.names);
        if (seen === undefined ? object.names.includes(name) : seen.has(name)) {
          this.#notice("json-duplicate-name", `The property "${name.slice(0, 64)}" stands here a second time: names in an object are unique (R4 json.html). Remove one of the two.`, offset);
        } else {
          object.add(name, value, offset);
          seen?.add(name);
        }
        this.#path.pop();
        if (this.#endsWith(CLOSE_BRACE, "object")) break;
      }
    this.#depth--;
    return object;
  }

  #array(): JsonArray {
    const array = new JsonArray(this.#at);
    this.#enter();
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === CLOSE_BRACKET) this.#at++;
    else
      for (;;) {
        this.#path.push(array.items.length);
        const offset = this.#at;
        array.add(this.#value(), offset);
        this.#path.pop();
        if (this.#endsWith(CLOSE_BRACKET, "array")) break;
      }
    this.#depth--;
    return array;
  }

  /** After a member: a comma leads to the next one, `end` closes. */
  #endsWith(end: number, what: string): boolean {
    this.#skipSpace();
    const code = this.#text.charCodeAt(this.#at);
    if (code !== COMMA && code !== end) this.#fail(`A comma or the end of the ${what} (${String.fromCharCode(end)}) is expected here, not ${this.#here()}.`);
    this.#at++;
    if (code === end) return true;
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === end) this.#fail(`A comma must not stand before the end of the ${what}.`);
    return false;
  }

  #string(): string {
    const start = ++this.#at;
    PLAIN.lastIndex = start;
    PLAIN.test(this.#text);
    this.#at = PLAIN.lastIndex;
    if (this.#text.charCodeAt(this.#at) === QUOTE) return this.#text.slice(start, this.#at++);
    const parts = [this.#text.slice(start, this.#at)];
    while (this.#text.charCodeAt(this.#at) !== QUOTE) {
      parts.push(this.#text.charCodeAt(this.#at) === BACKSLASH ? this.#escape() : this.#unescaped(start));
      PLAIN.lastIndex = this.#at;
      PLAIN.test(this.#text);
      parts.push(this.#text.slice(this.#at, PLAIN.lastIndex));
      this.#at = PLAIN.lastIndex;
    }
    this.#at++;
    return parts.join("");
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1);
    if (letter === "u") {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail(`\\u must be followed by four hexadecimal digits, not "${hex}".`);
      this.#at += 6;
      return String.fromCharCode(parseInt(hex, 16));
    }
    const character = ESCAPES[letter];
    if (character === undefined) this.#fail(`\\${letter} is no escape that JSON knows.`);
    this.#at += 2;
    return character as string;
  }

  #unescaped(start: number): never {
    if (this.#at >= this.#text.length) {
      this.#at = start - 1;
      this.#fail("This string has no end: a closing double quote is missing.");
    }
    const code = this.#text.charCodeAt(this.#at).toString(16).padStart(4, "0");
    return this.#fail(`The control character U+${code.toUpperCase()} must be escaped in a string (\\u${code}).`);
  }

  #literal(): JsonValue {
    NUMBER.lastIndex = this.#at;
    if (NUMBER.test(this.#text) && !/[0-9.eE+\w]/.test(this.#text.charAt(NUMBER.lastIndex))) {
      const text = this.#text.slice(this.#at, NUMBER.lastIndex);
      this.#at = NUMBER.lastIndex;
      return new JsonNumber(text);
    }
    for (const [word, value] of [["true", true], ["false", false], ["null", null]] as const) {
      if (this.#text.startsWith(word, this.#at) && !/\w/.test(this.#text.charAt(this.#at + word.length))) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#fail(`A value (string, number, object, array, true, false or null) is expected here, not ${this.#here()}.`);
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) this.#at++;
      else if (code === SLASH) this.#comment();
      else return;
    }
  }

  /** Comments are refused, but read over, so that the sender learns of the rest as well. */
  #comment(): void {
    const [open, close] = this.#text.startsWith("/*", this.#at) ? ["/*", "*/"] : ["//", "\n"];
    if (!this.#text.startsWith(open, this.#at)) this.#fail(`A value is expected here, not ${this.#here()}.`);
    this.#notice("json-comment", "JSON has no comments (R4 json.html): remove it.", this.#at);
    const end = this.#text.indexOf(close, this.#at + 2);
    this.#at = end < 0 ? this.#text.length : end + close.length;
  }

  #enter(): void {
    if (++this.#depth > this.#limits.maxDepth) this.#fail(`Objects and arrays nest deeper than ${this.#limits.maxDepth} levels here.`, "too-deep");
    this.#at++;
  }

  #here(): string {
    if (this.#at >= this.#text.length) return "the end of the text";
    const [character = ""] = this.#text.slice(this.#at, this.#at + 2);
    return /[\p{C}\p{Z}]/u.test(character) ? `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}` : `"${character}"`;
  }

  #expression(): string {
    return this.#path.reduce<string>((path, step) => (typeof step === "number" ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`), this.#rootType);
  }

  #notice(rule: string, text: string, offset: number): void {
    const expression = this.#expression();
    this.issues.push({ severity: "error", code: "structure", rule, text, offset, ...(expression !== "" && { expression }) });
  }

  #fail(message: string, rule = "json-syntax"): never {
    throw new JsonSyntaxError(message, this.#at, this.#expression(), rule);
  }
}
