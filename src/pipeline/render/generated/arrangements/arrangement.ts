/** How resources of one type stand in a table: its columns in the order in which clinicians read them, and which of its parts are rows of their own. */
import type { Part } from "../../html.ts";
import type { RenderContext } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";

export interface Column {
  /** Key of the words of its head. */
  readonly head: string;
  /** Figures stand below each other, a date stays on its line, prose has room. */
  readonly kind?: "number" | "date" | "prose";
  /** The elements that it shows, choices without their type. What no column shows is listed below the row. */
  readonly elements: readonly string[];
  /** `first`: only the first of them that is there. */
  readonly takes?: "first";
  /** Words them otherwise than one after the other. */
  readonly wording?: (unsaid: Unsaid, context: RenderContext, aside: Aside) => Part;
}

/** Takes what has no room in a cell, to stand below the row: the key of its label, and its words. */
export type Aside = (label: string, words: Part) => void;

/** A part that makes rows below the row of its holder, indented. */
export interface Rows {
  /** A backbone whose elements stand in the holder's columns, or references that are followed. */
  readonly element: string;
  /** Key of the words that say what it is to its holder, where the heads do not. */
  readonly label?: string;
}

export interface Arrangement {
  /** The first names the row, and has beside it whatever changes how the row is read. */
  readonly columns: readonly Column[];
  readonly rows?: readonly Rows[];
}

export const column = (head: string, ...elements: readonly string[]): Column => ({ head: `column-${head}`, elements });
export const dates = (head: string, ...elements: readonly string[]): Column => ({ head: `column-${head}`, kind: "date", elements, takes: "first" });
export const figures = (head: string, ...elements: readonly string[]): Column => ({ head: `column-${head}`, kind: "number", elements });
