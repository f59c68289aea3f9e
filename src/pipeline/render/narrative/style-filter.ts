/**
 * Filters a narrative's inline styles property by property. Nothing that passes can hide a word: colours are followed down the tree (look.ts), letters are held
 * between two sizes, and whatever would move, cover or blank out words has no row in the table of what may pass.
 */
import { colourOf, type Rgb } from "./colours.ts";
import { hides } from "./hiding.ts";
import { FRAME_LOOK, paint, type Look } from "./look.ts";
import { pixels, STYLE_RULES, WIDTH_ELEMENTS, widthOf } from "./style-table.ts";

/** Letters are never smaller than `--least` or larger than `--most` (narrative.css, print.css), whatever stands in what. */
const LEAST = 7;
const MOST_PIXELS = 96;
const SIZE_WORDS: Readonly<Record<string, string>> = {
  "xx-small": "9px",
  "x-small": "10px",
  small: "13px",
  medium: "16px",
  large: "18px",
  "x-large": "24px",
  "xx-large": "32px",
  smaller: "0.83em",
  larger: "1.2em",
};

/** Elements whose letters are larger than those around them, or stand higher or lower. */
const SHIFTED: ReadonlySet<string> = new Set(["big", "sub", "sup", "tt", "code", "kbd", "samp"]);

/** Where an element stands, as far as its style depends on it. */
export interface Standing {
  readonly isInTable: boolean;
  /** Whether words stand right in it, and not only in elements within it. */
  readonly hasText: boolean;
}

export interface Filtered {
  /** A value for the style attribute; empty when nothing is left. */
  readonly style: string;
  readonly look: Look;
  /** True when words would have been hidden or unreadable as the author styled them. */
  readonly isRestyled: boolean;
}

/** Filters the `style` attribute (undefined: none) of an element called `name` that stands where things look like `around`. */
export function filterStyle(style: string | undefined, name: string, around: Look, standing: Standing): Filtered {
  const kept: string[] = [];
  const colours: { foreground?: Rgb; ground?: Rgb } = {};
  let size = around.size;
  let isShifted = SHIFTED.has(name);
  for (const [property, value] of style === undefined ? [] : declarationsOf(style)) {
    if (property === "color") assign(colours, "foreground", colourOf(value));
    else if (property === "background-color" || property === "background") assign(colours, "ground", colourOf(value));
    else if (property === "font-size") {
      const found = sizeOf(value, around.size);
      if (found === undefined) continue;
      size = found.size;
      isShifted = true;
      kept.push(`font-size: clamp(var(--least), ${found.written}, var(--most))`);
    } else {
      const result = property === "white-space" ? whiteSpace(value, name, standing) : ruleFor(property, name)?.(value);
      if (result === undefined) continue;
      if (property === "vertical-align") isShifted = true;
      kept.push(`${property}: ${result}`);
    }
  }
  const painted = paint(around, name, colours, standing.hasText, isShifted);
  return {
    style: [...kept, ...painted.declarations].join("; "),
    look: { ...painted.look, size: Math.max(LEAST, size) },
    isRestyled: painted.isRestyled || (standing.hasText && size < LEAST) || (style !== undefined && hides(style)),
  };
}

/** The colour that a style paints behind things; undefined for none, or one that is not known. */
export function groundIn(style: string): Rgb | undefined {
  const grounds = declarationsOf(style).filter(([property]) => property === "background-color" || property === "background");
  return grounds.map(([, value]) => colourOf(value)).findLast((colour) => colour !== undefined);
}

function ruleFor(property: string, name: string): ((value: string) => string | undefined) | undefined {
  if (property === "width") return WIDTH_ELEMENTS.has(name) ? widthOf : undefined;
  return Object.hasOwn(STYLE_RULES, property) ? STYLE_RULES[property] : undefined;
}

/**
 * Lines that do not break run out of what they stand in, and off its ground. Cells grow with them, and a `pre` has a box of its own that scrolls; elsewhere lines
 * break where the box ends, and nothing else of them changes.
 */
