/**
 * A narrative's div stands in JSON as a string and in XML as an element. It is carried over verbatim, both ways, so that a document and its conversion have one
 * canonical form. Two things that a string can hold and an XML text cannot are written in XML as character references of a spelling of their own (at least four leading
 * zeros), so that reading gives the string back: CR, which XML reads as LF, and HTML's named entities, which XML does not know. Every XML reader sees the
 * same characters in them. White space around the element, which some senders' strings have, is told in a comment before it.
 */
import { htmlEntities, htmlEntityName } from "./html-entities.ts";
import { XHTML_NAMESPACE } from "./namespaces.ts";
import { readXmlEvents, type XmlElement, type XmlHandler } from "./xml-events.ts";

const XML_SPACE = /[ \t\r\n]/;
const XML_DECLARATION = /^<\?xml[ \t\r\n][^>]*\?>[ \t\r\n]*/;
const CARRIAGE_RETURN = "D";

/** White space before and after the element in a div's string. */
export interface SpaceAround {
  readonly before: string;
  readonly after: string;
}

const SPACE_COMMENT = /^ White space around this div: ([nrts]*)\|([nrts]*) $/;
const SPACE_LETTERS: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t", " ": "s", n: "\n", r: "\r", t: "\t", s: " " };

/** What a comment says of the div that follows it; undefined for any other comment. */
export function spaceFromComment(comment: string): SpaceAround | undefined {
  const match = SPACE_COMMENT.exec(comment);
  return match === null ? undefined : { before: spelled(match[1] ?? ""), after: spelled(match[2] ?? "") };
}

/**
 * How a div's string is written in XML: its element, after a comment when there is white space around it. An XML declaration (which R4 forbids there) is left out.
 * @returns undefined for a string that is not one well-formed div element of XHTML, or that XML could not give back (a CR between the parts of a tag)
 */
export function divToXml(div: string): string | undefined {
  const start = Math.max(div.search(/[^ \t\r\n]/), 0);
  const end = lastOfContent(div);
  const before = div.slice(0, start);
  const after = div.slice(end);
  const comment = before === "" && after === "" ? "" : `<!-- White space around this div: ${spelled(before)}|${spelled(after)} -->`;
  const element = div.slice(start, end).replace(XML_DECLARATION, "");
  // Before anything looks for comments and entities in it: in a text that is well-formed each has its end.
  if (!isDivElement(element)) return undefined;
  const encoded = encodeElement(element);
  // A CR between the parts of a tag has no way into XML: a reference can't stand there.
  return encoded === element || isDivElement(encoded) ? comment + encoded : undefined;
}

function lastOfContent(text: string): number {
  let end = text.length;
  while (end > 0 && XML_SPACE.test(text.charAt(end - 1))) end--;
  return end;
}

function spelled(letters: string): string {
  return Array.from(letters, (letter) => SPACE_LETTERS[letter] ?? "").join("");
}

function encodeElement(element: string): string {
  if (!/[\r&]/.test(element)) return element;
  return element.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|\r|&#x0000[0-9A-F]+;|&[A-Za-z][A-Za-z0-9]*;/g, (piece) =>
    piece.startsWith("<") ? piece.replaceAll(/\r|&#x00000*D;/g, encode) : encode(piece),
  );
}

/** The string of a div that stands in XML as `source`: the characters of the element, with its line ends as XML reads them. */
export function divFromXml(source: string): string {
  const text = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
  if (!text.includes("&#x0000")) return text;
  return text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|&#x0000[0-9A-F]+;/g, (piece) =>
    piece.startsWith("<") ? piece.replaceAll(/&#x00000*D;/g, decode) : decode(piece),
  );
}

function encode(piece: string): string {
  if (piece === "\r") return `&#x0000${CARRIAGE_RETURN};`;
  if (!piece.startsWith("&#")) {
    const code = htmlEntities().get(piece.slice(1, -1));
    return code === undefined ? piece : `&#x0000${code.toString(16).toUpperCase()};`;
  }
  // A reference that is spelled like ours already gets one zero more, so that reading can tell it from ours.
  return isOurs(piece) ? piece.replace("&#x", "&#x0") : piece;
}

