/** The patient banner, always in sight: who this is about, as clinical safety guidance writes it (NHS Common User Interface, Patient Banner). */
import { ageAt } from "../../../core/fhir/dates.ts";
import { bannerName, identifierText, preferredName } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { partyText, resolved } from "../../../core/fhir/party.ts";
import { cut, oneLine, seenName } from "./one-line.ts";

/** The rest stands with the document's own identifiers. */
const MAX_IDENTIFIERS = 3;

/**
 * The banner must not cover the document on a screen, nor a running head the page: what is longer is cut here. A cut name unfolds to the whole of it, where it is cut; a cut identifier leads
 * to where it stands whole, among the facts about the document. Nothing is cut but here, where it can be told: lines of the banner are never clamped by styles. Paper has more room, and
 * nobody there to unfold anything.
 */
const MOST_LETTERS = { name: 80, printed: 400, head: 160, label: 24, identifier: 32, identifiers: 90 };

/** Names with more letters are written smaller on a telephone. */
const MANY_LETTERS = 40;

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
  /** False of a subject that is none, or of which the document holds nothing. */
  readonly isPatient: boolean;
  /** True when the banner has not room for the whole name. */
  readonly isCut: boolean;
}

/** @param today a FHIR date or dateTime: the day on which the patient's age is told */
export function patientFacts(document: DocumentBundle, locale: Locale, today: string): PatientFacts {
  const reference = document.composition.resource.object("subject");
  const subject = resolved(document, reference, document.composition)?.resource;
  if (subject?.string("resourceType") !== "Patient") {
    const name =
      seenName(partyText(document, reference, document.composition)) ?? locale.word(reference === undefined ? "no-patient" : "name-unknown");
    return {
      name,
      born: undefined,
      died: undefined,
      sex: undefined,
      identifiers: subject ? identifiersOf(subject) : [],
      isPatient: false,
      isCut: isLong(name),
    };
  }
  return factsOfPatient(subject, locale, today);
}

/**
 * The facts of a Patient as they stand in it.
 * @param today as above
 */
export function factsOfPatient(patient: JsonObject, locale: Locale, today: string): PatientFacts {
  const given = preferredName(patient.objects("name"));
  const name = seenName(given && bannerName(given)) ?? locale.word("name-unknown");
  const gender = patient.string("gender");
  return {
    name,
    born: bornText(patient, locale, today),
    died: diedText(patient, locale),
    sex: gender === undefined ? locale.word("sex-unknown") : locale.code("gender", gender),
    identifiers: identifiersOf(patient),
    isPatient: true,
    isCut: isLong(name),
  };
}

/**
 * @param state the line that tells the document's state, if there is anything to beware of
 * @param isPrint whether it stands on paper, once
 */
export function patientBanner(facts: PatientFacts, locale: Locale, state?: SafeHtml, isPrint = false): SafeHtml {
  const shown = identifiersFor(facts, locale);
  const more = facts.identifiers.length - shown.length;
  return html`<header class="patient-banner" aria-label="${locale.word("patient")}">
<div class="patient-banner-inner">
${state}${isPrint ? html`<p class="patient-name"><bdi>${cut(facts.name, MOST_LETTERS.printed)}</bdi></p>` : nameOnScreen(facts, locale)}
<p class="patient-facts">
${[facts.born, facts.died, facts.sex].filter((fact) => fact !== undefined).map((fact) => html`<span class="fact">${fact}</span> `)}
</p>
<p class="patient-identifiers">
${shown.map(({ label, value, isCut }) => {
  const number = html`<bdi class="number">${value}</bdi>`;
  return html`<span class="fact"><span class="label">${label}</span> ${isCut ? html`<a href="#about">${number}</a>` : number}</span> `;
})}${more > 0 && html`<a class="fact" href="#about">${locale.word("more-identifiers", { count: more })}</a>`}
</p>
</div>
</header>`;
}

/** The whole name, or its beginning, which unfolds to the whole of it by key, touch and pointer, without script. */
function nameOnScreen({ name, isCut }: PatientFacts, locale: Locale): SafeHtml {
  const size = cut(name, MANY_LETTERS) !== name && " long";
  if (!isCut) return html`<p class="patient-name${size}"><bdi>${name}</bdi></p>`;
  return html`<details class="patient-name${size}">
<summary><bdi>${cut(name, MOST_LETTERS.name)}</bdi> <span class="unfold">${locale.word("name-whole")}</span></summary>
<p class="whole-name" tabindex="0"><bdi>${name}</bdi></p>
</details>`;
}

interface ShownIdentifier {
  readonly label: string;
  readonly value: string;
  readonly isCut: boolean;
}

/** As many as there is room for, at least one. */
function identifiersFor({ identifiers }: PatientFacts, locale: Locale): ShownIdentifier[] {
  const cutOff = identifiers.slice(0, MAX_IDENTIFIERS).map(({ label, value }) => {
    const shown = cut(value, MOST_LETTERS.identifier);
    return { label: cut(label ?? locale.word("identifier"), MOST_LETTERS.label), value: shown, isCut: shown !== value };
  });
  let room = MOST_LETTERS.identifiers;
  return cutOff.filter(({ label, value }, at) => (room -= label.length + value.length) >= 0 || at === 0);
}

/** The patient on some printed lines, for the head of pages. What is cut is the end of a long name or number, never what stands behind it. */
export function patientLine(facts: PatientFacts): string {
  const [identifier] = facts.identifiers;
  const number =
    identifier &&
    [identifier.label && cut(identifier.label, MOST_LETTERS.label), cut(identifier.value, MOST_LETTERS.identifier)].filter(Boolean).join(" ");
  return [cut(facts.name, MOST_LETTERS.head), facts.born, facts.sex, number].filter((part) => part !== undefined).join(" · ");
}

function isLong(name: string): boolean {
  return cut(name, MOST_LETTERS.name) !== name;
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
    .filter((identifier) => identifier !== undefined)
    .map(({ label, value }) => ({ label: label === undefined ? undefined : oneLine(label), value: oneLine(value) }));
}
