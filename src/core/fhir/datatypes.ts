/** FHIR's datatypes as people read them (R4 datatypes.html). Pure functions over the tree; what is absent gives undefined, never a guess. */
import { identifierLabel } from "./identifier-systems.ts";
import type { JsonObject } from "./tree/tree.ts";
import { JsonNumber } from "./tree/tree.ts";

/** Scripts whose names are written family name first, without a comma. */
const FAMILY_FIRST = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\s・ー]+$/u;

/** The strings of the array at `name`, in order; nulls and anything else are passed over. */
export function stringsOf(object: JsonObject | undefined, name: string): string[] {
  return object?.items(name).filter((item) => typeof item === "string") ?? [];
}

/** A HumanName in the order of speech: its `text`, or prefix, given, family and suffix. Empty when the name holds none of these. */
export function nameText(name: JsonObject): string {
  const text = name.string("text");
  if (text !== undefined && text.trim() !== "") return text.trim();
  const family = name.string("family");
  const given = stringsOf(name, "given");
  const person = family !== undefined && FAMILY_FIRST.test([family, ...given].join("")) ? [family, ...given] : [...given, family];
  return spaced([...stringsOf(name, "prefix"), ...person, ...stringsOf(name, "suffix")]);
}

/**
 * A HumanName as clinical safety guidance writes it in a patient banner (NHS Common User Interface): `MEYER, Anna Maria (Dr)`. A name that is only
 * `text` is left as it is: which of its words is the family name is not ours to guess.
 */
export function bannerName(name: JsonObject): string {
  const family = name.string("family")?.trim();
  const given = spaced(stringsOf(name, "given"));
  if (!family) return given === "" ? nameText(name) : given;
  const around = spaced([...stringsOf(name, "prefix"), ...stringsOf(name, "suffix")]);
  const isFamilyFirst = FAMILY_FIRST.test(family + given);
  // The capital sharp s keeps WEIẞ and WEISS apart.
  const head = isFamilyFirst ? family : family.replaceAll("ß", "ẞ").toUpperCase();
  const person = given === "" ? head : isFamilyFirst ? `${head} ${given}` : `${head}, ${given}`;
  return around === "" ? person : `${person} (${around})`;
}

/** The name to call a person by: the official one, else the first that is not an old one. */
export function preferredName(names: readonly JsonObject[]): JsonObject | undefined {
  const current = names.filter((name) => name.string("use") !== "old" && name.object("period")?.string("end") === undefined);
  return (
    current.find((name) => name.string("use") === "official") ?? current.find((name) => name.string("use") === "usual") ?? current[0] ?? names[0]
  );
}

/** Whether it is a language tag (BCP 47, 2.1) whose language programs know how to read aloud: its primary subtag has two or three letters. */
export function isLanguageTag(text: string): boolean {
  return text.length <= 35 && /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(text);
}

/** The language that a resource says to be in, where what it says is a tag: `English- [en-US]` is none, and would leave those who listen, and PDFs, without any. */
export function languageOf(resource: JsonObject): string | undefined {
  const language = resource.string("language")?.trim();
  return language !== undefined && isLanguageTag(language) ? language : undefined;
}

/** A CodeableConcept: its `text`, else the display of the coding that the user chose, else the first display, else the first code. */
export function conceptText(concept: JsonObject | undefined): string | undefined {
  if (!concept) return undefined;
  const codings = concept.objects("coding");
  const displayed = codings.filter((coding) => coding.string("display"));
  const chosen = displayed.find((coding) => coding.get("userSelected") === true) ?? displayed[0];
  return concept.string("text") ?? chosen?.string("display") ?? codings.find((coding) => coding.string("code"))?.string("code");
}

/** All concepts of the array at `name`, joined by commas; undefined when there is none. */
export function conceptsText(object: JsonObject | undefined, name: string): string | undefined {
  const texts = (object?.objects(name) ?? []).map((concept) => conceptText(concept)).filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join(", ") : undefined;
}

/** A Coding: its display, else its code. */
export function codingText(coding: JsonObject | undefined): string | undefined {
  return coding?.string("display") ?? coding?.string("code");
}

/** An Identifier with a name for its system that a person knows (`NHS number`), as far as it has one. */
export function identifierText(identifier: JsonObject): { readonly label: string | undefined; readonly value: string } | undefined {
  const value = identifier.string("value");
  if (value === undefined) return undefined;
  const type = identifier.object("type");
  const code = type
    ?.objects("coding")
    .find((coding) => coding.string("code"))
    ?.string("code");
  const label = identifierLabel(identifier.string("system"), code) ?? conceptText(type) ?? identifier.object("assigner")?.string("display");
  return { label, value };
}

/** The text of a number's token, with all its digits. */
export function numberText(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.get(name);
  return value instanceof JsonNumber ? value.text : undefined;
}

/** A Quantity with comparator and unit: `< 0.50 mmol/L`. Digits as sent. */
export function quantityText(quantity: JsonObject | undefined): string | undefined {
  const value = numberText(quantity, "value");
  const unit = quantity?.string("unit") ?? quantity?.string("code");
  if (value === undefined) return undefined;
  // A percent sign stands close; every other unit has a space that does not break.
  const withUnit = unit === undefined || unit === "1" ? value : `${value}\u00A0${unit}`;
  const comparator = quantity?.string("comparator");
  return comparator === undefined ? withUnit : `${comparator}\u00A0${withUnit}`;
}

/** A Range: `3.5 mmol/L – 5.1 mmol/L`, or one side of it. */
export function rangeText(range: JsonObject | undefined): string | undefined {
  const low = quantityText(range?.object("low"));
  const high = quantityText(range?.object("high"));
  if (low !== undefined && high !== undefined) return `${low} – ${high}`;
  return low !== undefined ? `≥\u00A0${low}` : high !== undefined ? `≤\u00A0${high}` : undefined;
}

/** A Ratio: `1 mg / 5 mL`. */
export function ratioText(ratio: JsonObject | undefined): string | undefined {
  const numerator = quantityText(ratio?.object("numerator"));
  const denominator = quantityText(ratio?.object("denominator"));
  return numerator !== undefined && denominator !== undefined ? `${numerator} / ${denominator}` : numerator;
}

/** An Address on one line: its `text`, or lines, postal code and city, state, country. */
export function addressText(address: JsonObject): string | undefined {
  const text = address.string("text")?.replace(/\s*[\r\n]+\s*/g, ", ");
  const town = spaced([address.string("postalCode"), address.string("city")]);
  const parts = [...stringsOf(address, "line"), town, address.string("state"), address.string("country")].filter(
    (part) => part !== undefined && part !== "",
  );
  return text ?? (parts.length > 0 ? parts.join(", ") : undefined);
}

/** A ContactPoint's value, as it was sent. */
export function telecomText(contact: JsonObject): string | undefined {
  return contact.string("value");
}

function spaced(parts: readonly (string | undefined)[]): string {
  return parts
    .map((part) => part?.trim() ?? "")
    .filter((part) => part !== "")
    .join(" ");
}
