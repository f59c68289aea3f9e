/** What a document is: title, who wrote it and in which role, when, where it is kept, the stay that it is about, and how sure all that is. */
import { codingText, conceptsText, conceptText } from "../../../core/fhir/datatypes.ts";
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import { partyText, resolved } from "../../../core/fhir/party.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { oneLine, seenName } from "./one-line.ts";
import type { PresentedDocument } from "./presented.ts";
import { proofLine } from "./proof.ts";

/** More would push the document out of sight; all of them stand among the facts about it. */
const MOST_AUTHORS = 6;

/** Classes of encounters (v3-ActEncounterCode) that are stays. */
const STAYS: ReadonlySet<string> = new Set(["IMP", "ACUTE", "NONAC", "SS", "OBSENC"]);

export function titleOf({ document }: PresentedDocument, locale: Locale): string {
  const composition = document.composition.resource;
  return oneLine(composition.string("title") ?? conceptText(composition.object("type")) ?? locale.word("untitled"));
}

/** @param locale tells every zone: this is where the document's own is told */
export function titleBlock(presented: PresentedDocument, locale: Locale, isPrint: boolean): SafeHtml {
  const composition = presented.document.composition.resource;
  const date = composition.string("date");
  const status = composition.string("status");
  return html`<header class="title-block">
<h1><bdi>${titleOf(presented, locale)}</bdi></h1>
${authorLines(presented, locale)}<p class="byline">
${date !== undefined && html`<span class="fact">${locale.date(date)}</span> `}${status !== undefined && html`<span class="status ${status}">${locale.coded("status", status)}</span>`}
</p>
${placeLine(presented, locale)}${!isPrint && proofLine(presented, locale)}
</header>`;
}

/** One a line, each with the role in which they wrote. */
function authorLines({ document }: PresentedDocument, locale: Locale): SafeHtml | undefined {
  const authors = document.composition.resource.objects("author");
  if (authors.length === 0) return undefined;
  const lines = authors.slice(0, MOST_AUTHORS).map((author) => {
    const name = partyText(document, author, document.composition);
    const entry = resolved(document, author, document.composition);
    const role = entry && roleOf(entry, locale);
    const said = html`<bdi>${seenName(name) ?? locale.word("name-unknown")}</bdi>`;
    return html`<li>${locale.phrase("written-by", { names: said })}${role !== undefined && role !== name && html` <bdi class="role">${role}</bdi>`}</li>\n`;
  });
  const more = authors.length - lines.length;
  return html`<ul class="byline authors">
${lines}${more > 0 && html`<li><a href="#about">${locale.count("more-authors", more)}</a></li>\n`}</ul>
`;
}

/** What somebody is when they write: by their role, else their profession, or what they are to the patient. */
function roleOf({ type, resource }: BundleEntry, locale: Locale): string | undefined {
  if (type === "PractitionerRole") return conceptsText(resource, "code") ?? conceptsText(resource, "specialty");
  if (type === "Practitioner")
    return resource
      .objects("qualification")
      .map((one) => conceptText(one.object("code")))
      .find((text) => text !== undefined);
  if (type === "RelatedPerson") return conceptsText(resource, "relationship");
  if (type === "Device") return conceptText(resource.object("type"));
  return type === "Patient" ? locale.word("patient") : undefined;
}

/** The hospital that keeps the document, and the stay or visit that it is about. */
function placeLine({ document }: PresentedDocument, locale: Locale): SafeHtml | undefined {
  const composition = document.composition.resource;
  const encounter = resolved(document, composition.object("encounter"), document.composition);
  const provider = encounter && partyText(document, encounter.resource.object("serviceProvider"), encounter);
  const place = partyText(document, composition.object("custodian"), document.composition) ?? provider;
  const stay = encounter && stayFact(encounter.resource, locale.inZoneOf(composition.string("date")));
  if (place === undefined && stay === undefined) return undefined;
  return html`<p class="byline place">
${place !== undefined && html`<span class="fact"><bdi>${place}</bdi></span> `}${stay}
</p>
`;
}

function stayFact(encounter: JsonObject, locale: Locale): SafeHtml | undefined {
  const period = encounter.object("period");
  const from = period?.string("start");
  const when = locale.period(from, period?.string("end"));
  const kind = encounter.object("class");
  const isStay = encounter.has("hospitalization") || STAYS.has(kind?.string("code") ?? "");
  const words = when ?? conceptsText(encounter, "type") ?? codingText(kind);
  return words === undefined
    ? undefined
    : html`<span class="fact"><span class="label">${locale.word(isStay ? "stay" : "encounter")}</span> ${words}</span>`;
}
