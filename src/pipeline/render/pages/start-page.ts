import type { DocumentSummary } from "../../document-forms.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { askedLine, finderForm, foundByLine, type FinderFields, type FoundBy } from "./finder-form.ts";
import { documentRow } from "./document-row.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** A page of the list of documents, newest first. */
export interface ListedDocuments {
  readonly documents: readonly { readonly summary: DocumentSummary; readonly isSuperseded: boolean; readonly foundBy?: readonly FoundBy[] }[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
  /** True while the index is made anew: there are documents that it does not know yet. */
  readonly isIncomplete?: boolean;
  /** False for whoever may deposit nothing: then there is no form for it. */
  readonly mayDeposit?: boolean;
}

export interface StartPageOptions extends PageOptions {
  /** What was searched for; empty for the newest documents. */
  readonly query: string;
  /** What was asked for besides, by the finder's fields. */
  readonly fields?: FinderFields;
  /** The address to which documents are sent. */
  readonly depositAddress: string;
  /** True while no identifier system is listed as unique to a person: nothing tells which documents are about the same one. */
  readonly isEachAlone: boolean;
  /** Whether the page leads to who saw what. */
  readonly isAuditor: boolean;
  /** Whether it leads to how subscriptions and jobs stand. */
  readonly isOverseer: boolean;
}

/** The start page: the newest documents or those found, a search box, and a form to deposit one. */
export function renderStartPage(listing: ListedDocuments, options: StartPageOptions): string {
  const { locale, fields = {} } = options;
  const query = options.query.trim();
  const hasFields = Object.keys(fields).length > 0;
  const heading = locale.word(hasFields ? "found-by-fields" : query === "" ? "newest-documents" : "found-documents", { query });
  const main = html`<h1 class="unseen">${locale.word("documents")}</h1>
${finderForm(query, fields, listing.documents.length > 0, locale)}
<section aria-labelledby="list-title">
<h2 id="list-title">${heading}</h2>
${askedLine(query, fields, locale)}${listing.isIncomplete === true && html`<p class="notice warning">${locale.word("list-incomplete")}</p>`}
${
  listing.documents.length === 0
    ? emptyState(query, hasFields, listing.mayDeposit, options)
    : html`<ol class="documents">
${listing.documents.map(({ summary, isSuperseded, foundBy = [] }) => documentRow(summary, { isSuperseded, more: foundByLine(foundBy, locale) }, locale))}</ol>`
}
${listing.next !== undefined && html`<p><a class="button quiet-button" href="/?${moreQuery(query, fields, listing.next)}">${locale.word("older-documents")}</a></p>`}
${options.isEachAlone && listing.documents.length > 0 && html`<p class="quiet">${locale.phrase("patients-alone", { setting: html`<code class="code">PATIENT_SYSTEMS</code>` })}</p>`}
</section>
${depositForm(locale, listing.mayDeposit, options.profiles && { offered: options.profiles })}${
    options.isAuditor &&
    html`
<p><a href="/audit">${locale.word("audit-title")}</a></p>`
  }${
    options.isOverseer &&
    html`
<p><a href="/subscriptions">${locale.word("subscriptions-title")}</a></p>
<p><a href="/jobs">${locale.word("jobs-title")}</a></p>`
  }`;
  return page({ title: `${locale.word("product")} – ${heading}`, kind: "start-page", header: productHeader(locale), main }, options);
}

/**
 * The form that sends a file (field `document`) to `POST /documents` to be deposited, or to `POST /check` to be looked at only. A file may be dropped on its input. Whoever may deposit nothing is led to where
 * a file is verified alone.
 */
export function depositForm(locale: Locale, mayDeposit = true, choice?: ProfileChoice): SafeHtml {
  if (!mayDeposit) return html`<p><a href="/verify">${locale.word("verify-file")}</a></p>`;
  return html`<section class="deposit" aria-labelledby="deposit-title">
<h2 id="deposit-title">${locale.word("deposit")}</h2>
<form method="post" action="/documents" enctype="multipart/form-data">
<label for="document">${locale.word("deposit-label")}</label>
<input type="file" id="document" name="document" accept=".json,.xml,.p7s,.p7m,application/fhir+json,application/fhir+xml" required>
${profileField(choice, locale)}<span class="deposit-buttons"><button type="submit" formaction="/check" class="quiet-button">${locale.word("check-button")}</button>
<button type="submit">${locale.word("deposit-button")}</button></span>
</form>
<p class="quiet">${locale.word("check-hint")} ${locale.word("deposit-hint")}</p>
<p><a href="/verify">${locale.word("verify-file")}</a></p>
</section>`;
}

/** The form of a service that deposits nothing: a file is sent to `POST /check` alone. */
export function checkingForm(locale: Locale, choice?: ProfileChoice): SafeHtml {
  return html`<section class="deposit">
<form method="post" action="/check" enctype="multipart/form-data">
<label for="document">${locale.word("deposit-label")}</label>
<input type="file" id="document" name="document" accept=".json,.xml,.p7s,.p7m,application/fhir+json,application/fhir+xml" required>
${profileField(choice, locale)}<span class="deposit-buttons"><button type="submit">${locale.word("check-button")}</button></span>
</form>
<p class="quiet">${locale.word("check-hint")}</p>
</section>`;
}

/** The profiles that a person may have a file looked at by: named by an operator, offered, and whatever else is typed. */
export interface ProfileChoice {
  readonly offered: readonly string[];
  /** What was chosen for the file that is shown. */
  readonly chosen?: string | undefined;
}

function profileField(choice: ProfileChoice | undefined, locale: Locale): SafeHtml | false {
  if (!choice) return false;
  const { offered, chosen = "" } = choice;
  return html`<label for="profile">${locale.word("check-profile")}</label>
<input type="text" id="profile" name="profile" class="code" dir="ltr" inputmode="url" autocomplete="off" spellcheck="false" maxlength="500" value="${chosen}"${offered.length > 0 && html` list="profiles"`}>
${
  offered.length > 0 &&
  html`<datalist id="profiles">${offered.map((one) => html`<option value="${one}"></option>`)}</datalist>
`
}`;
}

function emptyState(query: string, hasFields: boolean, mayDeposit = true, { locale, depositAddress }: StartPageOptions): SafeHtml {
  if (hasFields) return html`<p class="empty"><strong>${locale.word("nothing-found-by-fields")}</strong><br>${locale.word("find-hint")}</p>`;
  if (query !== "")
    return html`<p class="empty"><strong>${locale.word("nothing-found", { query })}</strong><br>${locale.word("nothing-found-hint")}</p>`;
  if (!mayDeposit) return html`<p class="empty"><strong>${locale.word("no-documents")}</strong></p>`;
  const hint = locale.phrase("no-documents-hint", { address: html`<code class="code">${depositAddress}</code>` });
  return html`<p class="empty"><strong>${locale.word("no-documents")}</strong><br>${hint}</p>`;
}

function moreQuery(query: string, fields: FinderFields, next: string): string {
  const more = Object.keys(fields).length > 0 ? { page: next } : { before: next };
  return new URLSearchParams({ ...(query !== "" && { q: query }), ...fields, ...more }).toString();
}
