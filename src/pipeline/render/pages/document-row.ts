import type { DocumentSummary } from "../../document-forms.ts";
import { identifierText } from "../../../core/fhir/datatypes.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { cut, oneLine, seenName } from "./one-line.ts";

/** A row must not push the others out of sight: its document has all of it. */
const MOST_LETTERS = { name: 160, title: 200, type: 100, origin: 160, label: 24, identifier: 40 };

/** How a document stands in a list. */
export interface RowOptions {
  readonly isSuperseded: boolean;
  /** True where all of the list is about one patient, who stands above it. */
  readonly isPatientKnown?: boolean;
  /** What else is to be said of it. */
  readonly more?: Part;
}

/** One document of a list: whose, what, when, by whom. What must not be used as it is says so. */
export function documentRow(summary: DocumentSummary, { isSuperseded, isPatientKnown = false, more }: RowOptions, locale: Locale): SafeHtml {
  const isError = summary.status === "entered-in-error";
  const title = cut(oneLine(summary.title || summary.type), MOST_LETTERS.title) || locale.word("untitled");
  const type = isPatientKnown && summary.title !== "" && summary.type !== "" ? cut(oneLine(summary.type), MOST_LETTERS.type) : "";
  const origin = [summary.authors.join(", "), summary.custodian].filter((part) => part !== undefined && part !== "").join(" · ");
  return html`<li class="document${(isSuperseded || isError) && " withdrawn"}">
<a href="/documents/${summary.id}" class="document-link">
${
  !isPatientKnown &&
  html`<span class="document-patient"><bdi>${nameOf(summary, locale)}</bdi></span>
`
}<span class="document-title"><bdi>${title}</bdi></span>
</a>
<span class="document-date number">${locale.date(summary.date || summary.timestamp)}</span>
<p class="document-facts">${isPatientKnown ? type !== "" && html`<span class="fact"><bdi>${type}</bdi></span> ` : patientFacts(summary, locale)}${origin !== "" && html`<span class="fact"><bdi>${cut(oneLine(origin), MOST_LETTERS.origin)}</bdi></span>`}</p>
${isError && html`<p class="tag danger">${locale.term("status-entered-in-error")}</p>`}${isSuperseded && html`<p class="tag danger">${locale.word("superseded")}</p>`}${summary.status === "preliminary" && html`<p class="tag">${locale.word("status-preliminary")}</p>`}${summary.confidentiality !== undefined && html`<p class="tag">${locale.word(`tag-confidentiality-${summary.confidentiality}`)}</p>`}${summary.isTest && html`<p class="tag">${locale.word("tag-test-data")}</p>`}
${more}</li>
`;
}

/** The patient's name; of a patient without one, that it is not given. */
function nameOf({ patientName, patientBirthDate, patientIdentifiers }: DocumentSummary, locale: Locale): string {
  const name = seenName(patientName);
  if (name !== undefined) return cut(name, MOST_LETTERS.name);
  return locale.word(patientBirthDate !== undefined || patientIdentifiers.length > 0 ? "name-unknown" : "patient-unknown");
}

/** What tells the patient from others of their name. */
function patientFacts({ patientBirthDate, patientIdentifiers }: DocumentSummary, locale: Locale): Part {
  const [identifier] = patientIdentifiers.map((known) => identifierText(treeOf(known) as JsonObject)).filter((text) => text !== undefined);
  const label = identifier?.label === undefined ? "" : cut(oneLine(identifier.label), MOST_LETTERS.label);
  return [
    patientBirthDate !== undefined && html`<span class="fact">${locale.word("born", { date: locale.date(patientBirthDate) })}</span> `,
    identifier !== undefined &&
      html`<span class="fact">${label !== "" && `${label} `}<bdi class="number">${cut(oneLine(identifier.value), MOST_LETTERS.identifier)}</bdi></span> `,
  ];
}
