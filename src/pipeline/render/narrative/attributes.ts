/** The attributes of a narrative's elements that are written, and how. What has no row here carries no words and is left out. */
import { escapeHtml } from "../html.ts";
import { filterStyle, type Filtered, type Look } from "./style-filter.ts";

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
const LANGUAGE: AttributeRule = (value) => (/^[A-Za-z0-9-]{1,35}$/.test(value) ? value : undefined);

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
  ["border", "table", (value) => (/^\d{1,2}$/.test(value) ? value : undefined)],
  ["cellpadding", "table", (value) => (/^\d{1,2}$/.test(value) ? value : undefined)],
  ["cellspacing", "table", (value) => (/^\d{1,2}$/.test(value) ? value : undefined)],
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

/** The attributes as they are written, each with a space before it, and how things look inside. `style` and links are seen to as well. */
export function writeAttributes(
  name: string,
  attributes: readonly (readonly [string, string])[],
  scope: string,
  around: Look,
): { readonly text: string; readonly look: Look } {
  const sent = new Map(attributes);
  if (sent.size === 0) return { text: "", look: filterStyle(undefined, name, around).look };
  // R4's XML has both forms of lang; HTML knows only the one.
  if (!sent.has("lang")) sent.set("lang", sent.get("xml:lang") ?? "");
  const filtered: Filtered = filterStyle(sent.get("style"), name, around);
  let text = "";
  for (const [attribute, elements, rule] of RULES) {
    const value = sent.get(attribute);
    if (value === undefined || elements?.has(name) === false) continue;
    const kept = rule(value, scope);
    if (kept !== undefined) text += ` ${attribute}="${escapeHtml(kept)}"`;
  }
  if (name === "a") text += linkAttributes(sent.get("href"), scope);
  if (filtered.style !== "") text += ` style="${escapeHtml(filtered.style)}"`;
  return { text, look: filtered.look };
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
