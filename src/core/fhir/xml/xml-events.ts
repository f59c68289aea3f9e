/**
 * XML 1.0 with namespaces, as events with places. saxes does the reading; here it is held to what FHIR allows (R4 xml.html): no DOCTYPE, and so no entities but XML's
 * own, and no version but 1.0. Offsets are UTF-16 units of the text as it was given, whatever its line ends.
 */
import { SaxesParser, type SaxesTagNS } from "saxes";
import { readPlainMarkup } from "../../crypto/plain-markup.ts";
import { htmlEntities } from "./html-entities.ts";
import { tooManyAttributes } from "../reading/limit-faults.ts";
import type { ReadingRule } from "../reading/reading-rules.ts";

/** An attribute with its value as XML reads it. */
export interface XmlAttribute {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  /** Its namespace; empty for an attribute without a prefix. */
  readonly uri: string;
  readonly value: string;
  readonly offset: number;
}

export interface XmlElement {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  /** Its namespace. */
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  /** The namespaces that this start tag declares, by prefix; the default one by the empty string. */
  readonly ns: Readonly<Record<string, string>>;
  /** Where its start tag begins. */
  readonly offset: number;
}

/** What a reader of XML does with it. Each may throw; nothing is read after that. */
export interface XmlHandler {
  start(element: XmlElement): void;
  /** `end` is the offset behind the end tag. */
  end(end: number): void;
  /** A run of text within the root; `isCdata` when it was written as a CDATA section. */
  text?(text: string, offset: number, isCdata: boolean): void;
  comment?(text: string, offset: number): void;
  instruction?(target: string, offset: number): void;
  declaration?(encoding: string | undefined, offset: number): void;
}

/** The text is not XML as FHIR allows it. */
export class XmlFault extends Error {
  /** `xml-syntax`, `xml-doctype`, `xml-version`, `string-too-long` or `too-many-attributes`. */
  readonly rule: ReadingRule<"fatal">;
  readonly offset: number;

  constructor(rule: ReadingRule<"fatal">, message: string, offset: number) {
    super(message);
    this.rule = rule;
    this.offset = offset;
  }
}

export interface XmlOptions {
  readonly maxStringLength?: number;
  /** Of one element, declarations of namespaces included. */
  readonly maxAttributes?: number;
  /** UTF-16 units of a namespace's name. */
  readonly maxNamespaceLength?: number;
  /** Named entities beside XML's own five. */
  readonly entities?: ReadonlyMap<string, number>;
}

/**
 * Reads a whole document. Time and memory are linear in it; the depth is the handler's to limit.
 * @throws XmlFault at the first fault, and whatever the handler throws
 */
export function readXmlEvents(text: string, handler: XmlHandler, options: XmlOptions = {}): void {
  const parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: "1.0", forceXMLVersion: true });
  const maxStringLength = options.maxStringLength ?? Infinity;
  const maxAttributes = options.maxAttributes ?? Infinity;
  const maxNamespaceLength = options.maxNamespaceLength ?? Infinity;
  const fault = (rule: ReadingRule<"fatal">, message: string, offset: number): never => {
    throw new XmlFault(rule, message, offset);
  };
  /** Where the last piece of markup ended: what follows begins here. */
  let markupEnd = 0;
  let attributeOffsets: number[] = [];
  let tagOffset = 0;

  if (options.entities) for (const [name, code] of options.entities) parser.ENTITIES[name] ??= String.fromCodePoint(code);
  parser.on("error", (error) =>
    fault(
      "xml-syntax",
      `The XML is not well-formed: ${syntaxFault(error.message, text, parser.position)}`,
      Math.min(Math.max(parser.position - 1, 0), text.length),
    ),
  );
  parser.on("xmldecl", ({ version, encoding }) => {
    if (version !== "1.0") fault("xml-version", `XML ${version ?? "without a version"} is not read; FHIR uses XML 1.0.`, 0);
    markupEnd = parser.position;
    handler.declaration?.(encoding, 0);
  });
  parser.on("doctype", () =>
    fault(
      "xml-doctype",
      "A DOCTYPE must not be there: FHIR allows none (R4 xml.html), because it can make a reader fetch or invent content.",
      text.lastIndexOf("<!DOCTYPE", parser.position),
    ),
  );
  parser.on("opentagstart", (tag) => {
    // The position is one character behind the name, or two when that character is a CR LF.
    tagOffset = text.lastIndexOf("<", parser.position - 1 - tag.name.length);
    markupEnd = tagOffset + 1 + tag.name.length;
    attributeOffsets = [];
  });
  parser.on("attribute", (attribute) => {
    let offset = markupEnd;
    while (isSpace(text.charCodeAt(offset))) offset++;
    attributeOffsets.push(offset);
    if (attribute.value.length > maxNamespaceLength && (attribute.prefix === "xmlns" || attribute.name === "xmlns"))
      fault("text-too-long", `The name of a namespace has ${attribute.value.length} characters; at most ${maxNamespaceLength} are accepted.`, offset);
    if (attributeOffsets.length > maxAttributes) {
      const { rule, text: what } = tooManyAttributes(maxAttributes);
      fault(rule, what, offset);
    }
    markupEnd = parser.position;
    if (attribute.value.length > maxStringLength)
      fault("string-too-long", `An attribute of ${attribute.value.length} characters; at most ${maxStringLength} are accepted.`, offset);
  });
  parser.on("opentag", (tag) => {
    markupEnd = parser.position;
    handler.start(elementOf(tag, tagOffset, attributeOffsets));
  });
  readPlainMarkup(
    parser,
    (tag) => {
      markupEnd = parser.position;
      handler.start(tag);
    },
    options,
  );
  parser.on("closetag", () => {
    markupEnd = parser.position;
    handler.end(markupEnd);
  });
  parser.on("text", (value) => {
    handler.text?.(value, markupEnd, false);
    markupEnd = parser.position - 1;
  });
  parser.on("cdata", (value) => {
    handler.text?.(value, markupEnd, true);
    markupEnd = parser.position;
  });
  parser.on("comment", (comment) => {
    handler.comment?.(comment, markupEnd);
    // The handler is called at the two hyphens; its closing bracket is still to come.
    markupEnd = parser.position + 1;
  });
  parser.on("processinginstruction", ({ target }) => {
    handler.instruction?.(target, markupEnd);
    markupEnd = parser.position;
  });
  parser.write(text).close();
}

function elementOf(tag: SaxesTagNS, offset: number, offsets: readonly number[]): XmlElement {
  const attributes: XmlAttribute[] = [];
  for (const name in tag.attributes) {
    const { prefix, local, uri, value } = tag.attributes[name] as SaxesTagNS["attributes"][string];
    attributes.push({ name, prefix, local, uri, value, offset: offsets[attributes.length] ?? offset });
  }
  return { name: tag.name, prefix: tag.prefix, local: tag.local, uri: tag.uri, attributes, ns: tag.ns, offset };
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** What the parser says, with the name of an entity that XML does not know, and what to write instead. */
function syntaxFault(message: string, text: string, position: number): string {
  if (!message.startsWith("undefined entity")) return sentence(message);
  const name = /&([^&;\s]{1,40});$/.exec(text.slice(Math.max(position - 44, 0), position))?.[1];
  if (name === undefined) return sentence(message);
  const code = htmlEntities().get(name);
  const instead = code === undefined ? "the character itself" : `the character itself, or &#x${code.toString(16).toUpperCase()};`;
  return `XML knows no entity &${name};${code === undefined ? "" : ", which is HTML's"}: write ${instead}.`;
}

/** saxes writes `unclosed tag: div`: as a sentence of ours. */
function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}