function whiteSpace(value: string, name: string, { isInTable }: Standing): string | undefined {
  const kept = STYLE_RULES["white-space"]?.(value);
  if (isInTable || name === "pre") return kept;
  return kept === "nowrap" ? undefined : kept === "pre" ? "pre-wrap" : kept;
}

/** Property and value of each declaration of a style attribute, as `foldDeclaration` has them. */
function declarationsOf(style: string): (readonly [string, string])[] {
  return style.split(";").flatMap((declaration) => {
    const colon = declaration.indexOf(":");
    const property = declaration.slice(0, Math.max(0, colon)).trim();
    const value = withoutImportance(declaration.slice(colon + 1).trim());
    return value === "" || !/^[a-z-]+$/i.test(property) ? [] : foldDeclaration(property, value).filter(([, folded]) => isPlain(folded));
  });
}

/** A declaration in lower case, with one space between parts; `font` taken apart into what it sets, where its size can be found. */
export function foldDeclaration(property: string, value: string): (readonly [property: string, value: string])[] {
  const name = property.toLowerCase();
  const folded = value
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/\s*,\s*/g, ",");
  return (name === "font" && isPlain(folded.replace("/", "")) && partsOfFont(folded)) || [[name, folded]];
}

/** `italic bold 12pt/1.4 serif` (CSS 2, 15.8). Undefined for what has no size in it, such as the fonts of a system. */
function partsOfFont(value: string): (readonly [string, string])[] | undefined {
  const words = value.split(" ");
  const start = words.findIndex((word) => /^(?!\d00$)[\d.]/.test(word) || Object.hasOwn(SIZE_WORDS, word.split("/")[0] ?? ""));
  const [size = "", height] = (words[start] ?? "").split("/");
  const family = words.slice(start + 1).join(" ");
  if (start < 0 || family === "") return undefined;
  const before = words.slice(0, start).flatMap((word): (readonly [string, string])[] => {
    const name = ["font-weight", "font-style", "font-variant"].find((one) => word !== "normal" && STYLE_RULES[one]?.(word) !== undefined);
    return name === undefined ? [] : [[name, word]];
  });
  return [...before, ["font-size", size], ...(height === undefined ? [] : [["line-height", height] as const]), ["font-family", family]];
}

/** Whether a value holds nothing that could be more than it says: no escape, comment, bracket other than of rgb(), no end of a declaration. */
function isPlain(value: string): boolean {
  return /^[a-z0-9#%.,'" -]*$/.test(value.replace(/\brgb\([\d ,]+\)/g, ""));
}

/** Whether a declaration, folded, may be written wherever it stands; colours and sizes still depend on what is around. */
export function isKept(property: string, value: string): boolean {
  if (!isPlain(value)) return false;
  if (property === "color" || property === "background-color" || property === "background") return colourOf(value) !== undefined;
  if (property === "font-size") return sizeOf(value, FRAME_LOOK.size) !== undefined;
  if (property === "width") return widthOf(value) !== undefined;
  // Of a family, its kind is kept; one without letters of its own has none to lose.
  if (property === "font-family") return true;
  return Object.hasOwn(STYLE_RULES, property) && STYLE_RULES[property]?.(value) !== undefined;
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

/** A size that may be written, and what it comes to in CSS pixels; undefined where nobody could read it, or where it is no size. */
function sizeOf(value: string, around: number): { readonly written: string; readonly size: number } | undefined {
  const word = SIZE_WORDS[value] ?? value;
  const percent = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(word)?.[1];
  const relative = /^(\d{1,2}(?:\.\d{1,4})?|\.\d{1,4})em$/.exec(word)?.[1];
  const factor = percent !== undefined ? Number(percent) / 100 : relative !== undefined ? Number(relative) : undefined;
  // Of itself too small or too large: no look, but a way to hide.
  if (factor !== undefined) return factor < 0.3 || factor > 6 ? undefined : { written: word, size: factor * around };
  const size = pixels(word);
  return size === undefined || size < LEAST || size > MOST_PIXELS ? undefined : { written: word, size };
}

function assign(colours: { foreground?: Rgb; ground?: Rgb }, which: "foreground" | "ground", colour: Rgb | undefined): void {
  if (colour) colours[which] = colour;
}
