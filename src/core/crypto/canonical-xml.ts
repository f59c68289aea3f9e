/** Canonical XML 1.0 and 1.1 and Exclusive XML Canonicalization 1.0, each with and without comments, of an element with everything below it. */
import { AppError } from "../errors.ts";
import { isElement, type XmlAttribute, type XmlElement } from "./xml-tree.ts";

/** How an element is written. */
export interface CanonicalXmlOptions {
  readonly isExclusive: boolean;
  /** Canonical XML 1.1: below its document's root an element inherits of the `xml:` attributes only `xml:lang` and `xml:space`. */
  readonly isVersion11?: boolean;
  /** Comments that the tree has are written. */
  readonly hasComments?: boolean;
  /** InclusiveNamespaces PrefixList of the exclusive form; the empty prefix is `#default`. */
  readonly inclusivePrefixes?: readonly string[];
}

/** Where it is written. */
export interface CanonicalXmlContext {
  /** Namespaces around the outermost element, by prefix: those of a document that it was taken out of. */
  readonly around?: ReadonlyMap<string, string>;
  /** Counts what is written, and ends it. */
  readonly budget?: XmlBudget;
  /** Texts of the outermost element's children, written before in the same form below the same start tag: each is written once. */
  readonly known?: Map<XmlElement, string>;
}

/** How many characters may be written yet: the exclusive form repeats a namespace wherever it is used, so that a small document can have a huge form. */
export class XmlBudget {
  #spent = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get spent(): number {
    return this.#spent;
  }

  /** AppError `too-large` when it is used up. */
  spend(characters: number): void {
    this.#spent += characters;
    if (this.#spent > this.#most) throw new AppError("too-large", `its canonical forms have more than ${this.#most} characters`);
  }
}

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";

/**
 * The canonical text. An element that is not its document's root keeps the namespaces, and in the inclusive forms the `xml:` attributes, that reach it. Takes time by its size.
 * AppError `unsupported`: in version 1.1, an `xml:base` above the element, which would have to be joined; `too-large`: beyond the budget.
 */
export function canonicalXml(element: XmlElement, options: CanonicalXmlOptions, context: CanonicalXmlContext = {}): string {
  const above = namespacesAbove(element, context.around);
  const listed = options.isExclusive ? new Set(options.inclusivePrefixes) : undefined;
  const inherited = options.isExclusive ? [] : inheritedXmlAttributes(element, options.isVersion11 === true);
  // Of the apex everything in scope is rendered (in the exclusive form: what is listed); below it, that can differ from its parent only in what an element declares itself.
  const inScope = [...new Set([...above.prefixes(), ...element.declarations.keys()])];
  const writing: Writing = { inScope: above, rendered: new Namespaces(), options, listed, output: [], budget: context.budget };
  write(element, writing, { inherited, candidates: inScope, known: context.known });
  return writing.output.join("");
}

/** What prefixes mean, from the outermost element to the one at hand; entering and leaving an element costs what it declares. */
class Namespaces {
  readonly #meanings = new Map<string, string[]>();

  prefixes(): Iterable<string> {
    return this.#meanings.keys();
  }

  uriOf(prefix: string): string | undefined {
    return this.#meanings.get(prefix)?.at(-1);
  }

  enter(declarations: Iterable<readonly [string, string]>): void {
    for (const [prefix, uri] of declarations) {
      const meanings = this.#meanings.get(prefix);
      if (meanings) meanings.push(uri);
      else this.#meanings.set(prefix, [uri]);
    }
  }

  leave(declarations: Iterable<readonly [string, string]>): void {
    for (const [prefix] of declarations) this.#meanings.get(prefix)?.pop();
  }
}

interface Writing {
  readonly inScope: Namespaces;
  readonly rendered: Namespaces;
  readonly options: CanonicalXmlOptions;
  /** Exclusive: the prefixes that are written as in the inclusive form. */
  readonly listed: ReadonlySet<string> | undefined;
  readonly output: string[];
  readonly budget: XmlBudget | undefined;
}

/** What is told of the outermost element alone. */
interface Apex {
  readonly inherited: readonly XmlAttribute[];
  /** Prefixes of which a declaration may have to be written: of the apex all, of any other element those that it declares. */
  readonly candidates: readonly string[];
  readonly known: Map<XmlElement, string> | undefined;
}

function write(element: XmlElement, writing: Writing, apex?: Apex): void {
  const { inScope, rendered } = writing;
  const { declarations } = element;
  if (declarations.size > 0) inScope.enter(declarations);
  const toRender = rendersNothing(element, writing, apex) ? NO_NAMESPACES : namespacesToRender(prefixesOf(element, writing, apex), inScope, rendered);
  const name = qualified(element);
  let start = `<${name}`;
  for (const [prefix, uri] of toRender) start += `${prefix === "" ? " xmlns" : ` xmlns:${prefix}`}="${escapeCanonicalAttribute(uri)}"`;
  for (const attribute of inOrder(element.attributes, apex?.inherited))
    start += ` ${qualified(attribute)}="${escapeCanonicalAttribute(attribute.value)}"`;
  put(writing, `${start}>`);
  if (toRender.length > 0) rendered.enter(toRender);
  for (const child of element.children) {
    if (typeof child === "string") put(writing, escapeText(child));
    else if (!isElement(child)) {
      if (writing.options.hasComments === true) put(writing, `<!--${child.comment.replaceAll("\r", "&#xD;")}-->`);
    } else if (apex?.known) put(writing, knownText(child, writing, apex.known));
    else write(child, writing);
  }
  if (toRender.length > 0) rendered.leave(toRender);
  if (declarations.size > 0) inScope.leave(declarations);
  put(writing, `</${name}>`);
}

