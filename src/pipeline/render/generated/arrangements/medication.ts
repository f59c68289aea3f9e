/** Medicines: what, how, how much, why (R4 medications module). A medicine is named by what it contains when its code does not say so. */
import { html, type Part } from "../../html.ts";
import { containedIn } from "../../../../core/fhir/party.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type Place } from "../place.ts";
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

function medicinePart(unsaid: Unsaid, place: Place, aside: Aside): Part {
  const reference = unsaid.object.object("medicationReference");
  const url = reference?.string("reference");
  const entry = url === undefined ? undefined : place.document.resolve(url, place.entry);
  const contained = entry === undefined ? containedIn(place.entry.resource, url) : undefined;
  const medication = entry?.resource ?? contained;
  if (reference === undefined || medication?.string("resourceType") !== "Medication" || place.within.includes(medication))
    return said(unsaid, "medication", place);
  if (!place.mentions.beginWithin(medication)) return said(unsaid, "medication", place);
  unsaid.drop("medicationReference");
  const whole = medicationPart(medication, { ...place, entry: entry ?? place.entry, within: [...place.within, medication] }, aside);
  place.mentions.end(medication, String(whole).length);
  const ofReference = new Unsaid(reference, place.definitions.definitionOf("Reference"));
  const display = ofReference.string("display");
  for (const element of ["reference", "type"]) ofReference.drop(element);
  const isNew = display !== undefined && !String(whole).includes(html`${display}`.text);
  return joined([isNew && html`<bdi>${display}</bdi>`, whole, place.speaker.rest(ofReference, place)], " ");
}

/** A Medication, whole, in the cell of what is done with it. */
function medicationPart(medication: Unsaid["object"], place: Place, aside: Aside): Part {
  const unsaid = new Unsaid(medication, place.definitions.definitionOf("Medication"));
  const { before, marks, tone } = takeMarks(unsaid, place);
  const words = contentsPart(unsaid, place);
  // A medicine that is in use as usual needs no mark.
  const isUsual = tone === "plain";
  aside("element-medication", joined([isUsual && joined(marks, " "), ...place.speaker.facts(unsaid, place), containedLeft(unsaid, place)], "; "));
  return joined([...before, words, !isUsual && joined(marks, " ")], " ");
}

/** What its code says, and what it contains. */
function contentsPart(unsaid: Unsaid, place: Place): Part {
  const name = said(unsaid, "code", place);
  const ingredients = unsaid
    .objects("ingredient")
    .map((ingredient) => place.speaker.object(ingredient, unsaid.type?.properties.get("ingredient")?.content, place));
  const form = said(unsaid, "form", place);
  const amount = said(unsaid, "amount", place);
  const listed = ingredients.filter((one) => !isBlank(one)).map((one) => html`<span class="ingredient">${one}</span>`);
  const more = joined([form, amount], ", ");
  const medicine = !isBlank(name) && html`<span class="medicine">${name}</span>`;
  const isNamed = isWorded(unsaid.object.object("code")) || listed.length === 0;
  const named = isNamed ? [medicine, ...listed] : [...listed, medicine];
  return joined([...named, !isBlank(more) && html`<span class="form">${more}</span>`], " ");
}
