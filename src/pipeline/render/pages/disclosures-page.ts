/** The account of disclosures of one patient: as a page, and as it is printed. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { PdfFurniture } from "../pdf-engine.ts";
import type { Disclosure, Disclosures } from "./audit-shown.ts";
import { actorText, auditAddress, deedText, documentLinks, moment, purposeText } from "./audit-words.ts";
import { cut, oneLine } from "./one-line.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

const MOST_NAME = 160;
const MOST_IDENTIFIERS = 3;

/** @param medium `print`: one self-contained file, for a PDF */
export function renderDisclosuresPage(shown: Disclosures, options: PageOptions & { readonly medium: "screen" | "print" }): string {
  const { locale, medium } = options;
  const isPrint = medium === "print";
  const title = locale.word("disclosures-title");
  const main = html`<h1>${title}</h1>
<p class="lead"><strong><bdi>${patientName(shown)}</bdi></strong> ${patientFacts(shown, locale)}</p>
<p>${periodText(shown, locale)} · ${extentText(shown, locale)}</p>
<p class="quiet">${locale.word("disclosures-lead")}</p>
${!shown.isWhole && html`<p class="notice warning">${locale.word("disclosures-not-whole")}</p>`}
${shown.isWaiting && html`<p class="notice warning">${locale.word("disclosures-waiting")}</p>`}
${shown.hasOthers && html`<p class="notice">${locale.word("disclosures-others")}</p>`}
${shown.endedDays.length > 0 && html`<p class="notice warning">${endedText(shown.endedDays, locale)}</p>`}
${!isPrint && periodForm(shown, locale)}
${shown.disclosures.length === 0 ? html`<p class="empty"><strong>${locale.word("disclosures-none")}</strong></p>` : table(shown, locale, isPrint)}
${shown.next !== undefined && html`<p class="notice"><strong>${locale.word("disclosures-goes-on")}</strong> ${!isPrint && html`<a href="${partAddress(shown, shown.next)}">${locale.word("disclosures-next")}</a>`}</p>`}
${!isPrint && shown.isAuditor && html`<p><a href="${auditAddress({ patient: shown.patient.id })}">${locale.word("audit-title")}</a></p>`}`;
  const header = isPrint ? html`` : productHeader(locale);
  return page({ title: `${patientName(shown)} – ${title}`, kind: "disclosures-page", header, main, medium, sheet: "audit" }, options);
}

/** What stands at the head and foot of every page of the PDF. */
export function disclosuresFurniture(shown: Disclosures, locale: Locale): PdfFurniture {
  const { birthDate } = shown.patient;
  const born = birthDate === undefined ? [] : [locale.word("born", { date: locale.date(birthDate) })];
  return {
    patient: [patientName(shown), ...born].join(" · "),
    document: [locale.word("disclosures-title"), periodText(shown, locale)].join(" · "),
    identifier: shown.patient.id,
    language: locale.language,
  };
}

/** By name where whoever asks may know it, else by the id. */
export function patientName({ patient }: Disclosures): string {
  return cut(oneLine(patient.name ?? "").trim(), MOST_NAME) || patient.id;
}

function patientFacts({ patient }: Disclosures, locale: Locale): Part {
  const { birthDate, identifiers } = patient;
  return [
    birthDate !== undefined && html`<span class="fact">${locale.word("born", { date: locale.date(birthDate) })}</span> `,
    identifiers.slice(0, MOST_IDENTIFIERS).map((one) => html`<bdi class="fact number">${cut(oneLine(one), MOST_NAME)}</bdi> `),
    patient.name !== undefined && html`<bdi class="fact number">${patient.id}</bdi>`,
  ];
}

function periodText({ period: { from, to }, at }: Disclosures, locale: Locale): string {
  const begin = from === undefined ? locale.word("disclosures-beginning") : locale.date(from);
  return `${begin} – ${locale.date(to ?? at.slice(0, 10))}`;
}

/** How many, and whether that is all: nothing is cut without a word, and nothing called all of which that is not known. */
function extentText({ disclosures, page: part, next, at, isWhole, isWaiting, hasOthers, endedDays }: Disclosures, locale: Locale): string {
  const count = disclosures.length;
  const time = moment(at, locale);
  return part === undefined && next === undefined && isWhole && !isWaiting && !hasOthers && endedDays.length === 0
    ? locale.word("disclosures-all", { count, time })
    : `${locale.word("disclosures-part", { count, time })} ${part === undefined ? "" : locale.word("disclosures-newer")}`;
}

/** They are ended by their age: the first and the last say which. */
function endedText(days: readonly string[], locale: Locale): string {
  const [from = "", to = ""] = [days[0], days.at(-1)];
  return locale.word("disclosures-ended", { count: days.length, from: locale.date(from), to: locale.date(to) });
}

function periodForm(shown: Disclosures, locale: Locale): SafeHtml {
  const { period, patient } = shown;
  const day = (name: "from" | "to"): SafeHtml => html`<div class="finder-field"><label for="${name}">${locale.word(`audit-${name}`)}</label>
<input type="date" id="${name}" name="${name}" value="${period[name]}"></div>
`;
  return html`<form class="search audit-form" method="get" action="/audit/patients/${encodeURIComponent(patient.id)}">
<div class="finder-fields">${day("from")}${day("to")}</div>
<p><button type="submit">${locale.word("search")}</button> <a class="button quiet-button" href="${partAddress(shown, shown.page, ".pdf")}">${locale.word("disclosures-pdf")}</a></p>
</form>
`;
}

function partAddress({ patient, period: { from, to } }: Disclosures, part: string | undefined, ending = ""): string {
  const query = new URLSearchParams({
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(part !== undefined && { page: part }),
  });
  return `/audit/patients/${encodeURIComponent(patient.id)}${ending}${query.size > 0 ? `?${query.toString()}` : ""}`;
}

function table({ disclosures }: Disclosures, locale: Locale, isPrint: boolean): SafeHtml {
  const columns = ["audit-when", "audit-who", "audit-organisation", "audit-purpose", "audit-what"].map((key) => locale.word(key));
  return html`<table class="audit-table">
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${disclosures.map((one) => html`<tr>${cellsOf(one, locale, isPrint).map((cell, at) => html`<td data-column="${columns[at]}">${cell}</td>`)}</tr>\n`)}</tbody>
</table>
`;
}

function cellsOf({ event, documents }: Disclosure, locale: Locale, isPrint: boolean): Part[] {
  const { at, who, purpose } = event;
  const isKnown = who.kind === "person" || who.kind === "system";
  return [
    html`<time class="number" datetime="${at}">${moment(at, locale)}</time>`,
    html`<bdi>${actorText(who, locale)}</bdi>${isKnown && who.client !== undefined && html` <span class="quiet">(${locale.word("audit-app")}: <bdi>${who.client}</bdi>)</span>`}`,
    isKnown && who.organisations.length > 0 ? html`<bdi>${who.organisations.join(", ")}</bdi>` : "–",
    purpose === undefined ? "–" : purposeText(purpose, locale),
    // On paper no links: whoever has the paper has no session.
    html`${deedText(event, locale)}${documents.length > 0 && html`: ${documentLinks(documents, locale, !isPrint)}`}`,
  ];
}
