/** Shows the elements that change how what holds them is read: in words, before anything else of it. */
import { JsonArray, JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { isBlank, joined } from "./joined.ts";
import { labelOf } from "./labels.ts";
import { MODIFIERS_OF, readCode, toneOfCode, toneOfTruth, worst, type Tone } from "./modifiers.ts";
import type { RenderContext } from "./render-context.ts";
import type { Held, Unsaid } from "./unsaid.ts";
import { codesOf } from "./values/concepts.ts";

/** Why something has the status that it has: beside it. */
const REASONS = ["statusReason", "cancelationReason", "cancelledReason", "dispositionReason"];

export interface Marks {
  /** Those that turn what they stand with into its opposite, or into nothing: they stand before it. */
  readonly before: readonly Part[];
  readonly marks: readonly Part[];
  /** The worst of them. */
  readonly tone: Tone;
}

/** Takes every modifier out of an object, with the reason of its status. */
export function takeMarks(unsaid: Unsaid, context: RenderContext): Marks {
  const { type } = unsaid;
  const before: Part[] = [];
  const marks: Part[] = [];
  const tones: Tone[] = [];
  const { object } = unsaid;
  const modifiers = type && MODIFIERS_OF.get(type.name);
  const isRuled = type?.kind === "resource" && object.has("implicitRules");
  if (type === undefined || (modifiers === undefined && !isRuled && !object.has("modifierExtension"))) return NONE;
  for (const name of object.names) {
    // A status that is missing may say why (`_status`).
    const element = type.properties.get(name.startsWith("_") ? name.slice(1) : name)?.element;
    if (element === undefined || !(modifiers?.has(element.name) === true || name === "implicitRules") || !unsaid.has(element.name)) continue;
    const held = unsaid.take(element.name);
    if (held === undefined) continue;
    const { words, tone } = markOf(held, element.path, element.name, context);
    tones.push(tone);
    if (!isBlank(words)) (TURNS.includes(tone) ? before : marks).push(html`<span class="mark ${tone}">${words}</span>`);
  }
  const changed = modifierExtensions(unsaid, context);
  if (!isBlank(changed)) {
    before.push(html`<span class="mark negated">${context.locale.word("modified")} ${changed}</span>`);
    tones.push("caution");
  }
  if (before.length + marks.length > 0) {
    const reasons = REASONS.filter((reason) => unsaid.has(reason)).map((reason) => {
      const held = unsaid.take(reason);
      return held && context.speaker.held(held, context);
    });
    const reason = joined(reasons, "; ");
    if (!isBlank(reason)) marks.push(html`<span class="mark-reason">${context.locale.word("status-reason")} ${reason}</span>`);
  }
  return { before, marks, tone: worst(tones) };
}

const NONE: Marks = { before: [], marks: [], tone: "plain" };
const TURNS: readonly Tone[] = ["error", "negated"];

interface Mark {
  readonly words: Part;
  readonly tone: Tone;
}

function markOf(held: Held, path: string, element: string, context: RenderContext): Mark {
  const { value } = held;
  const { locale } = context;
  if (typeof value === "boolean" && held.companion === undefined) {
    const tone = toneOfTruth(element, value) ?? "caution";
    return { words: locale.term(`modifier-${element}-${value ? "yes" : "no"}`), tone };
  }
  const said = context.speaker.held(held, context);
  const code = typeof value === "string" ? readCode(value) : "";
  if (code !== "" && locale.has(`${path}-${code}`)) return { words: locale.term(`${path}-${code}`), tone: toneOfCode(path, code) ?? "caution" };
  if (typeof value === "string" && held.property?.type === "code") {
    const tone = toneOfCode(path, value) ?? "caution";
    const words =
      locale.has(`${element}-${code}`) && element !== "status"
        ? joined([locale.term(`${element}-${code}`), held.companion !== undefined && said], " ")
        : said;
    return { words, tone };
  }
  if (value instanceof JsonObject && held.property?.type === "CodeableConcept") {
    const tones = codesOf(value).map((code) => toneOfCode(path, code) ?? "caution");
    const tone = path === "Basic.code" || path === "Consent.scope" ? "plain" : tones.length === 0 ? "caution" : worst(tones);
    return { words: tone === "plain" ? said : joined([said, ownWords(value, said, context)], " "), tone };
  }
  const label = locale.has(`modifier-${element}`) ? locale.term(`modifier-${element}`) : html`${labelOf(element, locale)}:`;
  return { words: html`${label} ${said}`, tone: "caution" };
}

/** What the code of a status means, where the sender's words for it are others. */
function ownWords(concept: JsonObject, said: Part, { locale }: RenderContext): Part {
  const told = String(said).toLowerCase();
  const others = codesOf(concept)
    .map((code) => `code-${readCode(code)}`)
    .filter((key) => locale.has(key) && !told.includes(locale.plain(key).toLowerCase()));
  return (
    others.length > 0 &&
    html`(${joined(
      others.map((key) => locale.term(key)),
      "; ",
    )})`
  );
}

/** Nothing here knows what they change: they are shown, and the reader is warned. */
function modifierExtensions(unsaid: Unsaid, context: RenderContext): Part {
  if (!(unsaid.object.get("modifierExtension") instanceof JsonArray)) return "";
  const held = unsaid.take("modifierExtension");
  return held && context.speaker.held(held, context);
}
