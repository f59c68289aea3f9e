/** What may be wider than the screen and is then scrolled sideways, told from its words: how wide it is about, and what to say of it. */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { pixels } from "./style-table.ts";
import { BREAKS_ANYWHERE, rowsOf } from "./table-width.ts";

/** A table, or lines that do not break, and the room that it needs. */
export interface Sideways {
  readonly kind: "table" | "lines";
  /** CSS pixels, rather too many than too few. */
  readonly need: number;
  /** The headings of the columns, if it has any; empty ones left out. */
  readonly heads: readonly string[];
  readonly columns: number;
  /** Whether the first column may stay in sight while the others are scrolled: it is narrow, and no cell spans others or has a look of its own. */
  readonly holds?: boolean;
}

/** CSS pixels: what needs less is wholly in sight on every screen. */
export const NARROWEST = 224;

/** In rem: the frame of a table that needs more grows out of the column for prose, where the window is wide enough (document.css). */
export const GROWS_FROM = 44;

/** CSS pixels of the first column that may stay: of a telephone's width more than half is left for the others. */
const WIDEST_HELD = 140;

/** Widths in CSS pixels of a letter as narrative.css has it, on average, and of the padding of a cell. */
const LETTER = { normal: 10.4, small: 9.1, monospace: 8.6 };
const HAN = 16;
const CELL = 22;
/** A table that is set small is as wide as its lines are, up to this (document.css). */
const WIDEST = 1152;

/** Longer headings are cut, and more of them left out: the table has them in full. */
const MOST_LETTERS = 60;
const MOST_HEADS = 60;

/** @param isSmall whether the table is set small, and as wide as its lines are */
export function sidewaysTable(table: XhtmlElement, isSmall: boolean): Sideways {
  const letter = isSmall ? LETTER.small : LETTER.normal;
  const words: number[] = [];
  const lines: number[] = [];
  for (const row of rowsOf(table)) {
    cellsOf(row).forEach((cell, column) => {
      const measured = measure(cell, false);
      const set = widthSetBy(cell) / letter;
      words[column] = Math.max(words[column] ?? 0, measured.word, set);
      lines[column] = Math.max(lines[column] ?? 0, measured.line, set);
    });
  }
  const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width * letter + CELL, 0);
  const need = Math.max(widthSetBy(table), total(words), isSmall ? Math.min(total(lines), WIDEST) : 0);
  const first = Math.max(words[0] ?? 0, isSmall ? (lines[0] ?? 0) : 0) * letter + CELL;
  const holds = words.length > 2 && first <= WIDEST_HELD && isPlain(table);
  return { kind: "table", need, heads: headsOf(table).slice(0, MOST_HEADS), columns: words.length, ...(holds && { holds }) };
}

/** No cell spans others, and nothing has a look of its own: a cell that stays would take its ground along, or cover what is not its. */
function isPlain(element: XhtmlElement): boolean {
  if (element.attributes.some(([name, value]) => LOOKS.has(name) && value !== "1")) return false;
  return element.children.every((child) => typeof child === "string" || (child.localName !== "table" && isPlain(child)));
}

const LOOKS: ReadonlySet<string> = new Set(["style", "bgcolor", "colspan", "rowspan", "class", "background"]);

/** The width in CSS pixels that the sender asks for, by attribute or style; 0 for none, or one that depends on what is around. */
function widthSetBy({ attributes }: XhtmlElement): number {
  const sent = new Map(attributes);
  const style = /(?:^|[;\s])width\s*:\s*([\d.]+)(px|pt|em|rem|ex|cm|mm|in|pc)/i.exec(sent.get("style") ?? "");
  const styled = style === null ? 0 : (pixels(`${style[1] ?? ""}${(style[2] ?? "").toLowerCase()}`) ?? 0);
  const attribute = /^\s*(\d{1,4})(?:px)?\s*$/.exec(sent.get("width") ?? "")?.[1];
  return Math.max(styled, Number(attribute ?? 0));
}

/** Of a `pre`, whose lines do not break. */
export function sidewaysLines(pre: XhtmlElement): Sideways {
  const longest = textOf(pre)
    .split("\n")
    .reduce((most, line) => Math.max(most, line.length), 0);
  return { kind: "lines", need: longest * LETTER.monospace, heads: [], columns: 1 };
}

/** The last row of the head, or a first row of headings alone. */
function headsOf(table: XhtmlElement): string[] {
  const head = table.children.find((child) => typeof child !== "string" && child.localName === "thead");
  const row = head !== undefined && typeof head !== "string" ? rowsOf(head).at(-1) : rowsOf(table)[0];
  const cells = row === undefined ? [] : cellsOf(row);
  if (!cells.every(({ localName }) => localName === "th") && head === undefined) return [];
  return cells.map((cell) => textOf(cell).replace(/\s+/g, " ").trim()).filter(Boolean).map(shortened); // prettier-ignore
}

function shortened(text: string): string {
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}

function cellsOf(row: XhtmlElement): XhtmlElement[] {
  return row.children.filter((child) => typeof child !== "string" && (child.localName === "td" || child.localName === "th")) as XhtmlElement[];
}

/** Letters of the longest word and of the longest line within an element; the same where lines do not break. */
function measure(element: XhtmlElement, isUnbroken: boolean): { word: number; line: number } {
  const style = element.attributes.find(([name]) => name === "style")?.[1] ?? "";
  const keeps = isUnbroken || element.localName === "pre" || /nowrap|:\s*pre\b(?!-)/i.test(style);
  let [word, line, here] = [0, 0, 0];
  for (const child of element.children) {
    if (typeof child === "string") {
      here += child.length;
      if (!keeps) word = Math.max(word, longestWord(child));
      continue;
    }
    const inside = measure(child, keeps);
    word = Math.max(word, inside.word);
    here += inside.line;
  }
  line = Math.max(line, here);
  return { word: keeps ? Math.max(word, line) : word, line };
}

function longestWord(text: string): number {
  const letters = (word: string): number => (BREAKS_ANYWHERE.test(word) ? HAN / LETTER.normal : word.length);
  return text.split(/[\s\u00AD\u200B]+|(?<=-)/).reduce((most, word) => Math.max(most, letters(word)), 0);
}

function textOf(element: XhtmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}
