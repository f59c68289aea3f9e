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
} from "../../core/fhir/datatypes.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { JsonArray, JsonNumber, type JsonValue } from "../../core/fhir/json/tree.ts";
import type { Locale } from "./locale.ts";

/** The value of a choice element (`value[x]`), whichever type it has. */
export function choiceText(resource: JsonObject, prefix: string, locale: Locale): string | undefined {
  const at = resource.names.findIndex((name) => name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length)));
  const value = resource.values[at];
  return value === undefined ? undefined : valueText(value, locale, resource.names[at]);
}

/** A value in words; undefined when there is nothing in it that can be said. `name`: that of its property, for dates and times are told by it. */
export function valueText(value: JsonValue, locale: Locale, name = ""): string | undefined {
  if (value === null) return undefined;
  if (typeof value === "string") return /date|time|issued|on$|instant/i.test(name) ? locale.date(value) : value;
  if (typeof value === "boolean") return locale.word(value ? "yes" : "no");
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof JsonArray) {
    const texts = value.items.map((item) => valueText(item, locale, name)).filter((text) => text !== undefined);
    return texts.length > 0 ? texts.join("; ") : undefined;
  }
  return objectText(value, locale);
}

/** Tried in this order: the first datatype whose telling property is there. */
const SHAPES: readonly (readonly [property: string, text: (value: JsonObject, locale: Locale) => string | undefined])[] = [
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
