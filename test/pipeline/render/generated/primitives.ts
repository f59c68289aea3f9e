/** Every primitive value of a resource, with what of it must be found on a page. Walks the definitions by itself, so that it does not share the renderer's mistakes. */
import type { BundleEntry } from "../../../../src/core/fhir/document-bundle.ts";
import type { TypeDefinition } from "../../../../src/core/fhir/r4/definitions.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../../src/core/fhir/tree/tree.ts";
import { isLeftOut } from "../../../../src/pipeline/render/generated/left-out.ts";
import { MODIFIERS } from "../../../../src/pipeline/render/generated/modifiers.ts";
import { ucumText } from "../../../../src/pipeline/render/generated/units.ts";
import type { Part } from "../../../../src/pipeline/render/html.ts";
import type { Locale } from "../../../../src/pipeline/render/locale.ts";
import { definitionOf } from "../../../r4.ts";

export interface Primitive {
  /** e.g. `Observation.value.unit`. */
  readonly path: string;
  readonly raw: string;
  /** Any of these will do. */
  readonly forms: readonly string[];
}

export interface Walk {
  readonly locale: Locale;
  /** Whether a reference is only to the patient again. */
  isPatient(element: string, reference: JsonObject): boolean;
  /** Whether a reference leads to something in the document, which is shown or named. */
  resolves(reference: JsonObject): boolean;
}

/** Elements that say in their own way what they say: what must be found instead of the value. */
const OWN_WORDS: Readonly<Record<string, (value: string, locale: Locale) => readonly string[]>> = {
  "Timing.repeat.frequency": (value) => [value, ...(value === "1" ? ["once", "einmal", "every", "alle", "jede"] : [])],
  "Timing.repeat.period": (value) => [
    value,
    ...(value === "1" ? ["once", "einmal", "a day", "an hour", "a week", "a month", "täglich", "pro", "jede", "every"] : []),
  ],
  "Timing.repeat.periodUnit": timeUnits,
  "Timing.repeat.durationUnit": timeUnits,
  "Timing.repeat.when": (value, locale) => [locale.code("when", value), locale.code("when", value).replace(/^(?:in the|at|on|with) /, "")],
  "Timing.repeat.timeOfDay": (value) => [value, value.slice(0, 5)],
  "HumanName.use": (value, locale) => [locale.code("use", value)],
  "Address.use": (value, locale) => [locale.code("use", value)],
  "ContactPoint.use": (value, locale) => [locale.code("use", value)],
  "Identifier.use": (value, locale) => [locale.code("use", value)],
  "ContactPoint.system": (value, locale) => [locale.code("contact", value)],
  "List.mode": (value, locale) => [locale.code("mode", value)],
  "Patient.gender": (value, locale) => [locale.code("code", value), locale.code("gender", value)],
};

const TIMES: Readonly<Record<string, string>> = { s: "second", min: "minute", h: "hour", d: "day", wk: "week", mo: "month", a: "year" };

/** One of each plural form of any language (CLDR). */
const NUMBERS = ["0", "1", "2", "5", "11", "100", "1.5"];

const plainText = (part: Part): string => String(part).replace(/<[^>]*>/g, "");

function timeUnits(value: string, locale: Locale): readonly string[] {
  const unit = TIMES[value];
  if (unit === undefined) return [value];
  const spoken = { d: ["daily", "täglich"], wk: ["Woche"], mo: ["Monat"], h: ["Stunde"], min: ["Minute"], a: ["Jahr"], s: ["Sekunde"] }[value] ?? [];
  return [...NUMBERS.map((number) => plainText(locale.form(`unit-${unit}`, number))), ...spoken];
}

/** All that must be found of a resource. */
export function primitivesOf(entry: Pick<BundleEntry, "resource" | "type">, walk: Walk): Primitive[] {
  const found: Primitive[] = [];
  inside(entry.resource, definitionOf(entry.type), undefined, entry.type, walk, found);
  return found;
}

