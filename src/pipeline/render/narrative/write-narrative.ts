/**
 * Writes a narrative that the allow-list passed as HTML: every text node, in order, exactly; ids, links, classes and styles made harmless; table parts placed so
 * that HTML's parser moves nothing.
 */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { escapeHtml } from "../html.ts";
import { writeAttributes, type AttributeSetting } from "./attributes.ts";
import { CellGrid, spanOf } from "./cell-grid.ts";
import { keepColumns } from "./keep-columns.ts";
import type { Rgb } from "./colours.ts";
import { BLOCKS, ELEMENTS, INSIDES, PARTS, TABLE_PARTS, VOID_ELEMENTS, WRAPPERS, type TablePart } from "./content-model.ts";
import { Pieces } from "../../../core/pieces.ts";
import { FRAME_LOOK, withColumns, type Look } from "./look.ts";
import { GROWS_FROM, NARROWEST, sidewaysLines, sidewaysTable, type Sideways } from "./sideways.ts";
import { filterStyle, groundIn } from "./style-filter.ts";
import { columnsOf, LONG_WORD, tableWidth, type TableWidth } from "./table-width.ts";

export interface NarrativeSetting {
  /** Put before every id, so that two resources cannot clash (R4 narrative.html, Internal Id References). */
  readonly scope: string;
  /** The level of the page's own heading above the narrative: the author's begin one below it, and none leaves out a level (WCAG 1.3.1). They all look alike. */
  readonly headingShift: number;
  /** The `data:` URL of an image that lies in the document; undefined when it lies elsewhere: nothing is ever fetched. */
  image(source: string): string | undefined;
  /** The same tree with the styles that the document's stylesheets have for it; absent: it has none. */
  readonly style?: (root: XhtmlElement) => XhtmlElement;
}

export interface WrittenNarrative {
  readonly html: string;
  /** All its text, as a browser must find it. */
  readonly text: string;
  /** Images that could not be shown; their description stands in their place. */
  readonly missingImages: number;
  /** True when the author's style would have hidden words, or made them unreadable. */
  readonly isRestyled: boolean;
  /** What may be wider than the screen, in order. */
  readonly sideways: readonly Sideways[];
}

/** Browsers stop nesting at 512 elements; nobody writes a narrative of half as many. */
const MAX_DEPTH = 200;

/** Cells of one group of rows do not reach into another. */
const GRID_OWNERS: ReadonlySet<string> = new Set(["table", "thead", "tbody", "tfoot"]);

/** What is known on the way down. */
interface Surroundings {
  readonly place: TablePart;
  readonly look: Look;
  readonly isInLink: boolean;
  readonly isInTable: boolean;
  /** In a table so wide that its long words are told from others. */
  readonly isTight: boolean;
  readonly columns: number;
  /** CSS pixels that the elements around take of the width. */
  readonly inset: number;
  /** The places of cells in the rows at hand; only within tables. */
  readonly grid: CellGrid;
}

/** Undefined when the narrative is too deeply nested, or holds an element that this writer does not know: then it can only be shown as plain text. */
export function writeNarrative(root: XhtmlElement, setting: NarrativeSetting): WrittenNarrative | undefined {
  if (depthOf(root) > MAX_DEPTH) return undefined;
  const writer = new NarrativeWriter(setting);
  const html = writer.element(keepColumns(root), {
    place: "flow",
    look: FRAME_LOOK,
    isInLink: false,
    isInTable: false,
    isTight: false,
    columns: 1,
    inset: 0,
    grid: new CellGrid(),
  });
  const { texts, missingImages, isRestyled, sideways } = writer;
  return writer.isImpossible ? undefined : { html, text: texts.toString(), missingImages, isRestyled, sideways };
}

