/** What an auditor asks for first, counted: each row leads to its events. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { Anomalies, AnomalyRow, AuditFields } from "./audit-shown.ts";
import { auditAddress, moment } from "./audit-words.ts";
import { cut, oneLine } from "./one-line.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** Of a kind; how many more there are is told. */
const MOST_ROWS = 50;
const MOST_NAME = 160;

export function renderAnomaliesPage(shown: Anomalies, options: PageOptions): string {
  const { locale } = options;
  const { period, looked, reached, next, many } = shown;
  const title = locale.word("anomalies-title");
  const extent =
    reached === undefined
      ? locale.word("anomalies-whole", { count: looked })
      : locale.word("anomalies-part", { count: looked, time: moment(reached, locale) });
  const main = html`<h1>${title}</h1>
<form class="search audit-form" method="get" action="/audit/anomalies">
<div class="finder-fields">${day("from", period.from, locale)}${day("to", period.to, locale)}</div>
<p><button type="submit">${locale.word("search")}</button> <a href="/audit">${locale.word("audit-title")}</a></p>
</form>
<p>${locale.date(period.from)} – ${locale.date(period.to)} · ${extent}${next !== undefined && html` <a href="/audit/anomalies?${new URLSearchParams({ ...period, page: next }).toString()}">${locale.word("audit-older")}</a>`}</p>
${section({ id: "foreign", title: "anomalies-foreign", hint: `${locale.word("anomalies-foreign-hint")} ${locale.word("anomalies-undecided", { count: shown.undecided })}`, rows: shown.foreign, link: period }, locale)}
${section({ id: "emergency", title: "anomalies-emergency", hint: shown.isEmergencyWhole ? "" : locale.word("anomalies-emergency-part"), rows: shown.emergency, link: { ...period, purpose: "BTG" } }, locale)}
${section({ id: "many", title: "anomalies-many", hint: locale.word("anomalies-many-hint", { count: many }), rows: shown.manyPatients, link: period }, locale)}`;
  return page({ title: `${locale.word("product")} – ${title}`, kind: "audit-page", header: productHeader(locale), main }, options);
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly rows: readonly AnomalyRow[];
  /** What a row's events are found by, beside who did it. */
  readonly link: AuditFields;
}

function section({ id, title, hint, rows, link }: Section, locale: Locale): SafeHtml {
  const columns = ["audit-who", "anomalies-events", "anomalies-patients", "anomalies-latest"].map((key) => locale.word(key));
  const more = rows.length - MOST_ROWS;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${locale.word(title)}</h2>
${hint !== "" && html`<p class="quiet">${hint}</p>`}
${
  rows.length === 0
    ? html`<p>${locale.word("anomalies-none")}</p>`
    : html`<table class="audit-table">
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows.slice(0, MOST_ROWS).map((row) => html`<tr>${cellsOf(row, link, locale).map((cell, at) => html`<td data-column="${columns[at]}">${cell}</td>`)}</tr>\n`)}</tbody>
</table>
${more > 0 && html`<p>${locale.word("more-identifiers", { count: more })}</p>`}`
}
</section>`;
}

function cellsOf({ name, agent, events, patients, latest }: AnomalyRow, link: AuditFields, locale: Locale): Part[] {
  return [
    html`<a href="${auditAddress({ ...link, agent })}"><bdi>${cut(oneLine(name), MOST_NAME)}</bdi></a>`,
    events,
    patients,
    html`<span class="number">${moment(latest, locale)}</span>`,
  ];
}

function day(name: "from" | "to", value: string, locale: Locale): SafeHtml {
  return html`<div class="finder-field"><label for="${name}">${locale.word(`audit-${name}`)}</label>
<input type="date" id="${name}" name="${name}" value="${value}"></div>
`;
}
