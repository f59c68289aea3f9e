/**
 * A shortcut for saxes past its states, which take one character at a time: start tags without a prefix, a declaration or a reference in them, their end tags, and text without references. Nearly all that FHIR's
 * XML and signatures consist of is such. Everything else, every fault and all around the root is saxes' own, which goes on at the very place where plain markup ends: here nothing is refused, and nothing
 * is read otherwise than saxes reads it (`test/core/crypto/plain-markup.test.ts` holds the two together).
 */
import type { SaxesParser } from "saxes";

/** An attribute of a plain start tag. */
export interface PlainAttribute {
  readonly name: string;
  readonly prefix: "";
  readonly local: string;
  readonly uri: "";
  readonly value: string;
  readonly offset: number;
}

/** A plain start tag: the same as what saxes' `opentag` tells, with places. */
export interface PlainTag {
  readonly name: string;
  readonly prefix: "";
  readonly local: string;
  /** The default namespace around it. */
  readonly uri: string;
  readonly attributes: readonly PlainAttribute[];
  /** It declares none. */
  readonly ns: Readonly<Record<string, string>>;
  /** Where it begins, in UTF-16 units of the text. */
  readonly offset: number;
}

/** What shortcuts need of saxes 6.0.0, by the names that it has there. */
interface Inside {
  readonly chunk: string;
  readonly chunkPosition: number;
  readonly text: string;
  readonly forbiddenState: number;
  readonly stateTable: ((this: Inside) => void)[];
  readonly tags: SaxesTag[];
  /** What is a character, and what ends a line, differs in 1.1. */
  readonly currentXMLVersion: string;
  i: number;
  state: number;
  tag: SaxesTag;
  topNS: Readonly<Record<string, string>>;
  closedRoot: boolean;
  readonly textHandler?: (text: string) => void;
  readonly closeTagHandler?: (tag: SaxesTag) => void;
  readonly sText: (this: Inside) => void;
  readonly sOpenWaka: (this: Inside) => void;
  resolve(prefix: string): string | undefined;
}

type SaxesTag = Pick<PlainTag, "name" | "uri" | "ns"> & { readonly prefix: string };

const USED: readonly (keyof Inside)[] = [
  ...([
    "chunk",
    "chunkPosition",
    "text",
    "forbiddenState",
    "stateTable",
    "tags",
    "currentXMLVersion",
    "i",
    "state",
    "tag",
    "topNS",
    "closedRoot",
  ] as const),
  ...(["sText", "sOpenWaka", "resolve"] as const),
];

/** What goes beyond is left to saxes and its handlers. */
export interface PlainLimits {
  /** Of one tag. */
  readonly maxAttributes?: number | undefined;
  /** Characters of a value. */
  readonly maxStringLength?: number | undefined;
}

/** More than that are left to saxes, which finds twins by a set. */
const MOST_ATTRIBUTES = 8;
const NONE: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);
const NO_ATTRIBUTES: readonly PlainAttribute[] = Object.freeze([]);

/**
 * Makes a parser (with namespaces, of a text that is written to it at once) take shortcuts.
 * @param start gets plain start tags, instead of the handlers of `opentagstart`, `attribute` and `opentag`. It may throw.
 */
export function readPlainMarkup(parser: SaxesParser<{ xmlns: true }>, start: (tag: PlainTag) => void, limits: PlainLimits = {}): void {
  const inside = parser as unknown as Inside;
  const { stateTable, sText, sOpenWaka } = inside;
  // A saxes with other insides reads by itself.
  if (!Array.isArray(stateTable) || !USED.every((name) => name in inside)) return;
  const inText = stateTable.indexOf(sText);
  const behindBracket = stateTable.indexOf(sOpenWaka);
  if (inText < 0 || behindBracket < 0) return;
  const reader = new TagReader(limits);
  const goOn = (from: Inside, isBehindBracket: boolean): void => {
    // Of the root, and of what stands around it, saxes keeps account.
    if (from.tags.length > 0 && from.currentXMLVersion === "1.0" && from.text === "" && from.forbiddenState === 0 && from.chunkPosition === 0) {
      const place = readWhile(from, start, isBehindBracket, reader);
      if (place === "done") return void (from.state = inText);
      from.state = place === "text" ? inText : behindBracket;
    }
    (from.state === inText ? sText : sOpenWaka).call(from);
  };
  stateTable[inText] = function (): void {
    goOn(this, false);
  };
  stateTable[behindBracket] = function (): void {
    goOn(this, true);
  };
}

