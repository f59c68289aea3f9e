/**
 * Writes a narrative that the allow-list passed as HTML: every text node, in order, exactly; ids, links, classes and styles made harmless; table parts placed so
 * that HTML's parser moves nothing.
 */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { escapeHtml } from "../html.ts";
import { writeAttributes } from "./attributes.ts";
import { BLOCKS, ELEMENTS, INSIDES, PARTS, TABLE_PARTS, VOID_ELEMENTS, WRAPPERS, type Place } from "./content-model.ts";
import { FRAME_LOOK, type Look } from "./style-filter.ts";
import { Pieces } from "../../../core/pieces.ts";
import { columnsOf, tableWidth, type TableWidth } from "./table-width.ts";

export interface NarrativeSetting {
  /** Put before every id, so that two resources cannot clash (R4 narrative.html, Internal Id References). */
  readonly scope: string;
  /** How far the narrative's headings sink below the page's own: 2 makes h3 of h1. */
  readonly headingShift: number;
  /** The `data:` URL of an image that lies in the document; undefined when it lies elsewhere: nothing is ever fetched. */
  image(source: string): string | undefined;
}

export interface WrittenNarrative {
  readonly html: string;
  /** All its text, as a browser must find it. */
  readonly text: string;
  /** Images that could not be shown; their description stands in their place. */
  readonly missingImages: number;
}

/** Browsers stop nesting at 512 elements; nobody writes a narrative of half as many. */
const MAX_DEPTH = 200;

/** What is known on the way down. */
interface Surroundings {
  readonly place: Place;
  readonly look: Look;
  readonly isInLink: boolean;
  readonly isInTable: boolean;
  readonly columns: number;
}

/** Undefined when the narrative is too deeply nested, or holds an element that this writer does not know: then it can only be shown as plain text. */
export function writeNarrative(root: XhtmlElement, setting: NarrativeSetting): WrittenNarrative | undefined {
  if (depthOf(root) > MAX_DEPTH) return undefined;
  const writer = new NarrativeWriter(setting);
  const html = writer.element(root, { place: "flow", look: FRAME_LOOK, isInLink: false, isInTable: false, columns: 1 });
  return writer.isImpossible ? undefined : { html, text: writer.texts.toString(), missingImages: writer.missingImages };
}

class NarrativeWriter {
  readonly setting: NarrativeSetting;
  /** Its text. */
  readonly texts = new Pieces();
  missingImages = 0;
  isImpossible = false;

  constructor(setting: NarrativeSetting) {
    this.setting = setting;
  }

  element(element: XhtmlElement, around: Surroundings): string {
    if (!ELEMENTS.has(element.localName)) {
      this.isImpossible = true;
      return "";
    }
    if (element.localName === "img") return this.image(element, around);
    const name = this.nameFor(element, around);
    const { text: attributes, look } = writeAttributes(name, element.attributes, this.setting.scope, around.look);
    if (VOID_ELEMENTS.has(name)) return `<${name}${attributes}>`;
    const isTable = name === "table";
    const inside: Surroundings = {
      place: INSIDES[name] ?? "flow",
      look,
      isInLink: around.isInLink || name === "a",
      isInTable: around.isInTable || isTable,
      columns: isTable ? columnsOf(element) : around.columns,
    };
    if (name === "colgroup") return this.columnGroup(element, attributes, inside);
    const content = inside.place === "flow" ? this.flow(element, inside) : this.parts(element, inside, inside.place);
    // HTML's parser drops a line break right after <pre>.
    const first = name === "pre" && content.startsWith("\n") ? "\n" : "";
    const written = `<${name}${attributes}>${first}${content}</${name}>`;
    return isTable && !around.isInTable ? boxed(written, tableWidth(element)) : written;
  }

  /** The name under which an element is written where its own would make the parser tear things apart. */
  private nameFor(element: XhtmlElement, around: Surroundings): string {
    const { localName: name } = element;
    if (around.place === "flow" && TABLE_PARTS.has(name)) return "div";
    if (name === "p" && holdsBlock(element)) return "div";
    if (name === "a" && around.isInLink) return "span";
    const level = /^h([1-6])$/.exec(name)?.[1];
    return level === undefined ? name : `h${Math.min(6, Number(level) + this.setting.headingShift)}`;
  }

