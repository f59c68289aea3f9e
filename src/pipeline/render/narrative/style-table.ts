/**
 * The style properties that a narrative may use, and what of their values is kept: R4's list (narrative.html, Styling the XHTML: bold, italic, underline,
 * strike-through, colour, family, size, background, alignment, white space, list format) and what tables and indents need. Whatever could move, cover, shrink or
 * blank out attested words, or fetch something, has no row here and is dropped. Colour and size depend on what surrounds them: see style-filter.ts.
 */
import { colourOf, cssOf } from "./colours.ts";

/** Gives the value to write, or undefined to drop the declaration. `value` is lower case, one space between its parts. */
export type ValueRule = (value: string) => string | undefined;

/** Lengths are capped so that padding cannot push words off the page. */
const MAX_SPACE_PX = 96;
const MAX_BORDER_PX = 12;
const UNITS_IN_PX: Readonly<Record<string, number>> = { px: 1, pt: 4 / 3, em: 16, rem: 16, ex: 8, cm: 37.8, mm: 3.78, in: 96, pc: 16 };

const LENGTH = /^(\d{1,4}(?:\.\d{1,4})?|\.\d{1,4})(px|pt|em|rem|ex|cm|mm|in|pc)$/;
const BORDER_STYLES = "none|hidden|dotted|dashed|solid|double|groove|ridge|inset|outset";
const LIST_TYPES =
  "none|disc|circle|square|decimal|decimal-leading-zero|lower-roman|upper-roman|lower-alpha|upper-alpha|lower-latin|upper-latin|lower-greek|hebrew|cjk-ideographic|hiragana|katakana";

const border = parts([oneOf(`thin|medium|thick|${BORDER_STYLES}`), length(MAX_BORDER_PX), colour], 3);
const space = parts([length(MAX_SPACE_PX)], 4);

export const STYLE_RULES: Readonly<Record<string, ValueRule>> = {
  "font-weight": oneOf("normal|bold|bolder|lighter|100|200|300|400|500|600|700|800|900"),
  "font-style": oneOf("normal|italic|oblique"),
  "font-variant": oneOf("normal|small-caps"),
  "font-family": fontFamily,
  "text-decoration": parts([oneOf("none|underline|line-through|overline|solid|double|dotted|dashed|wavy")], 3),
  "text-decoration-line": parts([oneOf("none|underline|line-through|overline")], 3),
  "text-align": oneOf("left|right|center|justify|start|end"),
  "vertical-align": oneOf("baseline|top|middle|bottom|sub|super|text-top|text-bottom"),
  "white-space": oneOf("normal|nowrap|pre|pre-wrap|pre-line|break-spaces"),
  "line-height": lineHeight,
  "list-style-type": oneOf(LIST_TYPES),
  "list-style": parts([oneOf(`${LIST_TYPES}|inside|outside`)], 2),
  direction: oneOf("ltr|rtl"),
  "border-collapse": oneOf("collapse|separate"),
  "border-spacing": parts([length(MAX_SPACE_PX)], 2),
  border,
  "border-top": border,
  "border-right": border,
  "border-bottom": border,
  "border-left": border,
  "border-width": parts([oneOf("thin|medium|thick"), length(MAX_BORDER_PX)], 4),
  "border-style": parts([oneOf(BORDER_STYLES)], 4),
  "border-color": parts([colour], 4),
  padding: space,
  "padding-top": space,
  "padding-right": space,
  "padding-bottom": space,
  "padding-left": space,
  margin: parts([length(MAX_SPACE_PX), oneOf("auto")], 4),
  "margin-top": space,
  "margin-right": parts([length(MAX_SPACE_PX), oneOf("auto")], 1),
  "margin-bottom": space,
  "margin-left": parts([length(MAX_SPACE_PX), oneOf("auto")], 1),
  "page-break-inside": oneOf("auto|avoid"),
  "break-inside": oneOf("auto|avoid"),
};

/** Rules for `width`, by element: elsewhere a width could only squeeze words. */
export const WIDTH_ELEMENTS: ReadonlySet<string> = new Set(["table", "col", "colgroup", "th", "td", "img"]);

export function widthOf(value: string): string | undefined {
  if (/^(?:100|[1-9]\d?)(?:\.\d{1,4})?%$/.test(value)) return Number.parseFloat(value) <= 100 ? value : undefined;
  const width = pixels(value);
  return width !== undefined && width > 0 && width <= 1200 ? value : undefined;
}

/** A length in CSS pixels; undefined for anything else, negative ones too. */
export function pixels(value: string): number | undefined {
  if (value === "0") return 0;
  const [, number, unit] = LENGTH.exec(value) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * (UNITS_IN_PX[unit] ?? Number.NaN);
}

function oneOf(words: string): ValueRule {
  const known = new Set(words.split("|"));
  return (value) => (known.has(value) ? value : undefined);
}

function length(maximum: number): ValueRule {
  return (value) => {
    const size = pixels(value);
    return size !== undefined && size <= maximum ? value : undefined;
  };
}

/** Every space-separated part must please one of the rules; at most `most` of them. */
function parts(rules: readonly ValueRule[], most: number): ValueRule {
  return (value) => {
    const written = value.replace(/\s*,\s*/g, ",").split(" ");
    const kept = written.map((part) => rules.map((rule) => rule(part)).find((result) => result !== undefined));
    return written.length <= most && !kept.includes(undefined) ? kept.join(" ") : undefined;
  };
}

function colour(value: string): string | undefined {
  const known = colourOf(value);
  return known === undefined ? (value === "transparent" ? value : undefined) : cssOf(known);
}

/** Only the kind of family is kept: a named one may be missing, or draw pictures for letters. What a kind is on screens and on paper, base.css and print.css say. */
function fontFamily(value: string): string | undefined {
  if (/mono|courier|consolas|typewriter/.test(value)) return "var(--monospace), var(--rest)";
  if (/sans|arial|helvetica|verdana|tahoma|calibri/.test(value)) return undefined;
  return /serif|times|georgia|garamond|cambria/.test(value) ? "var(--serif), var(--rest)" : undefined;
}

/** Lines that lie upon each other cannot be read. */
function lineHeight(value: string): string | undefined {
  if (value === "normal") return value;
  const factor = /^\d(?:\.\d{1,3})?$/.test(value) ? Number(value) : /^\d{2,3}%$/.test(value) ? Number.parseFloat(value) / 100 : undefined;
  // As a factor, which is that of the letters within, too; a percentage would hand down the height of the lines of these.
  return factor !== undefined && factor >= 1 && factor <= 3 ? String(factor) : undefined;
}