/** Reads on while markup is plain. Before which kind of thing it stands then: text, or a tag behind its bracket; `done`: the root is closed. */
function readWhile(inside: Inside, start: (tag: PlainTag) => void, isBehindBracket: boolean, reader: TagReader): "text" | "tag" | "done" {
  const { chunk, tags } = inside;
  for (let isTag = isBehindBracket; ; isTag = false) {
    if (!isTag) {
      const end = endOfPlainText(chunk, inside.i);
      if (end < 0) return "text";
      const text = end > inside.i ? chunk.slice(inside.i, end) : "";
      inside.i = end + 1;
      if (text !== "") inside.textHandler?.(text);
    }
    const parent = tags[tags.length - 1] as SaxesTag;
    if (chunk.charCodeAt(inside.i) === SLASH) {
      const end = inside.i + 1 + parent.name.length;
      if (chunk.charCodeAt(end) !== GREATER_THAN || !chunk.startsWith(parent.name, inside.i + 1)) return "tag";
      inside.i = end + 1;
      tags.pop();
      close(inside, parent);
      if (tags.length > 0) continue;
      inside.closedRoot = true;
      return "done";
    }
    if (!reader.read(chunk, inside.i)) return "tag";
    inside.topNS = NONE;
    const uri = parent.prefix === "" ? parent.uri : (inside.resolve("") ?? "");
    const { name, attributes } = reader;
    const tag: PlainTag = { name, prefix: "", local: name, uri, attributes, ns: NONE, offset: inside.i - 1 };
    inside.i = reader.end;
    inside.tag = tag;
    start(tag);
    if (!reader.isEmpty) tags.push(tag);
    else {
      inside.closeTagHandler?.(tag);
      inside.tag = parent;
    }
  }
}

function close(inside: Inside, tag: SaxesTag): void {
  inside.tag = tag;
  inside.topNS = tag.ns;
  inside.closeTagHandler?.(tag);
}

/** Where the next bracket stands, if all before it is plain; below 0 otherwise. */
function endOfPlainText(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code === LESS_THAN) return at;
    const isPlain = code >= SPACE ? code < FIRST_SURROGATE && code !== AMPERSAND && code !== CLOSING_BRACKET : code === LINE_FEED || code === TAB;
    if (!isPlain) return -1;
  }
}

/** The parts of one start tag after the other. */
class TagReader {
  name = "";
  attributes: readonly PlainAttribute[] = NO_ATTRIBUTES;
  isEmpty = false;
  /** Behind its closing bracket. */
  end = 0;
  readonly #mostAttributes: number;
  readonly #longest: number;

  constructor({ maxAttributes = MOST_ATTRIBUTES, maxStringLength = Infinity }: PlainLimits) {
    this.#mostAttributes = Math.min(maxAttributes, MOST_ATTRIBUTES);
    this.#longest = maxStringLength;
  }

  /** Reads the tag whose name begins at a place. False: it is not plain, and nothing is said of it. */
  read(text: string, from: number): boolean {
    let at = endOfPlainName(text, from);
    if (at === from) return false;
    this.name = text.slice(from, at);
    let attributes: PlainAttribute[] | undefined;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === GREATER_THAN || code === SLASH) {
        this.isEmpty = code === SLASH;
        if (this.isEmpty && text.charCodeAt(++at) !== GREATER_THAN) return false;
        this.attributes = attributes ?? NO_ATTRIBUTES;
        this.end = at + 1;
        return true;
      }
      if (!isSpace(code)) return false;
      do at++;
      while (isSpace(text.charCodeAt(at)));
      const start = at;
      at = endOfPlainName(text, start);
      // White space before the end of the tag.
      if (at === start && (text.charCodeAt(at) === GREATER_THAN || text.charCodeAt(at) === SLASH)) continue;
      const quote = text.charCodeAt(at + 1);
      if (at === start || text.charCodeAt(at) !== EQUALS || (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE)) return false;
      const name = text.slice(start, at);
      const end = endOfPlainValue(text, at + 2, quote);
      if (end < 0 || end - at - 2 > this.#longest || name === "xmlns") return false;
      const attribute: PlainAttribute = { name, prefix: "", local: name, uri: "", value: text.slice(at + 2, end), offset: start };
      at = end + 1;
      if (attributes === undefined) attributes = [attribute];
      else if (attributes.some((other) => other.name === name)) return false;
      else attributes.push(attribute);
      if (attributes.length > this.#mostAttributes) return false;
    }
  }
}

/** Behind a name of ASCII letters, digits, hyphens, full stops and underscores; `from` where none begins. */
function endOfPlainName(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); ; code = text.charCodeAt(++at)) {
    const isLetter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
    if (!isLetter && (at === from || !((code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e))) return at;
  }
}

/** Where the quote stands that ends a value; below 0 when something stands in it that XML would replace, or refuse. */
function endOfPlainValue(text: string, from: number, quote: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (!(code >= SPACE && code < FIRST_SURROGATE) || code === AMPERSAND || code === LESS_THAN) return -1;
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === TAB;
}

const TAB = 0x9;
const LINE_FEED = 0xa;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const AMPERSAND = 0x26;
const SINGLE_QUOTE = 0x27;
const SLASH = 0x2f;
const LESS_THAN = 0x3c;
const EQUALS = 0x3d;
const GREATER_THAN = 0x3e;
const CLOSING_BRACKET = 0x5d;
const FIRST_SURROGATE = 0xd800;
