/** Parts of resources that read better as a phrase than as a list of their elements. What a phrase does not say is added with its label, as everywhere. */
import { html, type Part } from "../../html.ts";
import { absentWords } from "../absent.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext, type Wording } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";
import { codesOf } from "./concepts.ts";
import { range } from "./quantities.ts";

/** Elements one after the other, in this order. */
const phrase =
  (between: string, ...elements: readonly string[]): Wording =>
  (unsaid, context) =>
    joined(
      elements.map((element) => said(unsaid, element, context)),
      between,
    );

/** One element, and others in brackets behind it. */
const withMore =
  (element: string, ...more: readonly string[]): Wording =>
  (unsaid, context) => {
    const first = said(unsaid, element, context);
    const others = joined(more.map((other) => said(unsaid, other, context)), ", "); // prettier-ignore
    if (isBlank(first)) return others;
    return isBlank(others) ? first : html`${first} (${others})`;
  };

/** An ingredient with its strength; that it is not active says so. */
const ingredient: Wording = (unsaid, context) => {
  const item = said(unsaid, "item", context);
  const isActive = unsaid.object.get("isActive");
  if (isActive === true) unsaid.drop("isActive");
  return joined([item, said(unsaid, "strength", context), said(unsaid, "amount", context)], " ");
};

/** A dose, and a rate by its name; one that was calculated says so. */
const doseAndRate: Wording = (unsaid, context) => {
  const rate = said(unsaid, "rate", context);
  const told = [said(unsaid, "dose", context), !isBlank(rate) && html`${context.locale.word("element-rate")}: ${rate}`];
  const type = said(unsaid, "type", context);
  return joined([joined(told, ", "), !isBlank(type) && html`(${type})`], " ");
};

/** The limits with what they are the limits of: a text of the sender's beside them, not instead. */
const referenceRange: Wording = (unsaid, context) => {
  const text = said(unsaid, "text", context);
  const limits = range(unsaid, context);
  const first = joined([text, isBlank(text) || isBlank(limits) ? limits : html`(${limits})`], " ");
  const type = unsaid.object.object("type");
  const isNormal = codesOf(type).includes("normal");
  const meaning = isNormal && type?.has("text") !== true ? (unsaid.drop("type"), "") : said(unsaid, "type", context);
  return joined([meaning, first, said(unsaid, "appliesTo", context), said(unsaid, "age", context)], ", ");
};

/** What happened, how bad, to what, when. */
const reaction: Wording = (unsaid, context) => {
  const what = joined([said(unsaid, "manifestation", context), said(unsaid, "description", context)], "; ");
  const severity = unsaid.string("severity");
  const bad =
    severity !== undefined &&
    html`<strong class="severity ${severity === "severe" ? "severe" : ""}">${context.locale.coded("code", severity)}</strong>`;
  return joined([what, bad, said(unsaid, "substance", context), said(unsaid, "exposureRoute", context), said(unsaid, "onset", context)], ", ");
};

/** A relative's illness: which, when, with what end. */
const relativesCondition: Wording = (unsaid, context) => {
  const what = said(unsaid, "code", context);
  const onset = said(unsaid, "onset", context);
  const outcome = said(unsaid, "outcome", context);
  return joined([what, !isBlank(onset) && html`${context.locale.word("at-age")} ${onset}`, outcome], ", ");
};

/** What a value is, or why there is none. */
export function valueOf(unsaid: Unsaid, context: RenderContext): Part {
  const value = said(unsaid, "value", context);
  const reason = unsaid.only("dataAbsentReason");
  if (reason === undefined) return value;
  return joined([value, html`<span class="absent">${absentPart(reason, context)}</span>`], " ");
}

function absentPart(reason: Unsaid["object"], context: RenderContext): Part {
  const [code] = codesOf(reason);
  const own = code === undefined ? undefined : absentWords(code, context.locale);
  const isOurs = reason.names.length === 1 && reason.objects("coding").length === 1 && reason.objects("coding")[0]?.has("display") === false;
  if (isOurs && own !== code) return own;
  return html`${context.locale.word("absent")}: ${context.speaker.object(reason, context.definitions.definitionOf("CodeableConcept"), context)}`;
}

export const COMPONENT_WORDINGS: readonly (readonly [string, Wording])[] = [
  ["Medication.ingredient", ingredient],
  ["Medication.batch", phrase(", ", "lotNumber", "expirationDate")],
  ["Observation.referenceRange", referenceRange],
  ["AllergyIntolerance.reaction", reaction],
  ["FamilyMemberHistory.condition", relativesCondition],
  ["MedicationAdministration.dosage", phrase(", ", "text", "dose", "rate", "route", "method", "site")],
  ["MedicationRequest.substitution", withMore("allowed", "reason")],
  ["MedicationDispense.performer", withMore("actor", "function")],
  ["MedicationAdministration.performer", withMore("actor", "function")],
  ["Procedure.performer", withMore("actor", "function", "onBehalfOf")],
  ["Immunization.performer", withMore("actor", "function")],
  ["Encounter.participant", withMore("individual", "type")],
  ["CareTeam.participant", withMore("member", "role")],
  ["Device.deviceName", withMore("name", "type")],
  ["Dosage.doseAndRate", doseAndRate],
  ["QuestionnaireResponse.item.answer", phrase("", "value")],
  ["CarePlan.activity", withMore("reference", "detail")],
  ["DiagnosticReport.media", withMore("link", "comment")],
  ["DocumentReference.content", withMore("attachment", "format")],
  ["DocumentReference.relatesTo", withMore("target", "code")],
  ["Goal.target", phrase(", ", "measure", "detail", "due")],
  ["Consent.policy", phrase(", ", "authority", "uri")],
  ["Patient.communication", withMore("language", "preferred")],
];
