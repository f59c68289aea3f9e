/** The page of a patient: who it is, and the documents about them as a timeline, with what superseded what. */
import type { DocumentSummary } from "../../document-forms.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { documentGroupsSection, type DocumentGroup } from "./document-groups.ts";
import { documentRow } from "./document-row.ts";
import { seenName } from "./one-line.ts";
import { page, type PageOptions } from "./page.ts";
import { factsOfPatient, patientBanner, patientLine, type PatientFacts } from "./patient-banner.ts";
import type { Relation } from "./presented.ts";
import { relationLink } from "./warnings.ts";

/** A document of a patient, and how it stands to others. */
export interface TimelineDocument {
  readonly summary: DocumentSummary;
  readonly isSuperseded: boolean;
  readonly relations: readonly Relation[];
}

/** What is shown of a patient. */
export interface PatientDocuments {
  readonly id: string;
  /** True of a person who is known by an identifier; false of the patient of one document, who stands alone. */
  readonly isDerived: boolean;
  /** What the document says that speaks for them. */
  readonly patient: JsonObject;
  /** The id of that document; absent where an identity feed says it. */
  readonly source?: string;
  /** By the time at which they were written, the newest first. */
  readonly documents: readonly TimelineDocument[];
  /** Which of them their source sent together; on the first page. */
  readonly groups?: readonly DocumentGroup[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
  /** True while there are documents that the index does not know yet. */
  readonly isIncomplete: boolean;
}

export interface PatientPageOptions extends PageOptions {
  /** The day on which the patient's age is told. */
  readonly now: Date;
  /** Whether the page leads to the account of disclosures. */
  readonly hasAccount: boolean;
}

export function renderPatientPage(shown: PatientDocuments, options: PatientPageOptions): string {
  const { locale } = options;
  const facts = factsOfPatient(shown.patient, locale, options.now.toISOString());
  const main = html`<h1>${locale.word("patient-documents")}</h1>
${originOf(shown, locale)}${isJoined(shown.patient) && html`<p class="notice">${locale.word("patient-joined")}</p>`}
${shown.isIncomplete && html`<p class="notice warning">${locale.word("list-incomplete")}</p>`}
${
  shown.documents.length === 0
    ? html`<p class="empty"><strong>${locale.word("patient-no-documents")}</strong></p>`
    : html`<p class="quiet">${locale.word("patient-order")}</p>
<ol class="documents timeline">
${shown.documents.map(({ summary, isSuperseded, relations }) =>
  documentRow(
    summary,
    { isSuperseded, isPatientKnown: isCalledSo(summary, facts, shown.patient, locale), more: relationLines(relations, locale) },
    locale,
  ),
)}</ol>`
}
${shown.next !== undefined && html`<p><a class="button quiet-button" href="/patients/${shown.id}?${new URLSearchParams({ page: shown.next }).toString()}">${locale.word("older-documents")}</a></p>`}
${documentGroupsSection(shown.groups ?? [], locale)}
${otherIdentifiers(facts, locale)}${
    options.hasAccount &&
    html`
<p><a href="/audit/patients/${shown.id}">${locale.word("disclosures-title")}</a></p>`
  }`;
  const title = `${facts.name} – ${locale.word("patient-documents")}`;
  return page(
    { title, kind: "patient-page", header: html`${printedHead(facts, locale, options.now)}${patientBanner(facts, locale)}`, main },
    options,
  );
}

/** What a browser prints at the head of every sheet of paper: whose page it is, and of which day. */
function printedHead(facts: PatientFacts, locale: Locale, now: Date): SafeHtml {
  const lines = [patientLine(facts).split(" · "), [locale.word("patient-documents"), locale.date(now.toISOString())]];
  // A name in Hebrew must not reorder the date beside it.
  return html`<div class="printed-head">
${lines.map((parts) => html`<p>${parts.map((part, at) => html`${at > 0 && " · "}<bdi>${part}</bdi>`)}</p>\n`)}</div>
`;
}

/** Where what is said of the patient comes from. */
function originOf({ isDerived, source }: PatientDocuments, locale: Locale): SafeHtml {
  if (source === undefined) return html`<p class="quiet">${locale.word("patient-fed")}</p>`;
  const words = locale.word(isDerived ? "patient-derived" : "patient-alone");
  return html`<p class="quiet">${words} <a href="/documents/${source}">${locale.word("patient-source")}</a></p>`;
}

/** Whether an identity feed says that others were this patient all along: their documents are on the page too. */
function isJoined(patient: JsonObject): boolean {
  return patient.objects("link").some((link) => link.string("type") === "replaces");
}

/** Whether the document calls the patient as the head of the page does: where it does not, the row says how, for it may be of somebody else. */
function isCalledSo(summary: DocumentSummary, { name }: PatientFacts, patient: JsonObject, locale: Locale): boolean {
  const itsName = seenName(summary.patientName) ?? locale.word("name-unknown");
  return itsName === name && summary.patientBirthDate === patient.string("birthDate");
}

/** All that a document says of others and others of it; what nobody confirmed says so. */
function relationLines(relations: readonly Relation[], locale: Locale): SafeHtml | false {
  if (relations.length === 0) return false;
  return html`<ul class="document-relations">${relations.map((relation) => {
    const link = relationLink(relation, locale, "");
    const isUnconfirmed = !relation.isConfirmed && relation.kind !== "claims-missing";
    return html`<li>${locale.phrase(relation.kind, { link, target: link })}${isUnconfirmed && html` <span class="quiet">(${locale.word("unconfirmed")})</span>`}</li>`;
  })}</ul>
`;
}

/** Those for which the banner has no room: its link leads here. */
function otherIdentifiers({ name, isCut, identifiers }: PatientFacts, locale: Locale): SafeHtml | false {
  if (!isCut && identifiers.length === 0) return false;
  return html`<section class="about" id="about" aria-labelledby="about-title">
<h2 id="about-title">${locale.word("patient")}</h2>
<dl class="facts">
${isCut && html`<div><dt>${locale.word("patient")}</dt><dd><bdi>${name}</bdi></dd></div>`}${
    identifiers.length > 0 &&
    html`<div><dt>${locale.word("identifier")}</dt>${identifiers.map(({ label, value }) => html`<dd>${label !== undefined && html`<bdi>${label}</bdi> `}<bdi class="number">${value}</bdi></dd>`)}</div>`
  }
</dl>
</section>`;
}
