/**
 * The plain kind of XHTML that nearly every narrative is, read without an XML parser in a third of its time: elements and attributes with ASCII names and no prefix, text,
 * XML's own entities and character references. Whatever else stands there (comments, CDATA, prefixes, other namespaces, any fault) is left to the reader that knows all
 * of XML, in xhtml.ts: here nothing is judged, and nothing guessed.
 */
import { XHTML_NAMESPACE } from "./namespaces.ts";

export interface XhtmlElement {
  /** As it was written, with a prefix if it has one; see `localName`. */
  readonly name: string;
  readonly localName: string;
  readonly namespace: string;
  /** Name (with prefix) and value, in order, declarations of namespaces included. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** Elements and texts in order; comments are left out, CDATA sections are text. */
  readonly children: readonly (XhtmlElement | string)[];
  /** Where its start tag begins, in UTF-16 units of the div's string. */
  readonly offset: number;
}

/** How many more elements may be read. Counted down while they are. */
export interface ElementBudget {
  left: number;
}

type Children = (XhtmlElement | string)[];

interface OpenElement extends XhtmlElement {
  children: Children;
}

type Attributes = XhtmlElement["attributes"];
/** Most elements have no attributes, and many no content. Never changed. */
const NO_ATTRIBUTES: Attributes = [];
const NO_CHILDREN: Children = [];
/** How nearly every narrative begins. */
const DIV = `<div xmlns="${XHTML_NAMESPACE}">`;
const DIV_ATTRIBUTES: Attributes = [["xmlns", XHTML_NAMESPACE]];

const MAX_DEPTH = 100;
/** More are left to the other reader, which refuses them. */
export const MOST_ATTRIBUTES = 100;
/** Elements and attributes are of few names: one string for each. */
const NAMES = new Map<string, string>();
const MOST_NAMES = 500;
const NAME = /[A-Za-z][A-Za-z0-9-]*/y;
/** One attribute with the white space before it; what XML would normalize in a value is not plain. */
const ATTRIBUTE = /[ \t\r\n]+([A-Za-z][A-Za-z0-9-]*|xml:lang)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<\t\r\n]*)"|'([^'<\t\r\n]*)')/y;
const TAG_END = /[ \t\r\n]*\/?>/y;
const END_TAG_END = /[ \t\r\n]*>/y;
/** What XML has no place for, what ends a CDATA section, and lines that it would read otherwise. */
const NOT_PLAIN = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\]\]>|<[!?]/;
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The element that a div's string holds, with white space around it at most; undefined when it is not plain, whatever the reason. Linear in its length. */
export function readPlainXhtml(div: string, budget: ElementBudget = { left: Infinity }): XhtmlElement | undefined {
  if (NOT_PLAIN.test(div) || !div.isWellFormed()) return undefined;
  const open: OpenElement[] = [];
  // What was read of the open elements, one behind the other; each takes its own when it ends, so that its list is as long as it need be.
  const read: Children = [];
  const bases: number[] = [];
  let top = 0;
  let at = div.length - div.trimStart().length;
  let root: XhtmlElement | undefined;
  for (;;) {
    if (div.charCodeAt(at) !== LESS_THAN) return undefined;
    const parent = open.at(-1);
    if (div.charCodeAt(at + 1) === SLASH) {
      const end = parent === undefined ? -1 : endOfEndTag(div, at + 2, parent.name);
      if (end < 0) return undefined;
      at = end;
      const base = bases.pop() ?? 0;
      if (parent && top > base) parent.children = read.slice(base, top);
      top = base;
      open.pop();
    } else {
      const element = startTag(div, at, parent);
      if (!element || open.length >= MAX_DEPTH || --budget.left < 0) return undefined;
      at = TAG_END.lastIndex;
      read[top++] = element;
      root ??= element;
      if (div.charCodeAt(at - 2) !== SLASH) {
        open.push(element);
        bases.push(top);
      }
    }
    if (open.length === 0) break;
    const next = div.indexOf("<", at);
    if (next < 0) return undefined;
    if (next > at) {
      const text = unescaped(div.slice(at, next));
      if (text === undefined) return undefined;
      read[top++] = text;
    }
    at = next;
  }
  return /^[ \t\n]*$/.test(div.slice(at)) ? root : undefined;
}

/** Reads a start tag; TAG_END stands behind it then. */
function startTag(div: string, offset: number, parent: XhtmlElement | undefined): OpenElement | undefined {
  if (parent === undefined && div.startsWith(DIV, offset)) {
    TAG_END.lastIndex = offset + DIV.length;
    return { name: "div", localName: "div", namespace: XHTML_NAMESPACE, attributes: DIV_ATTRIBUTES, children: NO_CHILDREN, offset };
  }
  NAME.lastIndex = offset + 1;
  if (!NAME.test(div)) return undefined;
  let at = NAME.lastIndex;
  const name = kept(div.slice(offset + 1, at));
  let namespace = parent?.namespace ?? "";
  if (div.charCodeAt(at) === GREATER_THAN) {
    TAG_END.lastIndex = at + 1;
    return { name, localName: name, namespace, attributes: NO_ATTRIBUTES, children: NO_CHILDREN, offset };
  }
  const attributes: (readonly [string, string])[] = [];
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(div);
    if (!match) break;
    at = ATTRIBUTE.lastIndex;
    const attribute = match[1] as string;
    const value = unescaped(match[2] ?? match[3] ?? "");
    if (value === undefined || attributes.length >= MOST_ATTRIBUTES || attributes.some(([known]) => known === attribute)) return undefined;
    if (attribute === "xmlns") {
      if (value !== XHTML_NAMESPACE) return undefined;
      namespace = value;
    }
    attributes.push([kept(attribute), value]);
  }
  TAG_END.lastIndex = at;
  return TAG_END.test(div) ? { name, localName: name, namespace, attributes, children: NO_CHILDREN, offset } : undefined;
}

function kept(name: string): string {
  const known = NAMES.get(name);
  if (known === undefined && name.length <= 16 && NAMES.size < MOST_NAMES) NAMES.set(name, name);
  return known ?? name;
}

function endOfEndTag(div: string, at: number, name: string): number {
  if (!div.startsWith(name, at)) return -1;
  const end = at + name.length;
  if (div.charCodeAt(end) === GREATER_THAN) return end + 1;
  END_TAG_END.lastIndex = end;
  return END_TAG_END.test(div) ? END_TAG_END.lastIndex : -1;
}

/** Text with its references replaced; undefined when one of them is not XML's. */
function unescaped(text: string): string | undefined {
  if (!text.includes("&")) return text;
  const replaced = text.replace(REFERENCE, (_, entity: string | undefined, decimal: string | undefined, hexadecimal: string | undefined) => {
    if (entity !== undefined) return ENTITIES[entity] as string;
    const code = decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? parseInt(hexadecimal, 16) : 0;
    return isCharacter(code) ? String.fromCodePoint(code) : NO_CHARACTER;
  });
  return replaced.includes(NO_CHARACTER) ? undefined : replaced;
}

/** Stands in no plain text, and no reference gives it. */
const NO_CHARACTER = "\0";

/** XML 1.0, production Char. */
function isCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SLASH = 0x2f;
