/** How much room a table needs at least, told from its words: paper cannot be scrolled, so wide tables are set smaller there, and only crowded ones break words. */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { spanOf } from "./cell-grid.ts";

export interface TableWidth {
  readonly columns: number;
  /** Classes for its box: none, `wide`, `very-wide`, `very-wide crowded`. */
  readonly classes: string;
}

/** The number of columns, and of characters of the longest words side by side, from which a class applies. Measured on A4 with the print styles. */
const CLASSES: readonly { readonly columns: number; readonly characters: number; readonly classes: string }[] = [
  { columns: 100, characters: 140, classes: "very-wide crowded" },
  { columns: 13, characters: 116, classes: "very-wide" },
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
  for (const row of rowsOf(table)) {
    let column = 0;
    for (const cell of row.children) {
      if (!isCell(cell)) continue;
      if (column >= MOST_COLUMNS) break;
      const span = spanOf(cell, "colspan");
      // The words of a cell that spans several columns are shared out among them.
      const width = Math.ceil(longestWord(cell) / span) + CELL_MARGIN;
      for (let at = column; at < Math.min(column + span, MOST_COLUMNS); at += 1) longest[at] = Math.max(longest[at] ?? 0, width);
      column += span;
    }
  }
  const characters = longest.reduce((sum, width) => sum + width, 0);
  const columns = Math.max(1, longest.length);
  const found = CLASSES.find((candidate) => columns >= candidate.columns || characters >= candidate.characters);
  return { columns, classes: found?.classes ?? "" };
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