function inside(
  object: JsonObject,
  type: TypeDefinition | undefined,
  parent: JsonObject | undefined,
  path: string,
  walk: Walk,
  found: Primitive[],
): void {
  const own = object.string("resourceType");
  const definition = own === undefined ? type : definitionOf(own);
  object.names.forEach((name, at) => {
    const plain = name.startsWith("_") ? name.slice(1) : name;
    if (isLeftOut(definition, plain, object, parent) && !name.startsWith("_")) return;
    const property = definition?.properties.get(plain);
    const value = object.values[at] as JsonValue;
    const element = property?.element.name ?? plain;
    if (property?.type === "Reference" && value instanceof JsonObject && walk.isPatient(element, value)) return;
    if (definition?.name === "Reference" && (element === "reference" || element === "type") && (walk.resolves(object) || element === "type")) return;
    const content = name.startsWith("_") ? definitionOf("Element") : property?.content;
    const where = `${path}.${element}`;
    const ownPath = `${definition?.name ?? ""}.${element}`;
    for (const item of value instanceof JsonArray ? value.items : [value]) {
      if (item === null) continue;
      if (property?.type === "xhtml" && typeof item === "string") {
        for (const word of pageText(item).split(" ")) found.push({ path: where, raw: word, forms: [word] });
      } else if (item instanceof JsonObject) inside(item, content, object, where, walk, found);
      else if (!(item instanceof JsonArray))
        found.push({ path: where, raw: textOf(item), forms: formsOf(item, ownPath, property?.type, definition, object, walk.locale) });
    }
  });
}

function textOf(value: string | boolean | JsonNumber): string {
  return value instanceof JsonNumber ? value.text : String(value);
}

function formsOf(
  value: string | boolean | JsonNumber,
  path: string,
  type: string | undefined,
  holder: TypeDefinition | undefined,
  object: JsonObject,
  locale: Locale,
): readonly string[] {
  const text = textOf(value);
  const own = OWN_WORDS[path];
  if (own !== undefined) return own(text, locale);
  if (holder?.name === "Attachment" && path.endsWith(".size") && object.has("data")) return ["B", "kB", "MB"];
  if (path.endsWith(".language") && holder?.kind === "resource") return [text, ""];
  if (typeof value === "boolean") return booleanForms(path, value, locale);
  if (holder?.name === "Extension" && object.string("url")?.endsWith("data-absent-reason") === true) return [locale.code("absent", text)];
  if (path === "Coding.code") return [text, ...worded(text, locale)];
  if (path === "Quantity.code") return [text, ...NUMBERS.map((number) => plainText(ucumText(text, number, locale)))];
  switch (type) {
    case "date":
    case "dateTime":
    case "instant":
      return [locale.date(text)];
    case "code":
      return [locale.code("code", text), locale.code("interpretation", text), text];
    case "base64Binary":
      return ["B", "kB", "MB"];
    default:
      return [text];
  }
}

/** Words for codes without a display. */
function worded(code: string, locale: Locale): string[] {
  return ["code", "interpretation", "absent", "range", "category", "achievement", "certainty"].flatMap((prefix) =>
    locale.has(`${prefix}-${code}`) ? [locale.word(`${prefix}-${code}`)] : [],
  );
}

function booleanForms(path: string, value: boolean, locale: Locale): readonly string[] {
  const element = path.split(".").at(-1) ?? "";
  const key = `modifier-${element}-${value ? "yes" : "no"}`;
  if (MODIFIERS.has(path)) return [locale.word(key)];
  // Said by words of their own: as needed, an ingredient that is active as they are.
  if (element === "asNeeded") return ["as needed", "bei Bedarf", "not only as needed", "nicht nur bei Bedarf", locale.word(value ? "yes" : "no")];
  if (path === "Medication.ingredient.isActive" && value) return [""];
  return [locale.word(value ? "yes" : "no")];
}

/** What a page says, in one line, with ordinary spaces. */
export function pageText(html: string): string {
  const bare = html
    .replace(/<svg[\s\S]*?<\/svg>/g, " ")
    .replace(/<(?:br|\/?(?:div|p|li|td|th|tr|dd|dt|ul|dl))\b[^>]*>/g, " ")
    .replace(/<[^>]*>/g, "");
  const decoded = bare.replace(
    /&(amp|lt|gt|quot|#39|#13);/g,
    (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#13": "\r" })[name] ?? "",
  );
  return flat(decoded);
}

function flat(text: string): string {
  return text.replace(/[\s\u00A0]+/g, " ").trim();
}

/** Those that are not on the page: short ones must stand there as words. */
export function missingFrom(text: string, primitives: readonly Primitive[]): Primitive[] {
  const lower = text.toLowerCase();
  return primitives.filter(({ forms }) => {
    return !forms.some((form) => {
      const wanted = flat(form).toLowerCase();
      if (wanted.length > 3 || wanted === "") return lower.includes(wanted);
      const [before, after] = [/^[\p{L}\p{N}]/u.test(wanted) ? "(?<![\\p{L}\\p{N}])" : "", /[\p{L}\p{N}]$/u.test(wanted) ? "(?![\\p{L}\\p{N}])" : ""];
      return new RegExp(`${before}${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}${after}`, "u").test(lower);
    });
  });
}
