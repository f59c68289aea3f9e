/** A narrative's div as a tree of XHTML elements. It is read, never repaired: what is not well-formed has no tree. */
import { isLimitRule } from "../reading/limit-faults.ts";
import { DEFAULT_READ_LIMITS } from "../reading/read-limits.ts";
import { htmlEntities } from "./html-entities.ts";
import { MOST_ATTRIBUTES, readPlainXhtml, type ElementBudget, type XhtmlElement } from "./plain-xhtml.ts";
import { readXmlEvents, XmlFault, type XmlElement } from "./xml-events.ts";

export type { ElementBudget, XhtmlElement } from "./plain-xhtml.ts";

/**
 * `syntax`: not well-formed XML (there is no root then). `entity`: a named entity of HTML, which XML does not have; it was read as its character. `instruction`: a
 * processing instruction or an XML declaration. `outside`: characters other than white space, or a comment, around the element. `limit`: more than is read (there is no root then).
 */
export type XhtmlFault = "syntax" | "entity" | "instruction" | "outside" | "limit";

export interface XhtmlIssue {
  readonly kind: XhtmlFault;
  readonly text: string;
  /** In UTF-16 units of the div's string. */
  readonly offset: number;
}

export interface XhtmlReading {
  readonly root?: XhtmlElement;
  readonly issues: readonly XhtmlIssue[];
}

const MAX_DEPTH = 100;
const TOO_MANY_TEXT = "The narratives have more elements in all than are accepted (docs/limits.md).";
const NAMED_ENTITY = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|&([A-Za-z][A-Za-z0-9]*);/g;
const NAMED = /&[A-Za-z]/;
const XML_ENTITIES: ReadonlySet<string> = new Set(["lt", "gt", "amp", "quot", "apos"]);

/**
 * Reads the string of Narrative.div (R4 narrative.html): one element, with white space around it at most. Linear in its length.
 * @param room how many elements may be read; what was read is taken from it
 */
export function readXhtml(div: string, budget?: ElementBudget): XhtmlReading {
  const tried = { left: budget?.left ?? Infinity };
  const plain = readPlainXhtml(div, tried);
  // The other reader would come no further, and take longer for it.
  if (!plain && tried.left < 0) return { issues: [{ kind: "limit", text: TOO_MANY_TEXT, offset: 0 }] };
  if (!plain) return readAnyXhtml(div, budget);
  if (budget) budget.left = tried.left;
  return { root: plain, issues: [] };
}

/** The same by the reader that knows all of XML, and that names every fault. */
export function readAnyXhtml(div: string, budget: ElementBudget = { left: Infinity }): XhtmlReading {
  const builder = new XhtmlBuilder();
  const issues: XhtmlIssue[] = [];
  const start = div.length - div.trimStart().length;
  try {
    readXmlEvents(
      div.slice(start),
      {
        start: (element) => {
          if (--budget.left < 0) throw new XmlFault("too-many-values", TOO_MANY_TEXT, element.offset);
          builder.start(element, start);
        },
        end: () => builder.end(),
        text: (text) => builder.text(text),
        comment: (_, offset) => {
          if (builder.isOutside) issues.push({ kind: "outside", text: "A comment stands outside of the div element.", offset: offset + start });
        },
        instruction: (target, offset) =>
          issues.push({ kind: "instruction", text: `A processing instruction ('${target}') stands in the narrative.`, offset: offset + start }),
        declaration: () =>
          issues.push({
            kind: "instruction",
            text: "The narrative begins with an XML declaration; it must begin with its div element.",
            offset: start,
          }),
      },
      {
        maxAttributes: MOST_ATTRIBUTES,
        maxNamespaceLength: DEFAULT_READ_LIMITS.maxNamespaceLength,
        ...(NAMED.test(div) && { entities: htmlEntities() }),
      },
    );
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault;
    const kind = isLimitRule(fault.rule) ? "limit" : "syntax";
    return { issues: [...issues, { kind, text: fault.message, offset: fault.offset + start }] };
  }
  issues.push(...namedEntities(div));
  return { ...(builder.root && { root: builder.root }), issues };
}

/** The first use of each entity that HTML has and XML has not. */
function namedEntities(div: string): XhtmlIssue[] {
  const found = new Map<string, XhtmlIssue>();
  for (const match of div.matchAll(NAMED_ENTITY)) {
    const name = match[1];
    if (name === undefined || XML_ENTITIES.has(name) || found.has(name)) continue;
    const code = (htmlEntities().get(name) ?? 0).toString(16).toUpperCase();
    found.set(name, {
      kind: "entity",
      text: `The entity &${name}; is HTML's; XML does not know it. Write the character itself, or &#x${code};.`,
      offset: match.index,
    });
  }
  return [...found.values()];
}

interface OpenElement extends XhtmlElement {
  readonly children: (XhtmlElement | string)[];
}

class XhtmlBuilder {
  root: XhtmlElement | undefined;
  readonly #open: OpenElement[] = [];

  get isOutside(): boolean {
    return this.#open.length === 0;
  }

  start({ name, local, uri, attributes, offset }: XmlElement, before: number): void {
    if (this.#open.length >= MAX_DEPTH) throw new XmlFault("too-deep", `Elements lie more than ${MAX_DEPTH} levels within each other.`, offset);
    const element: OpenElement = {
      name,
      localName: local,
      namespace: uri,
      attributes: attributes.map((attribute) => [attribute.name, attribute.value] as const),
      children: [],
      offset: offset + before,
    };
    this.#open.at(-1)?.children.push(element);
    this.root ??= element;
    this.#open.push(element);
  }

  end(): void {
    this.#open.pop();
  }

  text(text: string): void {
    const children = this.#open.at(-1)?.children;
    if (children === undefined) return;
    const last = children.at(-1);
    if (typeof last === "string") children[children.length - 1] = last + text;
    else children.push(text);
  }
}
