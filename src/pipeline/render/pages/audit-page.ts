/** The page for auditors: who did what, the newest first, by what is asked for in a form. Plain HTML by GET, so that what was found has an address. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { AUDIT_FIELDS, AUDIT_KINDS, AUDIT_OUTCOMES, AUDIT_PURPOSES, type AuditField, type AuditFields, type AuditListing } from "./audit-shown.ts";
import { auditAddress, eventRow, moment, purposeText } from "./audit-words.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

export function renderAuditPage(shown: AuditListing, options: PageOptions): string {
  const { locale } = options;
  const { fields, events, next, reached, patientId } = shown;
  const title = locale.word("audit-title");
  const main = html`<h1>${title}</h1>
<p class="lead">${locale.word("audit-lead")}</p>
${quickLinks(locale)}${auditForm(fields, locale)}${askedFor(fields, locale)}
${patientId !== undefined && html`<p><a href="/audit/patients/${encodeURIComponent(patientId)}">${locale.word("disclosures-title")}</a></p>`}
${
  events.length === 0
    ? html`<p class="empty"><strong>${locale.word("audit-none")}</strong></p>`
    : html`<ol class="audit-events">
${events.map((event) => eventRow(event, locale))}</ol>`
}
${reached !== undefined && html`<p class="notice">${locale.word("audit-reached", { time: moment(reached, locale) })}</p>`}
${next !== undefined && html`<p><a class="button quiet-button" href="${auditAddress(fields, { page: next })}">${locale.word("audit-older")}</a></p>`}`;
  return page({ title: `${locale.word("product")} – ${title}`, kind: "audit-page", header: productHeader(locale), main }, options);
}

/** What auditors ask for first, at one click. */
function quickLinks(locale: Locale): SafeHtml {
  const links = [
    [auditAddress({}), "audit-all"],
    [auditAddress({ purpose: "BTG" }), "audit-btg"],
    [auditAddress({ outcome: "refused" }), "audit-refusals"],
    ["/audit/anomalies", "anomalies-title"],
    ["/audit/glass", "glass-list"],
  ] as const;
  return html`<nav class="audit-quick" aria-label="${locale.word("audit-title")}"><ul>
${links.map(([address, word]) => html`<li><a href="${address}">${locale.word(word)}</a></li>\n`)}</ul></nav>
`;
}

function auditForm(fields: AuditFields, locale: Locale): SafeHtml {
  const text = (name: AuditField): SafeHtml =>
    field(
      name,
      html`<input type="text" id="${name}" name="${name}" value="${fields[name]}" autocomplete="off" spellcheck="false" dir="auto">`,
      locale,
    );
  const date = (name: AuditField): SafeHtml => field(name, html`<input type="date" id="${name}" name="${name}" value="${fields[name]}">`, locale);
  const choice = (name: AuditField, values: readonly string[], called: (value: string) => string): SafeHtml => {
    const chosen = fields[name];
    // An address may name what is not among them.
    const all = chosen === undefined || values.includes(chosen) ? values : [...values, chosen];
    const option = (value: string, words: string): SafeHtml =>
      html`<option value="${value}"${(chosen ?? "") === value && html` selected=""`}>${words}</option>`;
    return field(name, html`<select id="${name}" name="${name}">${option("", locale.word("audit-any"))}${all.map((value) => option(value, called(value)))}</select>`, locale); // prettier-ignore
  };
  return html`<form class="search audit-form" role="search" method="get" action="/audit">
<div class="finder-fields">
${text("patient")}${text("agent")}${text("document")}${choice("purpose", AUDIT_PURPOSES, (code) => purposeText(code, locale))}${choice("outcome", AUDIT_OUTCOMES, (one) => locale.code("audit-outcome", one))}${choice("kind", AUDIT_KINDS, (kind) => locale.code("audit-kind", kind))}${date("from")}${date("to")}
</div>
<p class="quiet">${locale.word("audit-hint")}</p>
<p><button type="submit">${locale.word("search")}</button></p>
</form>
`;
}

/** What was asked for stands beside what it found, on paper too. */
function askedFor(fields: AuditFields, locale: Locale): Part {
  const asked = AUDIT_FIELDS.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return [];
    return [html`${locale.word(`audit-${name}`)}: <bdi>${valueText(name, value, locale)}</bdi>`];
  });
  return asked.length > 0 && html`<p class="quiet asked">${asked.map((one, at) => html`${at > 0 && " · "}${one}`)}</p>\n`;
}

function valueText(name: AuditField, value: string, locale: Locale): string {
  if (name === "from" || name === "to") return locale.date(value);
  if (name === "purpose") return purposeText(value, locale);
  return name === "outcome" || name === "kind" ? locale.code(`audit-${name}`, value) : value;
}

function field(name: AuditField, input: SafeHtml, locale: Locale): SafeHtml {
  return html`<div class="finder-field"><label for="${name}">${locale.word(`audit-${name}`)}</label>
${input}</div>
`;
}
