/** The patient banner, always in sight: who this is about, as clinical safety guidance writes it (NHS Common User Interface, Patient Banner). */
import { ageAt } from "../../core/fhir/dates.ts";
import { bannerName, identifierText, preferredName } from "../../core/fhir/datatypes.ts";
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { html, type SafeHtml } from "./html.ts";
import type { Locale } from "./locale.ts";
import { referenceText, resolved } from "./party.ts";

/** The rest stands with the document's own identifiers. */
const MAX_IDENTIFIERS = 3;

/** The facts of the banner, in words. */
export interface PatientFacts {
  /** `MEYER, Anna (Dr)`; undefined when the subject is not a patient with a name. */
  readonly name: string;
  /** `born 14-Mar-1961 (65 y)` */
  readonly born: string | undefined;
  /** `died 02-Feb-2026` */
  readonly died: string | undefined;
  readonly sex: string | undefined;
  readonly identifiers: readonly { readonly label: string | undefined; readonly value: string }[];
}

/** @param today a FHIR date or dateTime: the day on which the patient's age is told */
export function patientFacts(document: DocumentBundle, locale: Locale, today: string): PatientFacts {
  const reference = document.composition.resource.object("subject");
  const subject = resolved(document, reference, document.composition)?.resource;
  if (subject?.string("resourceType") !== "Patient") {
    const name = referenceText(document, reference, document.composition) ?? locale.word("no-patient");
    return { name, born: undefined, died: undefined, sex: undefined, identifiers: subject ? identifiersOf(subject) : [] };
  }
  const name = preferredName(subject.objects("name"));
  const gender = subject.string("gender");
  return {
    name: (name && bannerName(name)) || locale.word("name-unknown"),
    born: bornText(subject, locale, today),
    died: diedText(subject, locale),
    sex: gender === undefined ? locale.word("sex-unknown") : locale.code("gender", gender),
    identifiers: identifiersOf(subject),
  };
}

export function patientBanner(facts: PatientFacts, locale: Locale): SafeHtml {
  const shown = facts.identifiers.slice(0, MAX_IDENTIFIERS);
  const more = facts.identifiers.length - shown.length;
  return html`<header class="patient-banner" aria-label="${locale.word("patient")}">
<div class="patient-banner-inner">
<p class="patient-name"><bdi>${facts.name}</bdi></p>
<p class="patient-facts">
${[facts.born, facts.died, facts.sex].filter((fact) => fact !== undefined).map((fact) => html`<span class="fact">${fact}</span> `)}
</p>
<p class="patient-identifiers">
${shown.map(({ label, value }) => html`<span class="fact"><span class="label">${label ?? locale.word("identifier")}</span> <bdi class="number">${value}</bdi></span> `)}${more > 0 && html`<a class="fact" href="#about">${locale.word("more-identifiers", { count: more })}</a>`}
</p>
</div>
</header>`;
}

/** The patient on one line, for the head of printed pages and for titles. */
export function patientLine(facts: PatientFacts): string {
  const [identifier] = facts.identifiers;
  const number = identifier && [identifier.label, identifier.value].filter((part) => part !== undefined).join(" ");
  return [facts.name, facts.born, facts.sex, number].filter((part) => part !== undefined).join(" · ");
}

function bornText(patient: JsonObject, locale: Locale, today: string): string {
  const birthDate = patient.string("birthDate");
  if (birthDate === undefined) return locale.word("birth-date-unknown");
  const born = locale.word("born", { date: locale.date(birthDate) });
  const isDead = patient.get("deceasedBoolean") === true;
  // Of somebody who died on a day that nobody tells, no age can be told.
  const age = isDead ? undefined : ageAt(birthDate, patient.string("deceasedDateTime") ?? today);
  return age === undefined ? born : `${born} (${locale.age(age)})`;
}

function diedText(patient: JsonObject, locale: Locale): string | undefined {
  const died = patient.string("deceasedDateTime");
  if (died !== undefined) return locale.word("died", { date: locale.date(died) });
  return patient.get("deceasedBoolean") === true ? locale.word("deceased") : undefined;
}

function identifiersOf(patient: JsonObject): { label: string | undefined; value: string }[] {
  // Those for daily use come first, a temporary or secondary one last.
  const order = (identifier: JsonObject): number => (/^(?:temp|secondary)$/.test(identifier.string("use") ?? "") ? 1 : 0);
  return patient
    .objects("identifier")
    .filter((identifier) => identifier.string("use") !== "old")
    .sort((a, b) => order(a) - order(b))
    .map((identifier) => identifierText(identifier))
    .filter((identifier) => identifier !== undefined);
}