class NarrativeWriter {
  readonly setting: NarrativeSetting;
  /** Its text. */
  readonly texts = new Pieces();
  missingImages = 0;
  isRestyled = false;
  isImpossible = false;
  readonly sideways: Sideways[] = [];
  /** The author's levels of the heading that was written last and of those that it lies below. */
  private readonly headings: number[] = [];

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
    const colspan = this.placed(element, name, around);
    const { text: attributes, look, inset, isRestyled } = writeAttributes(name, element.attributes, this.attributeSetting(element, around, colspan));
    this.isRestyled ||= isRestyled;
    if (VOID_ELEMENTS.has(name)) return `<${name}${attributes}>`;
    const isTable = name === "table";
    const width = isTable && !around.isInTable ? tableWidth(element) : undefined;
    const inside: Surroundings = {
      place: INSIDES[name] ?? "flow",
      look: name === "table" ? withColumns(look, columnColours(element)) : look,
      isInLink: around.isInLink || name === "a",
      isInTable: around.isInTable || isTable,
      isTight: around.isTight || width?.isTight === true,
      columns: isTable ? columnsOf(element) : around.columns,
      inset,
      grid: GRID_OWNERS.has(name) ? new CellGrid() : around.grid,
    };
    if (name === "colgroup") return this.columnGroup(element, attributes, inside);
    const content = inside.place === "flow" ? this.flow(element, inside) : this.parts(element, inside, inside.place);
    // HTML's parser drops a line break right after <pre>.
    const first = name === "pre" && content.startsWith("\n") ? "\n" : "";
    const lines = name === "pre" && !around.isInTable && !/white-space/.test(attributes) ? sidewaysLines(element) : undefined;
    if (lines) this.sideways.push(lines);
    const written = `<${name}${attributes}${lines && lines.need >= NARROWEST ? ' tabindex="0"' : ""}>${first}${content}</${name}>`;
    if (!width) return written;
    const sideways = sidewaysTable(element, width.classes !== "");
    this.sideways.push(sideways);
    return boxed(written, width, sideways);
  }

  private attributeSetting(element: XhtmlElement, around: Surroundings, colspan: number | undefined): AttributeSetting {
    const { look, isInTable, inset, columns } = around;
    const hasText = element.children.some((child) => typeof child === "string" && child.trim() !== "");
    return { scope: this.setting.scope, look, isInTable, inset, columns, hasText, ...(colspan !== undefined && { colspan }) };
  }

  /** Of a cell, the number of columns that are free for it where it comes to stand. A row gives its cells new places. */
  private placed(element: XhtmlElement, name: string, { grid, place }: Surroundings): number | undefined {
    // Cells that stand in no row get one of their own from the parser.
    if (name === "tr" || (place !== "row" && (name === "td" || name === "th"))) grid.beginRow();
    return name === "td" || name === "th" ? grid.place({ columns: spanOf(element, "colspan"), rows: spanOf(element, "rowspan") }) : undefined;
  }

  /** The name under which an element is written where its own would make the parser tear things apart. */
  private nameFor(element: XhtmlElement, around: Surroundings): string {
    const { localName: name } = element;
    if (around.place === "flow" && TABLE_PARTS.has(name)) return "div";
    if (name === "p" && holdsBlock(element)) return "div";
    if (name === "a" && around.isInLink) return "span";
    const level = /^h([1-6])$/.exec(name)?.[1];
    return level === undefined ? name : `h${Math.min(6, this.depthOf(Number(level)) + this.setting.headingShift)}`;
  }

  /** How deep a heading lies among those before it: an author who begins with h4 begins all the same. */
  private depthOf(level: number): number {
    while ((this.headings.at(-1) ?? 0) >= level) this.headings.pop();
    this.headings.push(level);
    return this.headings.length;
  }

  private flow(element: XhtmlElement, inside: Surroundings): string {
    const written = new Pieces();
    for (const child of element.children) written.add(typeof child === "string" ? this.words(child, inside.isTight) : this.element(child, inside));
    return written.toString();
  }

  /** The children of a table part: what has no place there, text too, and stands by no cell, is wrapped in a cell of its own instead of being moved before the table. */
  private parts(element: XhtmlElement, inside: Surroundings, place: Exclude<TablePart, "flow">): string {
    const written = new Pieces();
    let isOpen = false;
    const wrappers = WRAPPERS[place];
    const open = (): string => wrappers.map((name) => (name === "td" ? `<td${this.strayCell(place, inside)}>` : `<${name}>`)).join("");
    const close = wrappers
      .toReversed()
      .map((name) => `</${name}>`)
      .join("");
    for (const child of element.children) {
      const isBlank = typeof child === "string" && child.trim() === "";
      const isStray = typeof child === "string" ? !isBlank : !PARTS[place].has(child.localName);
      if (isStray !== isOpen && !(isBlank && isOpen)) {
        written.add(isStray ? open() : close);
        isOpen = isStray;
      }
      if (typeof child === "string") written.add(this.words(child, inside.isTight));
      else written.add(this.element(child, isStray ? { ...inside, place: "flow" } : inside));
    }
    if (isOpen) written.add(close);
    return written.toString();
  }

  /** The attributes of a cell of ours, around what has no place in a table. */
  private strayCell(place: Exclude<TablePart, "flow">, { grid, columns }: Surroundings): string {
    if (place !== "row") grid.beginRow();
    const free = grid.place({ columns: place === "row" ? 1 : Math.min(columns, 999), rows: 1 });
    return free > 1 ? ` colspan="${free}"` : "";
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
    const { text } = writeAttributes("img", element.attributes, this.attributeSetting(element, around, undefined));
    if (source !== undefined) return `<img src="${escapeHtml(source)}" alt="${escapeHtml(description)}"${text}>`;
    this.missingImages += 1;
    const { style, isRestyled } = filterStyle(sent.get("style"), "span", around.look, { isInTable: around.isInTable, hasText: true });
    this.isRestyled ||= isRestyled;
    const styled = style === "" ? "" : ` style="${escapeHtml(style)}"`;
    return `<span class="image-missing"${styled}>${this.words(description.trim() === "" ? "[×]" : `[× ${description.trim()}]`)}</span>`;
  }

  private words(text: string, isTight = false): string {
    this.texts.add(text);
    if (!isTight || !LONG_WORD.test(text)) return escapeHtml(text);
    const written = new Pieces();
    for (const word of text.split(/(\s+)/))
      written.add(LONG_WORD.test(word) ? `<span class="long-word">${escapeHtml(word)}</span>` : escapeHtml(word));
    return written.toString();
  }
}

/** What columns are painted with, wherever they say so. */
function columnColours(table: XhtmlElement): Rgb[] {
  return table.children.flatMap((child) => {
    if (typeof child === "string" || (child.localName !== "col" && child.localName !== "colgroup")) return [];
    const style = child.attributes.find(([name]) => name === "style")?.[1];
    const ground = style === undefined ? undefined : groundIn(style);
    return [...(ground === undefined ? [] : [ground]), ...columnColours(child)];
  });
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

/** A table that may be wider than some screen scrolls in a box of its own, which the keyboard must be able to reach. */
function boxed(table: string, { columns, classes }: TableWidth, { need, holds }: Sideways): string {
  const names = ["table-box", classes, need > GROWS_FROM * 16 && "grows", holds && "holds"].filter(Boolean).join(" ");
  return `<div class="${names}"${need >= NARROWEST || columns > 3 ? ' tabindex="0"' : ""}>${table}</div>`;
}
