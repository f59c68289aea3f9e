/**
 * What of a resource is not shown where it is generated from its data, and why. The one place that says so: whatever is not here is shown, by an arrangement or with its label
 * (docs/design/presentation.md, Generated from data).
 */
import { numberText } from "../../../core/fhir/datatypes.ts";
import type { TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { contradicts, isReworded } from "./units.ts";

export interface LeftOut {
  /** When it is left out; undefined for always. */
  readonly when?: (holder: JsonObject, parent: JsonObject | undefined) => boolean;
  readonly why: string;
}

const NOT_WORDS = "tells machines who it is or where it comes from, nothing about the patient";
const LABELLED = "its last words are the label of what it holds";

/** By path; `*` stands for any type. */
export const LEFT_OUT: Readonly<Record<string, LeftOut>> = {
  "*.resourceType": { why: "the heading of the table, or of the list, says it" },
  "*.id": { why: "an address for references, which are followed" },
  "*.language": { when: (holder) => holder.has("resourceType"), why: "the language that its words are marked with (lang)" },
  "Meta.versionId": { why: NOT_WORDS },
  "Meta.lastUpdated": { why: NOT_WORDS },
  "Meta.source": { why: NOT_WORDS },
  "Meta.profile": { why: NOT_WORDS },
  "Narrative.status": { why: "says how its text was made; a text with more than the data is shown" },
  "Narrative.div": {
    when: (narrative) => isMadeFromData(narrative),
    why: "made from the data that is shown (narrative-status generated, extensions, empty); shown where the data has no name",
  },
  "Extension.url": { why: LABELLED },
  "Coding.system": { why: "its words are shown; the system is named where there are none" },
  "Coding.version": { why: NOT_WORDS },
  "Coding.code": { when: hasWords, why: "its words are shown, or those of the text or the coding beside it" },
  "Coding.userSelected": { why: "decides which words come first" },
  "Identifier.system": { why: "the number is shown, with the name of its kind where one is known" },
  "Identifier.use": { when: isOrdinary, why: "an ordinary identifier: old, temporary and secondary ones say so" },
  "HumanName.use": { when: isOrdinary, why: "an ordinary name: old, temporary and other ones say so" },
  "QuestionnaireResponse.item.linkId": {
    when: (item) => item.has("text"),
    why: "the address of a question in its questionnaire; its words are shown",
  },
  "Quantity.system": { why: "says which list the unit's code is of" },
  "Quantity.code": { when: isSameUnit, why: "the unit is shown in the sender's words, unless they contradict the code" },
  "Quantity.unit": { when: isInOtherWords, why: "abbreviations that are misread are written in words (units.ts)" },
  "Ratio.denominator": { when: isPerOne, why: "an amount for one of nothing in particular is that amount, and a bare 1 is read as a litre" },
  "Reference.reference": { when: (reference) => leadsSomewhere(reference), why: "what it leads to is shown or named" },
  "Reference.type": { why: "what it leads to is shown or named" },
  "Attachment.data": { why: "a file: shown as an image, or by title, type and size" },
  "Attachment.hash": { why: "compared with the file, and the result told" },
  "Binary.data": { why: "a file: shown as an image, or by title, type and size" },
  "Signature.data": { why: "for machines; the document's own signatures are checked above" },
};

/** Extensions that are not shown, by their url, and why. */
const LEFT_OUT_EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ["http://hl7.org/fhir/StructureDefinition/narrativeLink", "the address of the narrative that tells the same; that is shown where it stands"],
]);

export function isLeftOutExtension(extension: JsonObject): boolean {
  return LEFT_OUT_EXTENSIONS.has(extension.string("url") ?? "");
}

const BY_TYPE: ReadonlyMap<string, ReadonlyMap<string, LeftOut>> = byType();
const OF_ANY: ReadonlyMap<string, LeftOut> = BY_TYPE.get("*") ?? new Map();

function byType(): Map<string, Map<string, LeftOut>> {
  const found = new Map<string, Map<string, LeftOut>>();
  for (const [path, rule] of Object.entries(LEFT_OUT)) {
    const at = path.lastIndexOf(".");
    const [type, element] = [path.slice(0, at), path.slice(at + 1)];
    const rules = found.get(type) ?? new Map<string, LeftOut>();
    found.set(type, rules.set(element, rule));
  }
  // Quantities of one kind or the other.
  for (const name of ["Age", "Count", "Distance", "Duration"]) found.set(name, found.get("Quantity") ?? new Map<string, LeftOut>());
  return found;
}

/** Whether an element of that name is left out of a holder of that type. */
export function isLeftOut(type: TypeDefinition | undefined, name: string, holder: JsonObject, parent?: JsonObject): boolean {
  const rule = OF_ANY.get(name) ?? (type === undefined ? undefined : BY_TYPE.get(type.name)?.get(name));
  return rule !== undefined && (rule.when?.(holder, parent) ?? true);
}

/** Whether a resource's own text says no more than its data, by its own account. */
export function isMadeFromData(narrative: JsonObject): boolean {
  return ["generated", "extensions", "empty"].includes(narrative.string("status") ?? "");
}

function hasWords(coding: JsonObject, concept: JsonObject | undefined): boolean {
  if (coding.string("display") !== undefined || concept?.string("text") !== undefined) return true;
  return concept?.objects("coding").some((other) => other.string("display") !== undefined) === true;
}

function isOrdinary(holder: JsonObject): boolean {
  const use = holder.string("use");
  return use === "official" || use === "usual";
}

/** The unit that is only its code again may be UCUM's, which few people read. */
function isInOtherWords(quantity: JsonObject): boolean {
  const unit = quantity.string("unit");
  return unit !== undefined && (isReworded(unit) || unit === quantity.string("code"));
}

function isSameUnit(quantity: JsonObject): boolean {
  const unit = quantity.string("unit");
  return unit !== undefined && !contradicts(unit, quantity.string("code"));
}

function isPerOne(ratio: JsonObject): boolean {
  const [numerator, denominator] = [ratio.object("numerator"), ratio.object("denominator")];
  if (numerator === undefined || denominator === undefined || (!numerator.has("unit") && (numerator.string("code") ?? "1") === "1")) return false;
  return (
    numberText(denominator, "value") === "1" &&
    denominator.names.every((name) => name === "value" || name === "system" || (name === "code" && denominator.string(name) === "1"))
  );
}

function leadsSomewhere(reference: JsonObject): boolean {
  return reference.has("display") || reference.has("identifier");
}
