/** An event of the audit trail in words. */
import type { Actor, TrailEvent, TrailRequest } from "../../../core/formats/audit-trail.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { AUDIT_FIELDS, type AuditFields } from "./audit-shown.ts";
import { cut, oneLine } from "./one-line.ts";

/** Documents of one event that are named: a search may have found thousands. */
const MOST_DOCUMENTS = 20;
const MOST_LETTERS = { name: 160, text: 1_000, request: 2_000 };

/** The address of the events that fields find. */
export function auditAddress(fields: AuditFields, more: Readonly<Record<string, string>> = {}): string {
  const given = AUDIT_FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]]));
  const query = new URLSearchParams([...given, ...Object.entries(more)]).toString();
  return query === "" ? "/audit" : `/audit?${query}`;
}

/** Who it was, in words. */
export function actorText(who: Actor, locale: Locale): string {
  switch (who.kind) {
    case "unauthenticated":
    case "anonymous":
      return locale.word(`audit-actor-${who.kind}`);
    case "program":
      return locale.word("audit-actor-program", { name: who.name });
    case "operator":
      return locale.word("audit-actor-operator", { name: who.name, host: who.host });
    case "person":
    case "system":
      return cut(oneLine(who.name || who.subject), MOST_LETTERS.name);
  }
}

/** What finds the events of the same: undefined where nobody is known. */
function agentOf(who: Actor): string {
  if (who.kind === "person" || who.kind === "system") return `${who.issuer}|${who.subject}`;
  return who.kind === "program" || who.kind === "operator" ? who.name : who.kind;
}

/** What was done, and what was given of it. */
export function deedText({ kind, form, request }: TrailEvent, locale: Locale): string {
  const isOfTrail = request !== undefined && /^\/audit(?:\/|$)|^\/fhir\/AuditEvent(?:\/|$)/.test(request.route);
  const deed = isOfTrail ? locale.word("audit-trail-read") : locale.code("audit-kind", kind);
  return form === undefined ? deed : `${deed} · ${locale.code("audit-form", form)}`;
}

/** The purpose in words, with its code. */
export function purposeText(code: string, locale: Locale): string {
  const words = locale.code("purpose", code);
  return words === code ? code : `${words} (${code})`;
}

/** One event of a list. */
export function eventRow(event: TrailEvent, locale: Locale): SafeHtml {
  const { at, who, outcome, purpose, patient, reason, text, from, request, documents = [] } = event;
  const isEmergency = purpose === "BTG" || event.kind === "emergency";
  const facts: [string, Part][] = [];
  if (patient !== undefined) facts.push([locale.word("patient"), patientLinks(patient, locale)]);
  if (documents.length > 0) facts.push([locale.word("audit-document"), documentLinks(documents.map(({ id }) => ({ id })), locale)]); // prettier-ignore
  if (purpose !== undefined) facts.push([locale.word("audit-purpose"), purposeText(purpose, locale)]);
  if ("organisations" in who && who.organisations.length > 0)
    facts.push([locale.word("audit-organisation"), html`<bdi>${who.organisations.join(", ")}</bdi>`]);
  if ((who.kind === "person" || who.kind === "system") && who.client !== undefined)
    facts.push([locale.word("audit-app"), html`<bdi>${who.client}</bdi>`]);
  if (text !== undefined) facts.push([locale.word("audit-reason-given"), html`<bdi>${cut(oneLine(text), MOST_LETTERS.text)}</bdi>`]);
  if (reason !== undefined) facts.push([locale.word("audit-why"), reasonText(reason, locale)]);
  if (from?.address !== undefined && from.address !== "") facts.push([locale.word("audit-address"), html`<bdi class="number">${from.address}</bdi>`]);
  return html`<li class="audit-event${outcome !== 0 && " refused"}" id="event-${event.id}">
<p class="audit-head"><time class="number" datetime="${at}">${moment(at, locale)}</time>${outcome !== 0 && html` <span class="tag danger">${locale.word(outcome === 4 ? "audit-outcome-refused" : "audit-outcome-failed")}</span>`}${isEmergency && html` <span class="tag">${locale.word("purpose-BTG")}</span>`}</p>
<p class="audit-deed"><a href="${auditAddress({ agent: agentOf(who) })}"><bdi>${actorText(who, locale)}</bdi></a> · <strong>${deedText(event, locale)}</strong></p>
${facts.length > 0 && html`<dl class="audit-facts">${facts.map(([label, value]) => html`<div><dt>${label}</dt> <dd>${value}</dd></div>\n`)}</dl>`}${request && requestFact(request, event.id, locale)}</li>
`;
}

/** Codes of failures in words; what was decided as it was written down, in English. */
function reasonText(reason: string, locale: Locale): Part {
  const words = locale.code("audit-why", reason);
  return words === reason ? locale.fromEnglish(reason) : words;
}

/** An instant to the second, in UTC: in an audit seconds count. */
export function moment(at: string, locale: Locale): string {
  return `${locale.date(at.slice(0, 10))} ${at.slice(11, 19)} UTC`;
}

function patientLinks(patient: string, locale: Locale): SafeHtml {
  const id = patient.replace(/^of:/, "");
  return html`<a href="${auditAddress({ patient: id })}"><bdi class="number">${id}</bdi></a> <a href="/audit/patients/${encodeURIComponent(id)}">${locale.word("disclosures-title")}</a>`;
}

/** A document, by its title where whoever looks may know it. */
export interface NamedDocument {
  readonly id: string;
  readonly title?: string;
  readonly date?: string;
}

/** Documents, as links or by name alone; of very many how many more there are. */
export function documentLinks(documents: readonly NamedDocument[], locale: Locale, isLinked = true): SafeHtml {
  const more = documents.length - MOST_DOCUMENTS;
  return html`${documents.slice(0, MOST_DOCUMENTS).map(({ id, ...named }, at) => html`${at > 0 && ", "}${isLinked ? html`<a href="/documents/${id}">${documentName({ id, ...named }, locale)}</a>` : documentName({ id, ...named }, locale)}`)}${more > 0 && html`, ${locale.word("more-identifiers", { count: more })}`}`;
}

function documentName({ id, title, date }: NamedDocument, locale: Locale): SafeHtml {
  if (title === undefined || title === "") return html`<bdi class="number">${id}</bdi>`;
  return html`<bdi>${cut(oneLine(title), MOST_LETTERS.name)}</bdi>${date !== undefined && date !== "" && html` <span class="number audit-date">(${locale.date(date)})</span>`}`;
}

function requestFact({ method, raw, body, id }: TrailRequest, eventId: string, locale: Locale): SafeHtml {
  const sent = `${method} ${decoded(raw)}${body === undefined ? "" : ` ${decoded(body)}`}`;
  return html`<details class="audit-request"><summary>${locale.word("audit-request")}</summary>
<p><code class="code" dir="ltr">${cut(oneLine(sent), MOST_LETTERS.request)}</code></p>
<p class="quiet"><a href="/fhir/AuditEvent/${eventId}?_format=json">AuditEvent/${eventId}</a> · X-Request-Id <bdi>${id}</bdi></p></details>
`;
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
