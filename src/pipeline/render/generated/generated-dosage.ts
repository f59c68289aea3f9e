/** Dosage in words (R4 dosage.html): the sender's own text wherever there is one. */
import { conceptText, numberText, quantityText, rangeText, stringsOf } from "../../../core/fhir/datatypes.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Locale } from "../locale.ts";

/** All dosages of a medication resource; undefined when it has none. */
export function dosagesText(resource: JsonObject, locale: Locale): string | undefined {
  const administered = resource.object("dosage");
  const dosages = [...resource.objects("dosageInstruction"), ...resource.objects("dosage"), ...(administered ? [administered] : [])];
  const texts = dosages.map((dosage) => dosageText(dosage, locale)).filter((text) => text !== "");
  return texts.join("; ") || undefined;
}

function dosageText(dosage: JsonObject, locale: Locale): string {
  const text = dosage.string("text");
  const patientInstruction = dosage.string("patientInstruction");
  if (text !== undefined) return [text, patientInstruction].filter(Boolean).join(". ");
  const doses = dosage.objects("doseAndRate").map((rate) => quantityText(rate.object("doseQuantity")) ?? rangeText(rate.object("doseRange")));
  const dose = doses.filter(Boolean).join(", ") || quantityText(dosage.object("dose"));
  const asNeeded = conceptText(dosage.object("asNeededCodeableConcept"));
  const isAsNeeded = dosage.get("asNeededBoolean") === true || asNeeded !== undefined;
  const parts = [
    dose,
    timingText(dosage.object("timing")),
    isAsNeeded ? [locale.word("as-needed"), asNeeded].filter(Boolean).join(": ") : undefined,
    conceptText(dosage.object("route")),
    conceptText(dosage.object("site")),
    patientInstruction,
  ];
  return parts.filter(Boolean).join(", ");
}

/** `3 × / 1 d`, `MORN, NOON`, or the sender's words. */
function timingText(timing: JsonObject | undefined): string | undefined {
  const code = conceptText(timing?.object("code"));
  const repeat = timing?.object("repeat");
  if (code !== undefined || !repeat) return code;
  const frequency = numberText(repeat, "frequency");
  const period = numberText(repeat, "period");
  const rate = period === undefined ? undefined : `${frequency ?? "1"} × / ${period} ${repeat.string("periodUnit") ?? ""}`.trim();
  const whens = stringsOf(repeat, "when").join(", ");
  const days = stringsOf(repeat, "dayOfWeek").join(", ");
  const times = stringsOf(repeat, "timeOfDay").join(", ");
  return [rate, days, whens, times].filter(Boolean).join(", ") || undefined;
}
