/** Words any value by the type that R4's definitions give its element, never by its shape or its name. Where a type has no wording of its own, its elements are listed with their labels. */
import type { TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import { html, SafeHtml, type Part } from "../html.ts";
import { absentWords } from "./absent.ts";
import { dateHtml } from "./dates.ts";
import { isBlank, joined } from "./joined.ts";
import { extensionLabel, labelOf } from "./labels.ts";
import { isLeftOut, isLeftOutExtension } from "./left-out.ts";
import { takeMarks } from "./marks.ts";
import { typeName } from "./names.ts";
import type { RenderContext, Speaker } from "./render-context.ts";
import { Unsaid, type Held } from "./unsaid.ts";
import { base64Part } from "./values/files.ts";
import { WORDINGS } from "./wordings.ts";

export const SPEAKER: Speaker = { held, object, facts, rest };

function held({ value, companion, property }: Held, context: RenderContext): Part {
  const content = property?.content;
  const type = property?.type;
  if (type !== "Extension" && !(value instanceof JsonArray) && !(companion instanceof JsonArray))
    return one(value, companion, content, type, context);
  const items = value instanceof JsonArray ? value.items : [value];
  if (type === "Extension") return extensions(items, context);
  const companions = companion instanceof JsonArray ? companion.items : [companion];
  const count = Math.max(items.length, companions.length);
  const parts = Array.from({ length: count }, (_, at) => one(items[at], companions[at], content, type, context));
  // Each dosage stands on lines of its own.
  return joined(parts, type === "Dosage" ? " " : "; ");
}

function one(
  value: JsonValue | undefined,
  companion: JsonValue | undefined,
  content: TypeDefinition | undefined,
  type: string | undefined,
  context: RenderContext,
): Part {
  const beside = companion instanceof JsonObject ? object(companion, context.definitions.definitionOf("Element"), context) : "";
  if (value === undefined || value === null) return beside;
  return joined([plain(value, content, type, context), beside], " ");
}

function plain(value: JsonValue, content: TypeDefinition | undefined, type: string | undefined, context: RenderContext): Part {
  if (value instanceof JsonObject) {
    const resourceType = value.string("resourceType");
    const own = resourceType === undefined ? undefined : context.definitions.definitionOf(resourceType);
    const words = object(value, own ?? content, context);
    // Within another resource no heading says what it is.
    return own === undefined ? words : html`<span class="fact-label">${typeName(own.name, context)}</span> ${words}`;
  }
  if (value instanceof JsonArray) return joined(value.items.map((item) => plain(item, content, type, context)), "; "); // prettier-ignore
  if (value === null) return "";
  if (value instanceof JsonNumber) return html`<bdi>${value.text}</bdi>`;
  if (typeof value === "boolean") return context.locale.word(value ? "yes" : "no");
  return text(value, type, context);
}

function text(value: string, type: string | undefined, context: RenderContext): Part {
  switch (type) {
    case "date":
    case "dateTime":
    case "instant":
      return dateHtml(value, context.locale);
    case "base64Binary":
      return base64Part(value);
    case "code":
      return context.locale.coded("code", value);
    default:
      return html`<bdi>${value}</bdi>`;
  }
}

function object(value: JsonObject, type: TypeDefinition | undefined, context: RenderContext): Part {
  const unsaid = new Unsaid(value, type);
  const wording = type === undefined ? undefined : WORDINGS.get(type.name);
  // What turns it into its opposite is read before it.
  const { before, marks } = takeMarks(unsaid, context);
  const own = wording?.(unsaid, context) ?? "";
  const words = before.length + marks.length === 0 && own instanceof SafeHtml ? own : joined([...before, own, ...marks], " ");
  // Its modifiers are taken.
  const left = listed(unsaid, context);
  if (left.length === 0) return words;
  const list = joined(left, "; ");
  return isBlank(words) ? list : html`${words} <span class="also">(${list})</span>`;
}

function rest(unsaid: Unsaid, context: RenderContext): Part {
  const left = joined(facts(unsaid, context), "; ");
  return isBlank(left) ? "" : html`<span class="also">(${left})</span>`;
}

/** One thing that is listed with its label. */
export interface Fact {
  /** Empty for what needs none. */
  readonly label: Part;
  readonly held: Held;
  readonly words: Part;
}

/** What nobody took, each with its label, without what is left out on purpose. What changes how the rest is read stands first. */
export function facts(unsaid: Unsaid, context: RenderContext): Part[] {
  const { before, marks } = takeMarks(unsaid, context);
  const left = listed(unsaid, context);
  return before.length + marks.length > 0 ? [joined([...before, ...marks], " "), ...left] : left;
}

/** What is left when its modifiers are taken. */
function listed(unsaid: Unsaid, context: RenderContext): Part[] {
  return factsOf(unsaid, context, (held_) => held(held_, context)).map(({ label, words }) =>
    isBlank(label) ? words : html`<span class="fact-label">${label}:</span> ${words}`,
  );
}

/** The same apart: for lists. @param word words what stands at a property */
export function factsOf(unsaid: Unsaid, context: RenderContext, word: (held: Held) => Part): Fact[] {
  const found: Fact[] = [];
  const { type, object: holder } = unsaid;
  // Those that are contained are shown where they are referred to; see containedLeft.
  for (const part of unsaid.rest((name) => name !== "contained" && !isLeftOut(type, name, holder))) {
    const words = word(part);
    if (isBlank(words)) continue;
    // Each extension has a label of its own.
    const label = part.property?.type === "Extension" ? "" : labelOf(part.property?.element.name ?? part.name, context.locale);
    found.push({ label, held: part, words });
  }
  return found;
}

const DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/** Extensions, each with the last words of its address and its value or parts. */
function extensions(items: readonly (JsonValue | undefined)[], context: RenderContext): Part {
  const told = items.map((item): Part => {
    if (!(item instanceof JsonObject)) return plain(item ?? null, undefined, undefined, context);
    if (isLeftOutExtension(item)) return "";
    const unsaid = new Unsaid(item, context.definitions.definitionOf("Extension"));
    const url = item.string("url");
    if (url === DATA_ABSENT) {
      const code = unsaid.string("valueCode");
      if (code !== undefined) return html`<span class="absent">${absentWords(code, context.locale)}</span>`;
    }
    // The value needs no label beside that of its address.
    const value = unsaid.take("value");
    const words = joined([value && held(value, context), ...facts(unsaid, context)], "; ");
    return html`<span class="fact-label">${extensionLabel(url, context.locale)}:</span> ${words}`;
  });
  return joined(told, "; ");
}
