/**
 * XML as signatures see it: elements with their namespaces, nothing skipped silently. What two parsers could read differently (a document type, entities of its
 * own, processing instructions) is refused before anything is verified.
 */
import { SaxesParser } from "saxes";
import { AppError } from "../errors.ts";

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
  /** Elements and character data; comments are left out. */
  readonly children: (XmlElement | string)[];
  readonly parent: XmlElement | undefined;
}

const DEEPEST = 200;

/** Reads a document. AppError `malformed` when it is ill-formed, too deep, or has a DOCTYPE or a processing instruction. */
export function readXmlTree(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  let root: XmlElement | undefined;
  let open: XmlElement | undefined;
  let depth = 0;
  const refuse = (reason: string): never => {
    throw new AppError("malformed", `not XML that we accept: ${reason}`);
  };
  parser.on("error", (error) => refuse(error.message));
  parser.on("doctype", () => refuse("it has a document type"));
  parser.on("processinginstruction", () => refuse("it has a processing instruction"));
  parser.on("opentag", (tag) => {
    if (++depth > DEEPEST) refuse("it is nested too deeply");
    const attributes = Object.values(tag.attributes);
    const element: XmlElement = {
      prefix: tag.prefix,
      local: tag.local,
      uri: tag.uri,
      attributes: attributes.filter(({ name, prefix }) => name !== "xmlns" && prefix !== "xmlns"),
      declarations: new Map(Object.entries(tag.ns)),
      children: [],
      parent: open,
    };
    if (open) open.children.push(element);
    else root = element;
    open = element;
  });
  parser.on("closetag", () => {
    open = open?.parent;
    depth -= 1;
  });
  const addText = (data: string) => open?.children.push(data);
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.write(text).close();
  return root ?? refuse("it has no element");
}

/** The element children. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

/** All text within, without white space at both ends. */
export function textOf(element: XmlElement): string {
  const texts: string[] = [];
  const pending: (XmlElement | string)[] = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") texts.push(next);
    else pending.push(...next.children.toReversed());
  }
  return texts.join("").trim();
}

/** An element and everything below it, in document order. */
export function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of elementsOf(element)) yield* descendants(child);
}

export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.uri === "" && attribute.local === name)?.value;
}
