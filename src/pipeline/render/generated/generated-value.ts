/** Any FHIR datatype in words, told by its shape. For tables and lists that we generate ourselves. */
import {
  addressText,
  codingText,
  conceptText,
  identifierText,
  nameText,
  numberText,
  quantityText,
  rangeText,
  ratioText,
  telecomText,
} from "../../../core/fhir/datatypes.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { Locale } from "../locale.ts";

/** The value of a choice element (`value[x]`), whichever type it has. */
export function choiceText(resource: JsonObject, prefix: string, locale: Locale): string | undefined {
  const at = resource.names.findIndex((name) => name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length)));
  const value = resource.values[at];
  return value === undefined ? undefined : valueText(value, locale, resource.names[at]);
}

/** A value in words; undefined when there is nothing in it that can be said. `name`: that of its property, for dates and times are told by it. */
export function valueText(value: JsonValue, locale: Locale, name = ""): string | undefined {
  if (value === null) return undefined;
  if (typeof value === "string" && BASE64.test(name)) return sizeText(base64Size(value));
  if (typeof value === "string") return /date|time|issued|on$|instant/i.test(name) ? locale.date(value) : value;
  if (typeof value === "boolean") return locale.word(value ? "yes" : "no");
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof JsonArray) {
    const texts = value.items.map((item) => valueText(item, locale, name)).filter((text) => text !== undefined);
    return texts.length > 0 ? texts.join("; ") : undefined;
  }
  return objectText(value, locale);
}

/** Properties whose text is base64, which says nothing to a person (R4 datatypes.html, base64Binary). */
const BASE64 = /^data$|Base64Binary$/;

/** Whether a file stands somewhere in a resource, which only the document itself can show. */
export function holdsFile(resource: JsonObject): boolean {
  const waiting: JsonValue[] = [resource];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next instanceof JsonObject && next.string("data") !== undefined && next.has("contentType")) return true;
    for (const inner of next instanceof JsonObject ? next.values : next instanceof JsonArray ? next.items : []) waiting.push(inner);
  }
  return false;
}

/** An Attachment: its title, type and size. What it holds, or the address that it lies at, is for the reader to open. */
function attachmentText(attachment: JsonObject): string | undefined {
  const data = attachment.string("data");
  const size = data === undefined ? Number(numberText(attachment, "size") ?? Number.NaN) : base64Size(data);
  const url = attachment.string("url");
  const address = url?.startsWith("data:") === true ? undefined : url;
  return (
    [attachment.string("title"), attachment.string("contentType"), Number.isNaN(size) ? undefined : sizeText(size), address]
      .filter(Boolean)
      .join(", ") || undefined
  );
}

/** Bytes. White space is none of base64's characters, though senders break its lines. */
function base64Size(data: string): number {
  let characters = 0;
  for (let at = 0; at < data.length; at++) if (data.charCodeAt(at) > 0x20 && data.charCodeAt(at) !== PADDING) characters++;
  return Math.floor((characters * 3) / 4);
}

const PADDING = 0x3d;

function sizeText(bytes: number): string {
  const [unit, size] = bytes >= 1e6 ? ["MB", bytes / 1e6] : bytes >= 1e3 ? ["kB", bytes / 1e3] : ["B", bytes];
  return `${size >= 10 || unit === "B" ? Math.round(size) : size.toFixed(1)}\u00A0${unit}`;
}

/** Tried in this order: the first datatype whose telling property is there. */
const SHAPES: readonly (readonly [property: string, text: (value: JsonObject, locale: Locale) => string | undefined])[] = [
  ["contentType", (value) => attachmentText(value)],
  ["coding", (value) => conceptText(value)],
  ["numerator", (value) => ratioText(value)],
  ["low", (value) => rangeText(value)],
  ["high", (value) => rangeText(value)],
  ["origin", () => undefined],
  ["start", (value, locale) => locale.period(value.string("start"), value.string("end"))],
  ["end", (value, locale) => locale.period(value.string("start"), value.string("end"))],
  ["family", (value) => nameText(value)],
  ["given", (value) => nameText(value)],
  ["city", (value) => addressText(value)],
  ["line", (value) => addressText(value)],
  ["reference", (value) => value.string("display") ?? value.string("reference")],
  ["display", (value) => codingText(value)],
  ["code", (value) => (value.has("value") ? quantityText(value) : (codingText(value) ?? conceptText(value.object("code"))))],
  ["text", (value) => value.string("text")],
];

function objectText(value: JsonObject, locale: Locale): string | undefined {
  if (numberText(value, "value") !== undefined) return quantityText(value);
  const isContact = value.string("value") !== undefined && /^(?:phone|fax|email|pager|url|sms|other)$/.test(value.string("system") ?? "");
  if (isContact) return telecomText(value);
  for (const [property, text] of SHAPES) if (value.has(property)) return text(value, locale);
  const identifier = identifierText(value);
  if (identifier) return [identifier.label, identifier.value].filter(Boolean).join(" ");
  // A backbone element: what its parts say, one after the other.
  const parts = value.values.map((part, at) => valueText(part, locale, value.names[at]));
  return parts.filter((part) => part !== undefined).join(", ") || undefined;
}
