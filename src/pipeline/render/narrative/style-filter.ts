/**
 * Filters a narrative's inline styles property by property. Nothing that passes can hide a word: the colour of text and what lies behind it, and the size of
 * letters, are followed down the tree, and a declaration that would make words unreadable is dropped.
 */
import { BLACK, WHITE, colourOf, contrast, cssOf, type Rgb } from "./colours.ts";
import { pixels, STYLE_RULES, WIDTH_ELEMENTS, widthOf } from "./style-table.ts";

/** How text looks where an element stands. Sizes in CSS pixels. */
export interface Look {
  readonly foreground: Rgb;
  readonly background: Rgb;
  readonly size: number;
}

export const FRAME_LOOK: Look = { foreground: BLACK, background: WHITE, size: 16 };

/** Below this nobody reads: light yellow on white has 1.1, grey #999 on white 2.8. */
const MIN_CONTRAST = 2;
const MIN_SIZE = 9;
const MAX_SIZE = 40;
const SIZE_WORDS: Readonly<Record<string, number>> = {
  "xx-small": 9,
  "x-small": 10,
  small: 13,
  medium: 16,
  large: 18,
  "x-large": 24,
  "xx-large": 32,
};

/** Elements whose text the browser itself makes smaller or larger. */
const SIZE_FACTORS: Readonly<Record<string, number>> = { small: 0.83, sub: 0.83, sup: 0.83, big: 1.2, h1: 2, h2: 1.5, h3: 1.17 };

export interface Filtered {
  /** A value for the style attribute; empty when nothing is left. */
  readonly style: string;
  readonly look: Look;
}

/** Filters the `style` attribute (undefined: none) of an element called `name` that stands where things look like `around`. */
export function filterStyle(style: string | undefined, name: string, around: Look): Filtered {
  const natural = around.size * (SIZE_FACTORS[name] ?? 1);
  let look: Look = { ...around, size: Math.min(MAX_SIZE, Math.max(MIN_SIZE, natural)) };
  if (style === undefined) return { style: "", look };
  const kept: string[] = [];
  const colours: { foreground?: Rgb; background?: Rgb } = {};
  for (const [property, value] of declarationsOf(style)) {
    if (property === "color") assign(colours, "foreground", colourOf(value));
    else if (property === "background-color" || property === "background") assign(colours, "background", colourOf(value));
    else if (property === "font-size") {
      const size = sizeOf(value, around.size);
      if (size === undefined) continue;
      look = { ...look, size };
      kept.push(`font-size: ${value}`);
    } else {
      const rule =
        property === "width"
          ? WIDTH_ELEMENTS.has(name)
            ? widthOf
            : undefined
          : Object.hasOwn(STYLE_RULES, property)
            ? STYLE_RULES[property]
            : undefined;
      const result = rule?.(value);
      if (result !== undefined) kept.push(`${property}: ${result}`);
    }
  }
  const pair = { foreground: colours.foreground ?? around.foreground, background: colours.background ?? around.background };
  if (contrast(pair.foreground, pair.background) >= MIN_CONTRAST) {
    look = { ...look, ...pair };
    if (colours.foreground) kept.push(`color: ${cssOf(colours.foreground)}`);
    if (colours.background) kept.push(`background-color: ${cssOf(colours.background)}`);
  }
  return { style: kept.join("; "), look };
}

/** Property and value of each declaration, lower case. One with an escape, a comment, a function other than rgb() or a quote that stays open is left out. */
function declarationsOf(style: string): [string, string][] {
  return style.split(";").flatMap((declaration): [string, string][] => {
    const colon = declaration.indexOf(":");
    const property = declaration.slice(0, Math.max(0, colon)).trim();
    const value = withoutImportance(declaration.slice(colon + 1).trim());
    if (value === "" || !/^[a-z-]+$/i.test(property)) return [];
    const plain = value
      .toLowerCase()
      .replace(/\s+/g, " ")
      .replace(/\s*,\s*/g, ",");
    const isPlain = /^[a-z0-9#%.,'" -]*$/.test(plain.replace(/\brgb\([\d ,]+\)/g, ""));
    return isPlain ? [[property.toLowerCase(), plain]] : [];
  });
}

/** A value without `!important`. In steps of their own, each linear: one expression for it all would try every blank as the last. */
function withoutImportance(value: string): string {
  const mark = value.lastIndexOf("!");
  return mark >= 0 &&
    value
      .slice(mark + 1)
      .trim()
      .toLowerCase() === "important"
    ? value.slice(0, mark).trimEnd()
    : value;
}

function sizeOf(value: string, around: number): number | undefined {
  const word = SIZE_WORDS[value];
  const percent = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(value)?.[1];
  const relative = /^(\d{1,2}(?:\.\d{1,4})?|\.\d{1,4})em$/.exec(value)?.[1];
  const factor =
    value === "smaller"
      ? 0.83
      : value === "larger"
        ? 1.2
        : percent !== undefined
          ? Number(percent) / 100
          : relative !== undefined
            ? Number(relative)
            : undefined;
  const size = word ?? (factor === undefined ? pixels(value) : factor * around);
  return size !== undefined && size >= MIN_SIZE && size <= MAX_SIZE ? size : undefined;
}

function assign(colours: { foreground?: Rgb; background?: Rgb }, which: "foreground" | "background", colour: Rgb | undefined): void {
  if (colour) colours[which] = colour;
}
