import type { DocumentSummary } from "../../document-forms.ts";
import { identifierText } from "../../../core/fhir/datatypes.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

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
  const [identifier] = summary.patientIdentifiers.map((known) => identifierText(treeOf(known) as JsonObject)).filter((text) => text !== undefined);
  const facts: Part[] = [
    summary.patientBirthDate !== undefined && locale.word("born", { date: locale.date(summary.patientBirthDate) }),
    identifier !== undefined && html`${identifier.label !== undefined && `${identifier.label} `}<bdi class="number">${identifier.value}</bdi>`,
  ];
  const origin = [summary.authors.join(", "), summary.custodian].filter((part) => part !== undefined && part !== "");
  const patient = html`<span class="document-patient"><bdi>${summary.patientName ?? locale.word("patient-unknown")}</bdi></span>
`;
  return html`<li class="document${(isSuperseded || isError) && " withdrawn"}">
<a href="/documents/${summary.id}" class="document-link">
${!isPatientKnown && patient}<span class="document-title"><bdi>${summary.title || summary.type || locale.word("untitled")}</bdi></span>
</a>
<span class="document-date number">${locale.date(summary.date || summary.timestamp)}</span>
<p class="document-facts">${isPatientKnown ? summary.title !== "" && summary.type !== "" && html`<span class="fact"><bdi>${summary.type}</bdi></span> ` : facts.map((fact) => fact !== false && html`<span class="fact">${fact}</span> `)}${origin.length > 0 && html`<span class="fact"><bdi>${origin.join(" · ")}</bdi></span>`}</p>
${isError && html`<p class="tag danger">${locale.term("status-entered-in-error")}</p>`}${isSuperseded && html`<p class="tag danger">${locale.word("superseded")}</p>`}${summary.status === "preliminary" && html`<p class="tag">${locale.word("status-preliminary")}</p>`}${summary.confidentiality !== undefined && html`<p class="tag">${locale.word(`tag-confidentiality-${summary.confidentiality}`)}</p>`}${summary.isTest && html`<p class="tag">${locale.word("tag-test-data")}</p>`}
${more}</li>
`;
}