/** The text of a child of the apex. The budget counts it when it is put. */
function knownText(child: XmlElement, writing: Writing, known: Map<XmlElement, string>): string {
  const before = known.get(child);
  if (before !== undefined) return before;
  const output: string[] = [];
  write(child, { ...writing, output, budget: undefined });
  const text = output.join("");
  known.set(child, text);
  return text;
}

const NO_NAMESPACES: readonly (readonly [string, string])[] = [];

/** Whether, as of nearly every element, all that it uses was declared the same before. */
function rendersNothing(element: XmlElement, { inScope, rendered, listed }: Writing, apex: Apex | undefined): boolean {
  if (apex !== undefined || element.declarations.size > 0) return false;
  if (!listed) return true;
  const isRendered = (prefix: string): boolean => prefix === "xml" || (inScope.uriOf(prefix) ?? "") === (rendered.uriOf(prefix) ?? "");
  return isRendered(element.prefix) && element.attributes.every(({ prefix }) => prefix === "" || isRendered(prefix));
}

function prefixesOf(element: XmlElement, { listed }: Writing, apex: Apex | undefined): Iterable<string> {
  const candidates = apex?.candidates ?? element.declarations.keys();
  return listed ? [...usedPrefixes(element), ...[...candidates].filter((prefix) => listed.has(prefix))] : candidates;
}

function inOrder(attributes: readonly XmlAttribute[], inherited: readonly XmlAttribute[] = []): readonly XmlAttribute[] {
  return inherited.length === 0 && attributes.length < 2 ? attributes : [...attributes, ...inherited].sort(byNamespaceAndName);
}

function put({ output, budget }: Writing, text: string): void {
  budget?.spend(text.length);
  output.push(text);
}

/** Those of the prefixes that do not mean here what the output already says, sorted. The prefix `xml` is never declared. */
function namespacesToRender(prefixes: Iterable<string>, inScope: Namespaces, rendered: Namespaces): (readonly [string, string])[] {
  const chosen = new Map<string, string>();
  for (const prefix of prefixes) {
    const uri = inScope.uriOf(prefix);
    // Only the default namespace can be undone, by an empty one.
    const isNew = (uri ?? "") !== (rendered.uriOf(prefix) ?? "");
    if (prefix !== "xml" && isNew && (uri !== undefined || prefix === "")) chosen.set(prefix, uri ?? "");
  }
  return [...chosen].sort(([a], [b]) => byCodePoint(a, b));
}

/** Exclusive: what the element and its attributes use. */
function usedPrefixes(element: XmlElement): string[] {
  return [element.prefix, ...element.attributes.map(({ prefix }) => prefix).filter((prefix) => prefix !== "")];
}

function namespacesAbove(element: XmlElement, around: ReadonlyMap<string, string> = new Map()): Namespaces {
  const above: XmlElement[] = [];
  for (let next = element.parent; next; next = next.parent) above.push(next);
  const namespaces = new Namespaces();
  namespaces.enter(around);
  for (const ancestor of above.toReversed()) namespaces.enter(ancestor.declarations);
  return namespaces;
}

/** What 1.1 inherits of `xml:` attributes as it stands (section 2.4). */
const INHERITED_IN_11 = new Set(["lang", "space"]);

function inheritedXmlAttributes(element: XmlElement, isVersion11: boolean): XmlAttribute[] {
  const own = new Set(element.attributes.filter(({ uri }) => uri === XML_NAMESPACE).map(({ local }) => local));
  const found = new Map<string, XmlAttribute>();
  for (let next = element.parent; next; next = next.parent) {
    for (const attribute of next.attributes) {
      if (attribute.uri !== XML_NAMESPACE) continue;
      if (isVersion11 && attribute.local === "base") throw new AppError("unsupported", "an xml:base around what was signed, in Canonical XML 1.1");
      if (isVersion11 && !INHERITED_IN_11.has(attribute.local)) continue;
      if (!own.has(attribute.local) && !found.has(attribute.local)) found.set(attribute.local, attribute);
    }
  }
  return [...found.values()];
}

function byNamespaceAndName(one: XmlAttribute, other: XmlAttribute): number {
  return one.uri === other.uri ? byCodePoint(one.local, other.local) : byCodePoint(one.uri, other.uri);
}

/** The order of UCS code points; that of UTF-16 differs beyond U+D7FF. */
function byCodePoint(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const [own = -1, others = -1] = [one.codePointAt(at), other.codePointAt(at)];
  return own - others;
}

function qualified({ prefix, local }: { readonly prefix: string; readonly local: string }): string {
  return prefix === "" ? local : `${prefix}:${local}`;
}

function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (character) => TEXT_ESCAPES[character] ?? character) : text;
}

/** An attribute's value as canonical forms write it, within double quotes. */
export function escapeCanonicalAttribute(text: string): string {
  return /[&<"\t\n\r]/.test(text) ? text.replace(/[&<"\t\n\r]/g, (character) => ATTRIBUTE_ESCAPES[character] ?? character) : text;
}

const TEXT_ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;" };
