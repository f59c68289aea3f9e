/**
 * What stands in a row and is no cell, moved into the cell before it (or the next, where it comes first), so that every value keeps the column that it was written under. All words stay, and in order.
 */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { INSIDES, PARTS, TABLE_PARTS, type TablePart } from "./content-model.ts";

type Child = XhtmlElement | string;

/** The same tree, with the cells of its rows and nothing else in them; what needs no change is the same object. @param place where it stands */
export function keepColumns(element: XhtmlElement, place: TablePart = "flow"): XhtmlElement {
  const { localName: name } = element;
  const isOutside = place === "flow" && TABLE_PARTS.has(name);
  const inside = isOutside ? "flow" : name === "colgroup" ? "table" : (INSIDES[name] ?? "flow");
  const placed = inside === "flow" ? element.children : inCells(element.children, inside);
  const children = placed.map((child) =>
    typeof child === "string" ? child : keepColumns(child, inside !== "flow" && PARTS[inside].has(child.localName) ? inside : "flow"),
  );
  const isSame = children.length === element.children.length && children.every((child, at) => child === element.children[at]);
  return isSame ? element : { ...element, children };
}

/** Within a table or a group of rows, cells that stand side by side without a row are one all the same; what stands between rows gets one of its own later. */
function inCells(children: readonly Child[], place: Exclude<TablePart, "flow">): Child[] {
  const placed: Child[] = [];
  /** The last cell of the row at hand, as its place in `placed`. */
  let cell: number | undefined;
  /** What came before the first cell of the row. */
  let waiting: Child[] = [];
  for (const child of children.flatMap((one) => (isStray(one, place) ? cellsWithin(one) : [one]))) {
    if (isCell(child)) {
      placed.push(waiting.length === 0 ? child : { ...child, children: [apart(waiting, child), ...child.children] });
      waiting = [];
      cell = placed.length - 1;
    } else if (isStray(child, place)) {
      const last = cell === undefined ? undefined : placed[cell];
      if (cell === undefined || last === undefined || typeof last === "string") {
        if (place === "row") waiting.push(child);
        else placed.push(child);
      } else placed[cell] = { ...last, children: [...last.children, apart([child], last)] };
    } else {
      placed.push(child);
      if (typeof child !== "string") cell = undefined;
    }
  }
  return [...waiting, ...placed];
}

/** A line of its own, so that its words do not run into those of the cell. */
function apart(children: Child[], cell: XhtmlElement): XhtmlElement {
  return { ...cell, name: "div", localName: "div", attributes: [], children };
}

/** An element around cells, in a row: the cells, with that element within each of them. Cells of a table that it holds are that table's. */
function cellsWithin(stray: Child): Child[] {
  if (typeof stray === "string" || TABLE_PARTS.has(stray.localName) || !holdsCell(stray)) return [stray];
  return stray.children
    .flatMap(cellsWithin)
    .map((child) =>
      isCell(child)
        ? { ...child, children: [{ ...stray, children: child.children }] }
        : typeof child === "string" && child.trim() === ""
          ? child
          : { ...stray, children: [child] },
    );
}

function holdsCell(element: XhtmlElement): boolean {
  return (
    element.localName !== "table" &&
    element.children.some((child) => typeof child !== "string" && (isCell(child) || (!TABLE_PARTS.has(child.localName) && holdsCell(child))))
  );
}

function isCell(child: Child): child is XhtmlElement & { readonly localName: "td" | "th" } {
  return typeof child !== "string" && (child.localName === "td" || child.localName === "th");
}

function isStray(child: Child, place: Exclude<TablePart, "flow">): boolean {
  return typeof child === "string" ? child.trim() !== "" : !PARTS[place].has(child.localName);
}
