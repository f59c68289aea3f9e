/** What the document says of itself (authors, attesters, custodian, times, events) and what is known of its kin. Stands after the attested frame, and is not attested. */
import { conceptText, conceptsText, codingText, identifierText } from "../../../core/fhir/datatypes.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import { joined } from "../generated/joined.ts";
import type { Locale } from "../locale.ts";
import { partyText, referenceText, resolved, telecomsText } from "../../../core/fhir/party.ts";
import { policyFacts } from "./accepted-under.ts";
import { documentLabels, labelList } from "./label-words.ts";
import type { PatientFacts } from "./patient-banner.ts";
import { receivedHtml } from "./received.ts";
import { remarksPart } from "./remarks.ts";
import type { PresentedDocument } from "./presented.ts";
import { textStatuses } from "./text-status.ts";
import { titleOf } from "./title-block.ts";
import { originOf, relationLink } from "./warnings.ts";

/** More of one kind would push the proof out of sight; the page says how many there are. */
export const MOST_VALUES = 50;

/** A row: the key of its words, and what stands there, one below the other. */
type Row = readonly [label: string, values: readonly Part[]];

export function aboutDocument(presented: PresentedDocument, patient: PatientFacts, locale: Locale, isPrint: boolean): SafeHtml {
  const { document } = presented;
  const composition = document.composition.resource;
  const party = (reference: JsonObject): Part => partyHtml(presented, reference);
  const custodian = composition.object("custodian");
  const confidentiality = composition.string("confidentiality");
  const policy = policyFacts(presented, locale);
  const rows: Row[] = [
    ["authors", composition.objects("author").map(party)],
    ["attesters", composition.objects("attester").map((attester) => attesterHtml(presented, attester, locale))],
    ["custodian", custodian ? [party(custodian)] : []],
    ["written", texts(composition.string("date")).map((date) => locale.date(date))],
    ["assembled", texts(document.bundle.string("timestamp")).map((date) => locale.date(date))],
    ["received", presented.isUndeposited ? [] : receivedHtml(presented, locale, isPrint)],
    ["type", texts(conceptText(composition.object("type")))],
    ["category", texts(conceptsText(composition, "category"))],
    ["encounter", encounterWords(presented, locale)],
    ["event", composition.objects("event").map((event) => eventWords(presented, event, locale))],
    ["text-status", textStatuses(document, titleOf(presented, locale), locale)],
    ["confidentiality", texts(confidentiality).map((code) => locale.code("confidentiality-code", code))],
    ["security-labels", documentLabels(presented).all.map((label) => labelList([label], locale))],
    ["document-identifier", identifierOf(document.bundle)],
    ["composition-identifier", identifierOf(composition)],
    [
      "patient",
      [
        ...(patient.isCut ? [patient.name] : []),
        ...patient.identifiers.map(
          ({ label, value }) => html`${label !== undefined && html`<bdi>${label}</bdi> `}<bdi class="number">${value}</bdi>`,
        ),
      ],
    ],
    ["related", relatedHtml(presented, locale)],
    ["accepted-under", policy.policy],
    ["rules-not-kept", policy.rules],
    ["references-told", policy.references],
    ["remarks", remarksPart(presented.warnings, locale, isPrint)],
  ];
  return html`<section class="about" id="about" aria-labelledby="about-title">
<h2 id="about-title">${locale.word("about")}</h2>
<dl class="facts">
${rows
  .filter(([, values]) => values.length > 0)
  .map(
    ([label, values]) =>
      html`<div>
<dt>${locale.word(label)}</dt>
${values.slice(0, MOST_VALUES).map((value) => html`<dd>${isolated(value)}</dd>`)}${values.length > MOST_VALUES && html`<dd class="quiet">${locale.count("more-values", values.length - MOST_VALUES)}</dd>`}
</div> `,
  )}
</dl>
</section>`;
}

/** Words of the document stand in the line as its language has them, among ours of the reader's: none may reorder another. */
function isolated(value: Part): Part {
  return typeof value === "string" ? html`<bdi>${value}</bdi>` : value;
}

/** Several in a line. */
function listed(parts: readonly Part[]): Part {
  return joined(parts.map(isolated), ", ");
}

/** Names of the authors. */
export function authorNames({ document }: PresentedDocument, locale: Locale): string[] {
  const authors = document.composition.resource.objects("author");
  const names = authors.slice(0, MOST_VALUES).map((author) => partyText(document, author, document.composition));
  const more = authors.length > MOST_VALUES ? [locale.count("more-values", authors.length - MOST_VALUES)] : [];
  return [...names.filter((name) => name !== undefined), ...more];
}

function partyHtml({ document }: PresentedDocument, reference: JsonObject): Part {
  const entry = resolved(document, reference, document.composition);
  const reached = entry && telecomsText(entry.resource);
  return html`<span class="party"><bdi>${referenceText(document, reference, document.composition)}</bdi></span>${reached !== undefined && html` <bdi class="quiet">${reached}</bdi>`}`;
}

function attesterHtml(presented: PresentedDocument, attester: JsonObject, locale: Locale): Part {
  const party = attester.object("party");
  const mode = attester.string("mode");
  const time = attester.string("time");
  return listed([party && partyHtml(presented, party), mode !== undefined && locale.code("mode", mode), time !== undefined && locale.date(time)]);
}

function encounterWords({ document }: PresentedDocument, locale: Locale): Part[] {
  const reference = document.composition.resource.object("encounter");
  const encounter = resolved(document, reference, document.composition);
  if (!encounter) return texts(reference?.string("display"));
  const { resource } = encounter;
  const period = resource.object("period");
  const provider = referenceText(document, resource.object("serviceProvider"), encounter);
  const parts = [
    conceptsText(resource, "type") ?? codingText(resource.object("class")),
    locale.period(period?.string("start"), period?.string("end")),
    provider,
  ].filter(Boolean);
  return parts.length === 0 ? [] : [listed(parts)];
}

function eventWords({ document }: PresentedDocument, event: JsonObject, locale: Locale): Part {
  const period = event.object("period");
  // The encounter has a row of its own.
  const details = event.objects("detail").filter((detail) => resolved(document, detail, document.composition)?.type !== "Encounter");
  const named = details.map((detail) => referenceText(document, detail, document.composition));
  return listed([conceptsText(event, "code"), locale.period(period?.string("start"), period?.string("end")), ...named]);
}

function identifierOf(resource: JsonObject): Part[] {
  const identifier = resource.object("identifier");
  const text = identifier && identifierText(identifier);
  return text ? [html`<bdi class="code">${text.value}</bdi>`] : [];
}

function relatedHtml(presented: PresentedDocument, locale: Locale): Part[] {
  return presented.relations.map((relation) => {
    const link = relationLink(relation, locale, originOf(presented));
    const sentence = locale.phrase(relation.kind, { link, target: link });
    const isDoubtful = !relation.isConfirmed && relation.kind !== "claims-missing";
    return html`${sentence}${isDoubtful && html` <span class="quiet">(${locale.word("unconfirmed")})</span>`}`;
  });
}

function texts(text: string | undefined): string[] {
  return text === undefined || text === "" ? [] : [text];
}
