/** Names, addresses, numbers and notes of people and organisations (R4 datatypes.html). */
import { addressText, nameText } from "../../../../core/fhir/datatypes.ts";
import { identifierLabel } from "../../../../core/fhir/identifier-systems.ts";
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext, type Wording } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";

/** A HumanName in the order of speech. */
export const humanName: Wording = (unsaid, context) => spelled(unsaid, context, nameText, ["family"], ["prefix", "given", "suffix"]);

/** An Address on one line. */
export const address: Wording = (unsaid, context) => spelled(unsaid, context, addressText, ["postalCode", "city", "state", "country"], ["line"]);

/** The words of something that has a `text` of its own beside its parts. A part that the text does not have is left to be said. */
function spelled(
  unsaid: Unsaid,
  context: RenderContext,
  wordsOf: (object: JsonObject) => string | undefined,
  single: readonly string[],
  many: readonly string[],
): Part {
  const { object } = unsaid;
  const words = wordsOf(object)?.replace(/\s+/g, " ");
  if (words === undefined || words === "") return usePart(unsaid, context);
  const has = (part: string): boolean => words.includes(part.trim().replace(/\s+/g, " "));
  const text = object.string("text");
  if (text !== undefined && has(text.replace(/\s*[\r\n]+\s*/g, ", "))) unsaid.string("text");
  for (const element of single) if (has(object.string(element) ?? "")) unsaid.string(element);
  for (const element of many) if (object.items(element).every((part) => typeof part === "string" && has(part))) unsaid.strings(element);
  return joined([html`<bdi>${words}</bdi>`, usePart(unsaid, context)], " ");
}

/** Old, temporary, of work, …: that changes whether it is to be used. Official and usual ones are left out. */
function usePart(unsaid: Unsaid, { locale }: RenderContext): Part {
  const use = unsaid.object.string("use");
  if (use === undefined || use === "official" || use === "usual") return "";
  unsaid.string("use");
  return html`<span class="${use === "old" || use === "temp" ? "mark caution" : "also"}">${locale.code("use", use)}</span>`;
}

/** A ContactPoint: what kind, the number as it was sent, of what use. */
export const contactPoint: Wording = (unsaid, context) => {
  const system = unsaid.string("system");
  const value = said(unsaid, "value", context);
  const kind = system !== undefined && !isBlank(value) && system !== "other" ? `${context.locale.code("contact", system)} ` : system;
  return joined([html`${kind}<bdi>${value}</bdi>`, usePart(unsaid, context)], " ");
};

/** An Identifier with the name of its kind. */
export const identifier: Wording = (unsaid, context) => {
  const label = said(unsaid, "type", context);
  const known = isBlank(label) ? identifierLabel(unsaid.object.string("system"), undefined) : label;
  const value = unsaid.string("value");
  return joined([known, value !== undefined && html`<bdi class="number">${value}</bdi>`, usePart(unsaid, context)], " ");
};

/** An Annotation: what was noted, by whom and when. */
export const annotation: Wording = (unsaid, context) => {
  const text = said(unsaid, "text", context);
  const by = joined([said(unsaid, "author", context), said(unsaid, "time", context)], ", ");
  return joined([text, !isBlank(by) && html`<span class="also">(${by})</span>`], " ");
};

/** A name for what an identifier identifies: for references that lead to nothing. */
export function identifierOf(identifier: JsonObject, context: RenderContext): Part {
  return context.speaker.object(identifier, context.definitions.definitionOf("Identifier"), context);
}
