/** The attributes of a narrative's elements that are written, and how. What has no row here carries no words and is left out. */
import { isLanguageTag } from "../../../core/fhir/datatypes.ts";
import { escapeHtml } from "../html.ts";
import { insetOf, MOST_INSET } from "./inset.ts";
import type { Look } from "./look.ts";
import { filterStyle, type Standing } from "./style-filter.ts";

/** R4's list of classes that every renderer must support (narrative.html, Styling the XHTML). */
const R4_CLASSES: ReadonlySet<string> = new Set(
  (
    "bold italics underline strikethrough left right center justify border-left border-right border-top border-bottom " +
    "arabic little-roman big-roman little-alpha big-alpha disc circle square unlist"
  ).split(" "),
);

type AttributeRule = (value: string, scope: string) => string | undefined;

const ANYTHING: AttributeRule = (value) => value;
const COUNT: AttributeRule = (value) => (/^[1-9]\d{0,2}$/.test(value.trim()) ? value.trim() : undefined);
const SIZE: AttributeRule = (value) => (/^[1-9]\d{0,3}%?$/.test(value.trim()) ? value.trim() : undefined);
const ID: AttributeRule = (value, scope) => (value.trim() === "" ? undefined : `${scope}-${value.trim()}`);
const IDS: AttributeRule = (value, scope) =>
  value
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((id) => `${scope}-${id}`)
    .join(" ") || undefined;
const LANGUAGE: AttributeRule = (value) => (isLanguageTag(value) ? value : undefined);

function word(words: string): AttributeRule {
  const known = new Set(words.split(" "));
  return (value) => (known.has(value.toLowerCase()) ? value.toLowerCase() : undefined);
}

const CELL = "td th";
const TABLE_PARTS = "col colgroup tbody thead tfoot tr td th";

/** Name, the elements it is written on (undefined: all), and what is kept of its value. */
const RULES: readonly (readonly [name: string, elements: ReadonlySet<string> | undefined, rule: AttributeRule])[] = rules([
  ["id", undefined, ID],
  ["title", undefined, ANYTHING],
  ["lang", undefined, LANGUAGE],
  ["dir", undefined, word("ltr rtl auto")],
  ["class", undefined, classes],
  ["name", "a", ID],
  ["align", `${TABLE_PARTS} table caption p div h1 h2 h3 h4 h5 h6`, word("left right center justify")],
  ["valign", TABLE_PARTS, word("top middle bottom baseline")],
  ["width", `table col colgroup ${CELL} img`, SIZE],
  ["height", "img", SIZE],
  ["border", "table", (value) => (/^\d$/.test(value) ? value : undefined)],
  ["cellpadding", "table", (value) => (/^\d{1,2}$/.test(value) ? value : undefined)],
  ["cellspacing", "table", (value) => (/^\d$/.test(value) ? value : undefined)],
  ["summary", "table", ANYTHING],
  ["frame", "table", word("void above below hsides lhs rhs vsides box border")],
  ["rules", "table", word("none groups rows cols all")],
  ["span", "col colgroup", COUNT],
  ["colspan", CELL, COUNT],
  ["rowspan", CELL, COUNT],
  ["headers", CELL, IDS],
  ["scope", CELL, word("row col rowgroup colgroup")],
  ["abbr", CELL, ANYTHING],
  ["start", "ol", (value) => (/^-?\d{1,6}$/.test(value) ? value : undefined)],
  ["type", "ol ul li", (value) => (/^(?:[1aAiI]|disc|circle|square)$/.test(value) ? value : undefined)],
  ["value", "li", (value) => (/^-?\d{1,6}$/.test(value) ? value : undefined)],
  ["cite", "blockquote q ins del", () => undefined],
  ["datetime", "ins del", ANYTHING],
]);

function rules(
  rows: readonly (readonly [name: string, elements: string | undefined, rule: AttributeRule])[],
): (readonly [string, ReadonlySet<string> | undefined, AttributeRule])[] {
  return rows.map(([name, elements, rule]) => [name, elements === undefined ? undefined : new Set(elements.split(" ")), rule] as const);
}

/** Where an element stands whose attributes are written. */
export interface AttributeSetting extends Standing {
  readonly scope: string;
  readonly look: Look;
  /** CSS pixels that the elements around it take of the width. */
  readonly inset: number;
  /** The columns of the table that a cell stands in. */
  readonly columns: number;
  /** Of a cell: how many columns are free for it. */
  readonly colspan?: number;
}

export interface WrittenAttributes {
  /** Each with a space before it. */
  readonly text: string;
  /** How things look inside, and what is taken of the width there. */
  readonly look: Look;
  readonly inset: number;
  /** True when the author's style would have hidden words. */
  readonly isRestyled: boolean;
}

/** The attributes as they are written. `style` and links are seen to as well. */
export function writeAttributes(name: string, attributes: readonly (readonly [string, string])[], setting: AttributeSetting): WrittenAttributes {
  const { scope, look: around } = setting;
  const sent = new Map(attributes);
  // R4's XML has both forms of lang; HTML knows only the one.
  if (!sent.has("lang")) sent.set("lang", sent.get("xml:lang") ?? "");
  // Cells that would reach into others are as wide as there is room.
  if (setting.colspan !== undefined && sent.has("colspan")) sent.set("colspan", setting.colspan > 1 ? String(setting.colspan) : "");
  const { style, look, isRestyled } = filterStyle(sent.get("style"), name, around, setting);
  const own = insetOf(name, style, setting.columns);
  const isTight = own > 0 && setting.inset + own > MOST_INSET;
  const ours = [...(look.isTheirs && !around.isTheirs ? ["their-colours"] : []), ...(isTight ? ["tight"] : [])];
  if (ours.length > 0 && !sent.has("class")) sent.set("class", "");
  let text = "";
  for (const [attribute, elements, rule] of RULES) {
    const value = sent.get(attribute);
    if (value === undefined || elements?.has(name) === false) continue;
    const kept = rule(value, scope);
    const written = attribute === "class" ? [kept, ...ours].filter((part) => part !== undefined).join(" ") : kept;
    if (written !== undefined && written !== "") text += ` ${attribute}="${escapeHtml(written)}"`;
  }
  if (name === "a") text += linkAttributes(sent.get("href"), scope);
  if (style !== "") text += ` style="${escapeHtml(style)}"`;
  return { text, look, inset: isTight ? setting.inset : setting.inset + own, isRestyled };
}

/** Links within the document are scoped with the ids; a link outwards tells nobody where it was followed. Relative ones would lead into this service: they are left out. */
function linkAttributes(href: string | undefined, scope: string): string {
  const target = href?.trim() ?? "";
  if (/^#./.test(target)) return ` href="${escapeHtml(`#${scope}-${target.slice(1)}`)}"`;
  return /^(?:https?:\/\/|mailto:|tel:)[^\s]+$/i.test(target) ? ` href="${escapeHtml(target)}" rel="noopener noreferrer nofollow"` : "";
}

/** The document's classes in a name space of their own: the page's must not be theirs, or one that hides something could be borrowed. */
function classes(value: string): string | undefined {
  const names = value
    .trim()
    .split(/\s+/)
    .filter((name) => /^[\w-]{1,60}$/.test(name));
  return names.map((name) => (R4_CLASSES.has(name) ? `fhir-${name}` : `doc-${name}`)).join(" ") || undefined;
}
