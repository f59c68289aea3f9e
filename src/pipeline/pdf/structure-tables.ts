/** Tables of the structure tree (ISO 14289-1 section 7.5): every row as wide as the table, no span beyond it, a scope for each heading. */
import { asArray, asDictionary, dictionary, withEntries, type PdfDictionary, type PdfReference, type PdfValue } from "../../core/pdf/values.ts";
import type { PdfEdit } from "./pdf-edit.ts";
import { elementOf, kidsOf, type Element } from "./structure-elements.ts";

interface Cell {
  readonly element: Element;
  readonly columns: number;
  readonly rows: number;
}

interface Row {
  readonly element: Element;
  readonly cells: readonly Cell[];
  /** Rows from here to the end of its group, itself included: no cell spans further. */
  readonly below: number;
}

export function mendTable(edit: PdfEdit, table: Element): void {
  const rows = rowsOf(edit, table);
  const { width, taken } = gridOf(rows);
  rows.forEach((row, at) => {
    for (const cell of row.cells) mendCell(edit, cell, row, at === 0);
    const missing = width - (taken[at] ?? width);
    if (missing > 0) pad(edit, row.element, missing);
  });
}

function rowsOf(edit: PdfEdit, table: Element): Row[] {
  const elements = kidsOf(table.dictionary).flatMap((kid) => elementOf(edit, kid) ?? []);
  // Rows that stand in no group are one.
  const groups = [
    ...elements
      .filter(({ type }) => /^T(Head|Body|Foot)$/.test(type))
      .map((group) => kidsOf(group.dictionary).flatMap((kid) => elementOf(edit, kid) ?? [])),
    elements,
  ];
  return groups.flatMap((group) => {
    const rows = group.filter(({ type }) => type === "TR");
    return rows.map((element, at) => ({ element, below: rows.length - at, cells: cellsOf(edit, element) }));
  });
}

function cellsOf(edit: PdfEdit, row: Element): Cell[] {
  return kidsOf(row.dictionary).flatMap((kid) => {
    const element = elementOf(edit, kid);
    if (element?.type !== "TH" && element?.type !== "TD") return [];
    return [{ element, columns: spanOf(edit, element, "/ColSpan"), rows: spanOf(edit, element, "/RowSpan") }];
  });
}

/** More is no table that anybody reads: such a one stays as it is. */
const MOST_COLUMNS = 5_000;

/** How wide the table is, and how many of its columns each row takes, with those that cells of earlier rows reach into. */
function gridOf(rows: readonly Row[]): { readonly width: number; readonly taken: readonly number[] } {
  /** For each column, in how many rows more it is taken. */
  let reaching: number[] = [];
  let width = 0;
  const taken: number[] = [];
  for (const { cells, below } of rows) {
    const next = reaching.map((left) => Math.max(0, left - 1));
    let column = 0;
    let own = 0;
    for (const cell of cells) {
      while ((reaching[column] ?? 0) > 0) column += 1;
      if (column + cell.columns > MOST_COLUMNS) return { width: 0, taken: [] };
      for (let offset = 0; offset < cell.columns; offset += 1) next[column + offset] = Math.min(cell.rows, below) - 1;
      column += cell.columns;
      own += cell.columns;
    }
    width = Math.max(width, column, reaching.findLastIndex((left) => left > 0) + 1);
    taken.push(own + reaching.filter((left) => left > 0).length);
    reaching = Array.from(next, (left: number | undefined) => left ?? 0);
  }
  return { width, taken };
}

function mendCell(edit: PdfEdit, { element, rows }: Cell, { below }: Row, isFirstRow: boolean): void {
  if (rows > below) setAttribute(edit, element, "RowSpan", below);
  if (element.type === "TH" && attributesOf(edit, element).every((each) => !each.has("/Scope")))
    setAttribute(edit, element, "Scope", isFirstRow ? "/Column" : "/Row");
}

/** One empty cell over all that is missing. */
function pad(edit: PdfEdit, { reference, dictionary: row }: Element, columns: number): void {
  const attributes = dictionary({ O: "/Table", ColSpan: columns });
  const cell = edit.add(dictionary({ Type: "/StructElem", S: "/TD", P: reference, A: attributes }));
  edit.set(reference, withEntries(row, { K: [...kidsOf(row), cell] }));
}

function attributesOf(edit: PdfEdit, { dictionary: element }: Element): PdfDictionary[] {
  const given = edit.resolve(element.get("/A"));
  return (asArray(given) ?? [given]).flatMap((each) => asDictionary(edit.resolve(each)) ?? []);
}

function spanOf(edit: PdfEdit, element: Element, name: "/ColSpan" | "/RowSpan"): number {
  const span = attributesOf(edit, element)
    .map((each) => each.get(name))
    .find((value) => typeof value === "number");
  return span !== undefined && span >= 1 ? Math.floor(span) : 1;
}

function setAttribute(edit: PdfEdit, element: Element, name: string, value: PdfValue): void {
  const others = attributesOf(edit, element).filter((each) => !each.has(`/${name}`));
  const reference: PdfReference = element.reference;
  const current = asDictionary(edit.get(reference)) ?? element.dictionary;
  edit.set(reference, withEntries(current, { A: [...others, dictionary({ O: "/Table", [name]: value })] }));
}
