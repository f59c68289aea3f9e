import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { seenName } from "./one-line.ts";

/** A patient as people tell them apart who choose one. */
export interface PatientChoice {
  readonly id: string;
  /** Undefined: the record has none. */
  readonly name: string | undefined;
  /** A date as FHIR writes it. */
  readonly birthDate: string | undefined;
  /** A code of administrative-gender. */
  readonly gender: string | undefined;
  readonly identifiers: readonly string[];
  /** Of a patient who is known from one document alone: which. */
  readonly document?: { readonly title: string; /** As FHIR writes it. */ readonly date: string | undefined } | undefined;
}

/** Name, date of birth, sex, identifiers; what is not known is said. */
export function patientChoice({ name, birthDate, gender, identifiers, document }: PatientChoice, locale: Locale): SafeHtml {
  const born = birthDate === undefined ? locale.word("birth-date-unknown") : locale.phrase("born", { date: locale.date(birthDate) });
  const sex = gender === undefined ? locale.word("sex-unknown") : locale.code("gender", gender);
  return html`<bdi class="patient-name">${seenName(name) ?? locale.word("name-unknown")}</bdi>
<span class="quiet">${born} · ${sex}${identifiers.map((one) => html` · <bdi>${one}</bdi>`)}</span>${
    document &&
    html`
<span class="quiet patient-document"><bdi>${document.title}</bdi>${document.date !== undefined && html` · ${locale.date(document.date)}`}</span>`
  }`;
}
