/** Medicines: what, how, how much, why (R4 medications module). A medicine is named by what it contains when its code does not say so. */
import { html, type Part } from "../../html.ts";
import { containedIn } from "../../../../core/fhir/party.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext } from "../render-context.ts";
import { Unsaid } from "../unsaid.ts";
import { takeMarks } from "../marks.ts";
import { isWorded } from "../values/concepts.ts";
import { containedLeft } from "../values/contained.ts";
import { column, dates, figures, type Arrangement, type Aside, type Column } from "./arrangement.ts";

/** The medicine itself: coded, contained, or another entry, whole. */
const medicine: Column = { head: "column-medication", elements: ["medication"], wording: medicinePart };

/** The same of a Medication on its own. */
const contents: Column = { head: "column-medication", elements: ["code", "ingredient", "form", "amount"], wording: contentsPart };

const dosage: Column = { ...column("dosage", "dosageInstruction", "dosage"), kind: "prose" };
const reason: Column = column("reason", "reasonCode", "reasonReference", "reason");

export const MEDICATION_ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  MedicationRequest: { columns: [medicine, dosage, figures("dispense", "dispenseRequest"), reason, dates("date", "authoredOn")] },
  MedicationStatement: { columns: [medicine, dosage, reason, dates("period", "effective")] },
  MedicationAdministration: { columns: [medicine, dosage, reason, dates("date", "effective")] },
  MedicationDispense: { columns: [medicine, dosage, figures("quantity", "quantity", "daysSupply"), dates("date", "whenHandedOver", "whenPrepared")] },
  Medication: { columns: [contents, column("lot", "batch"), column("manufacturer", "manufacturer")] },
};

function medicinePart(unsaid: Unsaid, context: RenderContext, aside: Aside): Part {
  const reference = unsaid.object.object("medicationReference");
  const url = reference?.string("reference");
  const entry = url === undefined ? undefined : context.document.resolve(url, context.entry);
  const contained = entry === undefined ? containedIn(context.entry.resource, url) : undefined;
  const medication = entry?.resource ?? contained;
  if (reference === undefined || medication?.string("resourceType") !== "Medication" || context.within.includes(medication))
    return said(unsaid, "medication", context);
  if (!context.mentions.beginWithin(medication)) return said(unsaid, "medication", context);
  unsaid.drop("medicationReference");
  const whole = medicationPart(medication, { ...context, entry: entry ?? context.entry, within: [...context.within, medication] }, aside);
  context.mentions.end(medication, String(whole).length);
  const ofReference = new Unsaid(reference, context.definitions.definitionOf("Reference"));
  const display = ofReference.string("display");
  for (const element of ["reference", "type"]) ofReference.drop(element);
  const isNew = display !== undefined && !String(whole).includes(html`${display}`.text);
  return joined([isNew && html`<bdi>${display}</bdi>`, whole, context.speaker.rest(ofReference, context)], " ");
}

/** A Medication, whole, in the cell of what is done with it. */
function medicationPart(medication: Unsaid["object"], context: RenderContext, aside: Aside): Part {
  const unsaid = new Unsaid(medication, context.definitions.definitionOf("Medication"));
  const { before, marks, tone } = takeMarks(unsaid, context);
  const words = contentsPart(unsaid, context);
  // A medicine that is in use as usual needs no mark.
  const isUsual = tone === "plain";
  aside(
    "element-medication",
    joined([isUsual && joined(marks, " "), ...context.speaker.facts(unsaid, context), containedLeft(unsaid, context)], "; "),
  );
  return joined([...before, words, !isUsual && joined(marks, " ")], " ");
}

/** What its code says, and what it contains. */
function contentsPart(unsaid: Unsaid, context: RenderContext): Part {
  const name = said(unsaid, "code", context);
  const ingredients = unsaid
    .objects("ingredient")
    .map((ingredient) => context.speaker.object(ingredient, unsaid.type?.properties.get("ingredient")?.content, context));
  const form = said(unsaid, "form", context);
  const amount = said(unsaid, "amount", context);
  const listed = ingredients.filter((one) => !isBlank(one)).map((one) => html`<span class="ingredient">${one}</span>`);
  const more = joined([form, amount], ", ");
  const medicine = !isBlank(name) && html`<span class="medicine">${name}</span>`;
  const isNamed = isWorded(unsaid.object.object("code")) || listed.length === 0;
  const named = isNamed ? [medicine, ...listed] : [...listed, medicine];
  return joined([...named, !isBlank(more) && html`<span class="form">${more}</span>`], " ");
}
