/**
 * XML as signatures see it: elements with their namespaces, nothing skipped silently. What two parsers could read differently (a document type, entities of its
 * own, processing instructions, a version of XML but 1.0) is refused before anything is verified.
 */
import { SaxesParser } from "saxes";
import { AppError } from "../errors.ts";
import { readPlainMarkup } from "./plain-markup.ts";

export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

export interface XmlElement {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  /** Without the namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  /** Namespaces declared on this element itself: prefix (empty: the default one) to URI. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Elements, character data, and comments where they were asked for. */
  readonly children: XmlNode[];
  readonly parent: XmlElement | undefined;
}

export interface XmlComment {
  readonly comment: string;
}

export type XmlNode = XmlElement | XmlComment | string;

type Named = Pick<XmlElement, "prefix" | "local" | "uri">;

const DEEPEST = 200;

export interface XmlTreeOptions {
  /** How many elements and attributes (with namespace declarations) there may be in all; as many as there are, where nothing is said. */
  readonly elements?: number;
  readonly attributes?: number;
  /** Whether comments within the root are kept. */
  readonly hasComments?: boolean;
}

/** Reads a document. AppError `malformed` when it is ill-formed, too deep, is not XML 1.0, or has a DOCTYPE or a processing instruction; `too-large` beyond the limits. */
export function readXmlTree(text: string, options: XmlTreeOptions = {}): XmlElement {
  const { elements: mostElements = Infinity, attributes: mostAttributes = Infinity, hasComments = false } = options;
  const parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: "1.0", forceXMLVersion: true });
  let root: XmlElement | undefined;
  let open: XmlElement | undefined;
  let depth = 0;
  let elements = 0;
  let attributeCount = 0;
  const refuse = (reason: string): never => {
    throw new AppError("malformed", `not XML that we accept: ${reason}`);
  };
  parser.on("error", (error) => refuse(error.message));
  parser.on("xmldecl", ({ version }) => (version === "1.0" ? undefined : refuse(`it says to be XML ${version ?? "without a version"}, and not 1.0`)));
  parser.on("doctype", () => refuse("it has a document type"));
  parser.on("processinginstruction", () => refuse("it has a processing instruction"));
  // Counted as each is read, so that a flood of them costs no more than what is allowed.
  const none: XmlElement["declarations"] = new Map();
  const countElement = (): void => {
    if (++elements > mostElements) throw new AppError("too-large", `it has more than ${mostElements} elements`);
  };
  const countAttributes = (count: number): void => {
    attributeCount += count;
    if (attributeCount > mostAttributes) throw new AppError("too-large", `it has more than ${mostAttributes} attributes`);
  };
  const start = ({ prefix, local, uri }: Named, attributes: readonly XmlAttribute[], declarations: XmlElement["declarations"]): void => {
    if (++depth > DEEPEST) refuse("it is nested too deeply");
    const element: XmlElement = { prefix, local, uri, attributes, declarations, children: [], parent: open };
    if (open) open.children.push(element);
    else root = element;
    open = element;
  };
  parser.on("opentagstart", countElement);
  parser.on("attribute", () => countAttributes(1));
  parser.on("opentag", (tag) => {
    const attributes = Object.values(tag.attributes).filter(({ name, prefix }) => name !== "xmlns" && prefix !== "xmlns");
    start(tag, attributes, new Map(Object.entries(tag.ns)));
  });
  readPlainMarkup(parser, (tag) => {
    countElement();
    countAttributes(tag.attributes.length);
    start(tag, tag.attributes, none);
  });
  parser.on("closetag", () => {
    open = open?.parent;
    depth -= 1;
  });
  const addText = (data: string) => open?.children.push(data);
  parser.on("text", addText);
  parser.on("cdata", addText);
  if (hasComments) parser.on("comment", (comment) => open?.children.push({ comment }));
  parser.write(text).close();
  return root ?? refuse("it has no element");
}

export function isElement(node: XmlNode | undefined): node is XmlElement {
  return typeof node === "object" && "children" in node;
}

/** The element children. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter(isElement);
}

/** All text within, without white space at both ends. */
export function textOf(element: XmlElement): string {
  const texts: string[] = [];
  const pending: XmlNode[] = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") texts.push(next);
    else if (isElement(next)) for (let at = next.children.length - 1; at >= 0; at -= 1) pending.push(next.children[at] as XmlNode);
  }
  return texts.join("").trim();
}

/** An element and everything below it, in document order. */
export function descendants(element: XmlElement): XmlElement[] {
  const found: XmlElement[] = [];
  const pending = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    found.push(next);
    for (let at = next.children.length - 1; at >= 0; at -= 1) {
      const child = next.children[at];
      if (isElement(child)) pending.push(child);
    }
  }
  return found;
}

export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.uri === "" && attribute.local === name)?.value;
}
