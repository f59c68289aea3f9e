/** The places of a table's cells (HTML, 4.9.12.1), so that no two of them share one: a browser would print their words upon each other. */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";

/** Browsers take these for the most (HTML, colspan and rowspan). */
const MOST_COLUMNS = 1_000;
const MOST_ROWS = 999;

/** The columns and rows of one group of rows. */
export class CellGrid {
  /** For each column, the first row in which no cell from above stands. */
  readonly #freeFrom: number[] = [];
  #row = 0;
  #column = 0;

  beginRow(): void {
    this.#row += 1;
    this.#column = 0;
  }

  /** Gives the next cell of the row its place, and the number of columns that are free for it: at most as many as it asks for. */
  place(cell: { readonly columns: number; readonly rows: number }): number {
    while (!this.#isFree(this.#column)) this.#column += 1;
    const first = this.#column;
    const end = Math.min(first + Math.max(1, cell.columns), Math.max(first + 1, MOST_COLUMNS));
    while (this.#column < end && this.#isFree(this.#column)) {
      this.#freeFrom[this.#column] = this.#row + Math.min(cell.rows, MOST_ROWS);
      this.#column += 1;
    }
    return this.#column - first;
  }

  #isFree(column: number): boolean {
    return (this.#freeFrom[column] ?? 0) <= this.#row;
  }
}

/** The value of `colspan` or `rowspan` as it is written: 1 for anything odd. */
export function spanOf(cell: XhtmlElement, name: "colspan" | "rowspan"): number {
  const span = cell.attributes.find(([attribute]) => attribute === name)?.[1].trim() ?? "1";
  return /^[1-9]\d{0,2}$/.test(span) ? Number(span) : 1;
}
