/** How much room a table needs at least, told from its words: paper cannot be scrolled, so wide tables are set smaller there, and only crowded ones break words. */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { spanOf } from "./cell-grid.ts";

export interface TableWidth {
  readonly columns: number;
  /** Classes for its box: none, `wide`, `very-wide`; with `breaks-long` where it fits if no word is whole that is longer than most, with `crowded` where it does not even then. */
  readonly classes: string;
  /** Whether it is so wide that words which are longer than most are to be told from others, so that they alone break. */
  readonly isTight: boolean;
}

/** Letters of the longest words that are kept whole: what is longer is an address, a ruled line, or words without spaces. A number never is. */
export const LONGEST_WHOLE = 24;

/** The words of a table that may be broken where others need not be. */
export const LONG_WORD = new RegExp(`[^\\s\\u00AD\\u200B]{${LONGEST_WHOLE + 1},}`, "u");

/** The number of columns, and of characters of the longest words side by side, from which a class applies. Measured on A4 with the print styles. */
const TIGHT = 116;
const CROWDED = { columns: 100, characters: 140, classes: "very-wide crowded" };
const CLASSES: readonly { readonly columns: number; readonly characters: number; readonly classes: string }[] = [
  CROWDED,
  { columns: 13, characters: TIGHT, classes: "very-wide" },
  { columns: 8, characters: 80, classes: "wide" },
];

/** What the padding and lines of a cell take, in characters. */
const CELL_MARGIN = 2;

/** Scripts that break between any two characters, each two wide. */
export const BREAKS_ANYWHERE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Browsers take a span of 1,000 for the most (HTML, colspan); no screen has room for as many columns. */
const MOST_COLUMNS = 1_000;

/** How many columns a table has, whatever is in them: what stands in a table of its cells is not looked into. */
export function columnsOf(table: XhtmlElement): number {
  let most = 1;
  for (const row of rowsOf(table))
    most = Math.max(
      most,
      row.children.filter(isCell).reduce((sum, cell) => sum + spanOf(cell, "colspan"), 0),
    );
  return Math.min(most, MOST_COLUMNS);
}

/** The room for a table and all that stands in it. Each of its words is looked at, so it is asked of the outermost table alone. */
export function tableWidth(table: XhtmlElement): TableWidth {
  const longest: number[] = [];
  const whole: number[] = [];
  for (const row of rowsOf(table)) {
    let column = 0;
    for (const cell of row.children) {
      if (!isCell(cell)) continue;
      if (column >= MOST_COLUMNS) break;
      const span = spanOf(cell, "colspan");
      const word = longestWord(cell);
      for (let at = column; at < Math.min(column + span, MOST_COLUMNS); at += 1) {
        longest[at] = Math.max(longest[at] ?? 0, shared(word, span));
        whole[at] = Math.max(whole[at] ?? 0, shared(Math.min(word, LONGEST_WHOLE), span));
      }
      column += span;
    }
  }
  const columns = Math.max(1, longest.length);
  const characters = sumOf(longest);
  const classes = classesOf(columns, characters);
  const broken = classesOf(columns, sumOf(whole));
  const isSpared = classes === CROWDED.classes && broken !== classes;
  return { columns, classes: isSpared ? `very-wide breaks-long` : classes, isTight: characters >= TIGHT };
}

function classesOf(columns: number, characters: number): string {
  return CLASSES.find((candidate) => columns >= candidate.columns || characters >= candidate.characters)?.classes ?? "";
}

/** The words of a cell that spans several columns are shared out among them. */
function shared(word: number, span: number): number {
  return Math.ceil(word / span) + CELL_MARGIN;
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

function isCell(child: XhtmlElement | string): child is XhtmlElement {
  return typeof child !== "string" && (child.localName === "td" || child.localName === "th");
}

/** The rows of a table, or of a group of its rows, in order. */
export function rowsOf(part: XhtmlElement): XhtmlElement[] {
  return part.children.flatMap((child) => {
    if (typeof child === "string") return [];
    return child.localName === "tr" ? [child] : /^t(?:head|body|foot)$/.test(child.localName) ? rowsOf(child) : [];
  });
}

function longestWord(element: XhtmlElement): number {
  return element.children.reduce((most, child) => Math.max(most, typeof child === "string" ? longestIn(child) : longestWord(child)), 0);
}

function longestIn(text: string): number {
  // A browser may break after a hyphen, too.
  return text.split(/[\s\u00AD\u200B]+|(?<=-)/).reduce((most, word) => Math.max(most, BREAKS_ANYWHERE.test(word) ? 2 : word.length), 0);
}
