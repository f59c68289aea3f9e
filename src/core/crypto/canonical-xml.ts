/** Canonical XML 1.0 (inclusive, without comments) and Exclusive XML Canonicalization 1.0, of an element with everything below it. */
import type { XmlAttribute, XmlElement } from "./xml-tree.ts";

export interface CanonicalXmlOptions {
  readonly isExclusive: boolean;
  /** InclusiveNamespaces PrefixList of the exclusive form; `#default` is the empty prefix. */
  readonly inclusivePrefixes?: readonly string[];
}

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";

/** The canonical text. An element that is not its document's root keeps the namespaces, and in the inclusive form the `xml:` attributes, that reach it. Takes time by its size. */
export function canonicalXml(element: XmlElement, options: CanonicalXmlOptions): string {
  const above = namespacesAbove(element);
  const inherited = options.isExclusive ? [] : inheritedXmlAttributes(element);
  // Of the apex everything in scope is rendered; below it, an inclusive form can differ from its parent only in what the element declares itself.
  const prefixes = options.isExclusive ? [] : [...new Set([...above.prefixes(), ...element.declarations.keys()])];
  const output: string[] = [];
  write(element, { inScope: above, rendered: new Namespaces(), options, output }, inherited, prefixes);
  return output.join("");
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
  readonly output: string[];
}

function write(element: XmlElement, writing: Writing, inherited: readonly XmlAttribute[], prefixes: Iterable<string>): void {
  const { inScope, rendered, options, output } = writing;
  inScope.enter(element.declarations);
  const toRender = namespacesToRender(options.isExclusive ? usedPrefixes(element, options) : prefixes, inScope, rendered);
  const name = qualified(element);
  output.push("<", name);
  for (const [prefix, uri] of toRender) output.push(prefix === "" ? " xmlns" : ` xmlns:${prefix}`, '="', escapeAttribute(uri), '"');
  for (const attribute of [...element.attributes, ...inherited].sort(byNamespaceAndName))
    output.push(" ", qualified(attribute), '="', escapeAttribute(attribute.value), '"');
  output.push(">");
  rendered.enter(toRender);
  for (const child of element.children) {
    if (typeof child === "string") output.push(escapeText(child));
    else write(child, writing, [], child.declarations.keys());
  }
  rendered.leave(toRender);
  inScope.leave(element.declarations);
  output.push("</", name, ">");
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
  return [...chosen].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Exclusive: what the element and its attributes use, and what the prefix list names. */
function usedPrefixes(element: XmlElement, { inclusivePrefixes = [] }: CanonicalXmlOptions): string[] {
  return [element.prefix, ...element.attributes.map(({ prefix }) => prefix).filter((prefix) => prefix !== ""), ...inclusivePrefixes];
}

function namespacesAbove(element: XmlElement): Namespaces {
  const above: XmlElement[] = [];
  for (let next = element.parent; next; next = next.parent) above.push(next);
  const namespaces = new Namespaces();
  for (const ancestor of above.toReversed()) namespaces.enter(ancestor.declarations);
  return namespaces;
}

function inheritedXmlAttributes(element: XmlElement): XmlAttribute[] {
  const own = new Set(element.attributes.filter(({ uri }) => uri === XML_NAMESPACE).map(({ local }) => local));
  const found = new Map<string, XmlAttribute>();
  for (let next = element.parent; next; next = next.parent) {
    for (const attribute of next.attributes)
      if (attribute.uri === XML_NAMESPACE && !own.has(attribute.local) && !found.has(attribute.local)) found.set(attribute.local, attribute);
  }
  return [...found.values()];
}

function byNamespaceAndName(one: XmlAttribute, other: XmlAttribute): number {
  if (one.uri !== other.uri) return one.uri < other.uri ? -1 : 1;
  return one.local < other.local ? -1 : 1;
}

function qualified({ prefix, local }: { readonly prefix: string; readonly local: string }): string {
  return prefix === "" ? local : `${prefix}:${local}`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => TEXT_ESCAPES[character] ?? character);
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<"\t\n\r]/g, (character) => ATTRIBUTE_ESCAPES[character] ?? character);
}

const TEXT_ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;" };