  private flow(element: XhtmlElement, inside: Surroundings): string {
    const written = new Pieces();
    for (const child of element.children) written.add(typeof child === "string" ? this.words(child) : this.element(child, inside));
    return written.toString();
  }

  /** The children of a table part: what has no place there, text too, is wrapped in a cell of its own instead of being moved before the table. */
  private parts(element: XhtmlElement, inside: Surroundings, place: Exclude<Place, "flow">): string {
    const written = new Pieces();
    let isOpen = false;
    const span = inside.columns > 1 && place !== "row" ? ` colspan="${Math.min(inside.columns, 999)}"` : "";
    const wrappers = WRAPPERS[place];
    const open = wrappers.map((name) => (name === "td" ? `<td${span}>` : `<${name}>`)).join("");
    const close = wrappers
      .toReversed()
      .map((name) => `</${name}>`)
      .join("");
    for (const child of element.children) {
      const isBlank = typeof child === "string" && child.trim() === "";
      const isStray = typeof child === "string" ? !isBlank : !PARTS[place].has(child.localName);
      if (isStray !== isOpen && !(isBlank && isOpen)) {
        written.add(isStray ? open : close);
        isOpen = isStray;
      }
      if (typeof child === "string") written.add(this.words(child));
      else written.add(this.element(child, isStray ? { ...inside, place: "flow" } : inside));
    }
    if (isOpen) written.add(close);
    return written.toString();
  }

  /** A colgroup shows nothing of its own; what a sender left in it comes after it, in a row. */
  private columnGroup(element: XhtmlElement, attributes: string, inside: Surroundings): string {
    const isColumn = (child: XhtmlElement | string): boolean => typeof child !== "string" && child.localName === "col";
    const columns = element.children
      .filter(isColumn)
      .map((child) => (typeof child === "string" ? "" : this.element(child, { ...inside, place: "table" })));
    const rest = element.children.filter((child) => !isColumn(child) && !(typeof child === "string" && child.trim() === ""));
    const strays = rest.length === 0 ? "" : this.parts({ ...element, children: rest }, inside, "table");
    return `<colgroup${attributes}>${columns.join("")}</colgroup>${strays}`;
  }

  private image(element: XhtmlElement, around: Surroundings): string {
    const sent = new Map(element.attributes);
    const description = sent.get("alt") ?? sent.get("title") ?? "";
    const source = this.setting.image(sent.get("src") ?? "");
    const { text } = writeAttributes("img", element.attributes, this.setting.scope, around.look);
    if (source !== undefined) return `<img src="${escapeHtml(source)}" alt="${escapeHtml(description)}"${text}>`;
    this.missingImages += 1;
    return `<span class="image-missing">${this.words(description.trim() === "" ? "[×]" : `[× ${description.trim()}]`)}</span>`;
  }

  private words(text: string): string {
    this.texts.add(text);
    return escapeHtml(text);
  }
}

/** Measured without recursion, so that no depth can exhaust the stack. */
function depthOf(root: XhtmlElement): number {
  let depth = 0;
  for (let level: XhtmlElement[] = [root]; level.length > 0 && depth <= MAX_DEPTH; depth += 1) {
    level = level.flatMap((element) => element.children.filter((child) => typeof child !== "string"));
  }
  return depth;
}

function holdsBlock(element: XhtmlElement): boolean {
  return element.children.some((child) => typeof child !== "string" && (BLOCKS.has(child.localName) || holdsBlock(child)));
}

/** A wide table scrolls in a box of its own, which the keyboard must be able to reach. */
function boxed(table: string, { columns, classes }: TableWidth): string {
  return `<div class="table-box${classes === "" ? "" : ` ${classes}`}"${columns > 3 ? ' tabindex="0"' : ""}>${table}</div>`;
}
