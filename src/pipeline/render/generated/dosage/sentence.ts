/** A Dosage as one sentence, like a good pharmacist writes it: only when every element of it is expressed. */
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import type { RenderContext } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";
import { rangeSides } from "../values/quantities.ts";
import { GERMAN } from "./phrases-de.ts";
import { ENGLISH } from "./phrases-en.ts";
import type { Phrases } from "./phrases.ts";
import { timingParts } from "./timing-sentence.ts";
import { fill, Whole } from "./whole.ts";

/** Languages whose sentences a fluent reader has checked. */
const SENTENCES: Readonly<Record<string, Phrases>> = { en: ENGLISH, de: GERMAN };

/** What stands beside the sentence, in the sender's words. */
const BESIDE = ["text", "additionalInstruction", "patientInstruction"];

/** The sentence; undefined when there is no language for it, no dose or time to tell, or something in it that no sentence tells. */
export function sentenceOf(dosage: JsonObject, type: Unsaid["type"], context: RenderContext): Part | undefined {
  const phrases = SENTENCES[context.locale.language];
  if (phrases === undefined) return undefined;
  const whole = new Whole(context);
  const unsaid = whole.open(dosage, type);
  for (const element of BESIDE) unsaid.drop(element);
  const sequence = unsaid.number("sequence");
  const dose = doseParts(unsaid, whole, phrases);
  const timing = whole.inside(unsaid, "timing");
  const times = timing === undefined ? [] : timingParts(timing, whole, phrases);
  if (isBlank(joined(dose, "")) && isBlank(joined(times, ""))) return undefined;
  const words = joined(
    [
      ...dose,
      whole.words(unsaid, "route"),
      fill(phrases.method, { method: whole.words(unsaid, "method") }),
      fill(phrases.site, { site: whole.words(unsaid, "site") }),
      ...times,
      asNeeded(unsaid, whole, phrases),
      ...mosts(unsaid, whole, phrases),
    ],
    ", ",
  );
  if (!whole.isWhole) return undefined;
  return sequence === undefined ? words : html`${fill(phrases.step, { sequence })} ${words}`;
}

/** Dose and rate; two of them (one ordered, one calculated) are listed instead. */
function doseParts(dosage: Unsaid, whole: Whole, phrases: Phrases): Part[] {
  const inside = whole.inside(dosage, "doseAndRate");
  if (inside === undefined) return [];
  const type = whole.words(inside, "type");
  const range = inside.object.has("doseRange") ? whole.inside(inside, "doseRange") : undefined;
  const dose = range === undefined ? whole.words(inside, "dose") : doseRange(range, whole, phrases);
  const rate = fill(phrases.rate, { rate: whole.words(inside, "rate") });
  return [isBlank(type) ? dose : html`${dose} (${type})`, rate];
}

/** A dash between doses is read as a minus. */
function doseRange(range: Unsaid, whole: Whole, phrases: Phrases): Part {
  const { low, high } = rangeSides(range, whole.context);
  if (isBlank(low) || isBlank(high)) whole.break();
  return fill(phrases.to, { from: low, to: high });
}

function asNeeded(dosage: Unsaid, whole: Whole, phrases: Phrases): Part {
  const isNeeded = dosage.boolean("asNeeded") ?? dosage.boolean("asNeededBoolean");
  if (isNeeded !== undefined) return isNeeded ? phrases.asNeeded : phrases.notOnlyAsNeeded;
  return fill(phrases.asNeededFor, { reason: whole.words(dosage, "asNeeded") });
}

function mosts(dosage: Unsaid, whole: Whole, phrases: Phrases): Part[] {
  const inside = whole.inside(dosage, "maxDosePerPeriod");
  const perPeriod = inside && fill(phrases.mostPerPeriod, { amount: whole.words(inside, "numerator"), period: whole.words(inside, "denominator") });
  return [
    perPeriod,
    fill(phrases.mostAtATime, { amount: whole.words(dosage, "maxDosePerAdministration") }),
    fill(phrases.mostInALifetime, { amount: whole.words(dosage, "maxDosePerLifetime") }),
  ];
}
