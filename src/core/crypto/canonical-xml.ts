/** Canonical XML 1.0 (inclusive, without comments) and Exclusive XML Canonicalization 1.0, of an element with everything below it. */
import type { XmlAttribute, XmlElement } from "./xml-tree.ts";

export interface CanonicalXmlOptions {
  readonly isExclusive: boolean;
  /** InclusiveNamespaces PrefixList of the exclusive form; `#default` is the empty prefix. */
  readonly inclusivePrefixes?: readonly string[];
}

type Namespaces = ReadonlyMap<string, string>;

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";

/** The canonical text. An element that is not its document's root keeps the namespaces, and in the inclusive form the `xml:` attributes, that reach it. */
export function canonicalXml(element: XmlElement, options: CanonicalXmlOptions): string {
  const output: string[] = [];
  const inherited = options.isExclusive ? [] : inheritedXmlAttributes(element);
  write(element, namespacesAbove(element), new Map(), inherited, options, output);
  return output.join("");
}

function write(
  element: XmlElement,
  above: Namespaces,
  rendered: Namespaces,
  inherited: readonly XmlAttribute[],
  options: CanonicalXmlOptions,
  output: string[],
): void {
  const inScope = element.declarations.size === 0 ? above : new Map([...above, ...element.declarations]);
  const toRender = [...candidates(element, inScope, rendered, options)]
    .filter(([prefix, uri]) => (rendered.get(prefix) ?? "") !== uri)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const name = qualified(element);
  output.push("<", name);
  for (const [prefix, uri] of toRender) output.push(prefix === "" ? " xmlns" : ` xmlns:${prefix}`, '="', escapeAttribute(uri), '"');
  for (const attribute of [...element.attributes, ...inherited].sort(byNamespaceAndName))
    output.push(" ", qualified(attribute), '="', escapeAttribute(attribute.value), '"');
  output.push(">");
  const nowRendered = toRender.length === 0 ? rendered : new Map([...rendered, ...toRender]);
  for (const child of element.children) {
    if (typeof child === "string") output.push(escapeText(child));
    else write(child, inScope, nowRendered, [], options, output);
  }
  output.push("</", name, ">");
}

/** Inclusive: whatever is in scope. Exclusive: what the element and its attributes use, and what the prefix list names. The prefix `xml` is never declared. */
function candidates(
  element: XmlElement,
  inScope: Namespaces,
  rendered: Namespaces,
  { isExclusive, inclusivePrefixes = [] }: CanonicalXmlOptions,
): Map<string, string> {
  const chosen = new Map<string, string>();
  const prefixes = isExclusive
    ? [element.prefix, ...element.attributes.map(({ prefix }) => prefix).filter((prefix) => prefix !== ""), ...inclusivePrefixes]
    : [...inScope.keys(), ...rendered.keys()];
  for (const prefix of prefixes) {
    const uri = inScope.get(prefix);
    // Only the default namespace can be undone, by an empty one.
    if (prefix !== "xml" && (uri !== undefined || prefix === "")) chosen.set(prefix, uri ?? "");
  }
  return chosen;
}

function namespacesAbove(element: XmlElement): Namespaces {
  const above: XmlElement[] = [];
  for (let next = element.parent; next; next = next.parent) above.unshift(next);
  return new Map(above.flatMap((ancestor) => [...ancestor.declarations]));
}

function inheritedXmlAttributes(element: XmlElement): XmlAttribute[] {
  const found = new Map<string, XmlAttribute>();
  for (let next = element.parent; next; next = next.parent) {
    for (const attribute of next.attributes) {
      const isOwn = element.attributes.some((own) => own.uri === XML_NAMESPACE && own.local === attribute.local);
      if (attribute.uri === XML_NAMESPACE && !isOwn && !found.has(attribute.local)) found.set(attribute.local, attribute);
    }
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