function decode(piece: string): string {
  const digits = piece.slice("&#x".length, -1);
  const hex = digits.replace(/^0+/, "");
  if (!isOurs(piece)) return piece;
  if (digits.length - hex.length > 4) return piece.replace("&#x0", "&#x");
  return hex === CARRIAGE_RETURN ? "\r" : `&${htmlEntityName(parseInt(hex, 16)) ?? ""};`;
}

function isOurs(reference: string): boolean {
  const hex = reference.slice("&#x".length, -1).replace(/^0+/, "");
  return hex === CARRIAGE_RETURN || (hex.length <= 4 && htmlEntityName(parseInt(hex, 16)) !== undefined);
}

/** Follows the elements of a div that stands in a larger document, and makes its string. */
export class DivCapture {
  readonly #start: XmlElement;
  readonly #namespaceAround: (prefix: string) => string | undefined;
  readonly #declared: Readonly<Record<string, string>>[] = [];
  /** Bindings that the div uses and that are declared outside of it. */
  readonly #needed = new Map<string, string>();

  /** `namespaceAround` gives what a prefix stands for around the div. */
  constructor(start: XmlElement, namespaceAround: (prefix: string) => string | undefined) {
    this.#start = start;
    this.#namespaceAround = namespaceAround;
    this.open(start);
  }

  open(element: XmlElement): void {
    this.#declared.push(element.ns);
    this.#use(element.prefix);
    for (const attribute of element.attributes) if (attribute.prefix !== "" && attribute.prefix !== "xmlns") this.#use(attribute.prefix);
  }

  /** How many elements lie around the next one, the div included; 0 once it is closed. */
  close(): number {
    this.#declared.pop();
    return this.#declared.length;
  }

  get depth(): number {
    return this.#declared.length;
  }

  /** The div's string: `source` are the characters from its start tag to its end tag. */
  textOf(source: string): string {
    const div = divFromXml(source);
    if (this.#needed.size === 0) return div;
    const afterName = 1 + this.#start.name.length;
    const bindings = [...this.#needed]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([prefix, namespace]) => ` xmlns${prefix === "" ? "" : `:${prefix}`}="${escapeAttribute(namespace)}"`);
    return div.slice(0, afterName) + bindings.join("") + div.slice(afterName);
  }

  #use(prefix: string): void {
    if (prefix === "xml" || this.#needed.has(prefix)) return;
    for (const declares of this.#declared) if (declares[prefix] !== undefined) return;
    const namespace = this.#namespaceAround(prefix);
    if (namespace !== undefined) this.#needed.set(prefix, namespace);
  }
}

/** True when a text is one well-formed div element of XHTML, in which every prefix is bound, and nothing else. Named entities of HTML are let pass. */
function isDivElement(text: string): boolean {
  let depth = 0;
  let rootEnd = -1;
  let isGood = text.startsWith("<") && !text.startsWith("<!") && !text.startsWith("<?");
  const handler: XmlHandler = {
    start: (element) => {
      if (depth++ === 0) isGood &&= element.local === "div" && element.uri === XHTML_NAMESPACE;
    },
    end: (end) => {
      if (--depth === 0) rootEnd = end;
    },
    instruction: () => {
      isGood = false;
    },
  };
  try {
    readXmlEvents(text, handler, /&[A-Za-z]/.test(text) ? { entities: htmlEntities() } : {});
  } catch {
    return false;
  }
  return isGood && rootEnd === text.length;
}

/** Text within double quotes. White space other than a space as references: an XML reader makes spaces of it otherwise. */
export function escapeAttribute(value: string): string {
  return /[&<>"\t\n\r]/.test(value) ? value.replace(/[&<>"\t\n\r]/g, (character) => ATTRIBUTE_ESCAPES[character] ?? character) : value;
}

const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};
