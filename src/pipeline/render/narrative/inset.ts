/** How much of a line's width the elements around it take: indents, paddings, borders. Beyond a bound they take no more, or words would end up off the paper. */
import { pixels } from "./style-table.ts";

/** Of the 340 px that the smallest screen has, and the 670 of paper, this may be spent on indents. */
export const MOST_INSET = 160;

/** What elements take by our own style (narrative.css), in CSS pixels. */
const NATURAL: Readonly<Record<string, number>> = { ul: 26, ol: 26, blockquote: 32, dd: 20, table: 4, td: 21, th: 21, pre: 0 };

const HORIZONTAL = /^(?:padding|margin|border)(?:-(?:left|right|width))?$|^border-spacing$/;

/**
 * What an element called `name` takes of the width, on both sides together.
 *
 * @param style its style as it is written
 * @param columns how many times it stands side by side: the columns of the table of a cell, else 1
 */
export function insetOf(name: string, style: string, columns: number): number {
  let inset = 0;
  for (const declaration of style === "" ? [] : style.split("; ")) {
    const colon = declaration.indexOf(":");
    const property = declaration.slice(0, colon);
    if (HORIZONTAL.test(property)) inset += sidesOf(property, declaration.slice(colon + 2));
  }
  const natural = NATURAL[name] ?? 0;
  if (name === "table") return natural + inset * (columns + 1);
  if (name === "td" || name === "th") return Math.max(natural, inset > natural ? inset * columns : 0);
  return natural + inset;
}

/** The horizontal part of a value in CSS pixels: two sides of a shorthand, one of the others. */
function sidesOf(property: string, value: string): number {
  const parts = value.split(" ").map((part) => WORDS[part] ?? pixels(part));
  if (property === "border-spacing") return parts[0] ?? 0;
  if (property === "border") return 2 * Math.max(0, ...parts.map((part) => part ?? 0));
  if (/left|right/.test(property)) return Math.max(0, ...parts.map((part) => part ?? 0));
  const [top = 0, right = top, , left = right] = parts;
  return right + left;
}

const WORDS: Readonly<Record<string, number>> = { thin: 1, medium: 3, thick: 5, auto: 0 };
