import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { aboutDocument, authorNames } from "./about.ts";
import { contents, pageActions } from "./contents.ts";
import { pageBudget } from "../generated/generated-section.ts";
import { originalPresentation } from "../generated/originals.ts";
import { attestedContent, documentLanguage } from "../narrative/attested.ts";
import type { DocumentAddresses } from "../generated/generated-section.ts";
import { conceptText } from "../../../core/fhir/datatypes.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { NarrativePresenter } from "../narrative/narrative.ts";
import { page, type PageOptions } from "./page.ts";
import { stateLine, stateText } from "./document-state.ts";
import { glassHead, glassNotice } from "./glass-print.ts";
import { cut } from "./one-line.ts";
import { patientBanner, patientFacts, patientLine, type PatientFacts } from "./patient-banner.ts";
import type { PdfFurniture } from "../pdf-engine.ts";
import type { CodeNames } from "../generated/render-context.ts";
import type { PresentedDocument } from "./presented.ts";
import { downloads, proofSection } from "./proof.ts";
import { titleBlock, titleOf } from "./title-block.ts";
import { originOf, warnings } from "./warnings.ts";

/** Letters of a title that the foot of a page has room for; the whole of it stands on the first page. */
const MOST_TITLE = 120;

export interface DocumentPageOptions extends PageOptions {
  /** `screen`: styles by a link, served with a strict Content-Security-Policy. `print`: one self-contained page for the PdfEngine. */
  readonly medium: "screen" | "print";
  readonly narratives: NarrativePresenter;
  /** By which data is told what it is. */
  readonly definitions: Definitions;
  readonly codeNames?: CodeNames | undefined;
  /** The day on which the patient's age is told. */
  readonly now: Date;
}

/**
 * The document as people read it: patient banner, warnings, title with who, when and how sure, the attested content in its frame, and after it what is known about the
 * document. (R4 documents.html, Document Presentation.)
 */
export async function renderDocumentPage(presented: PresentedDocument, options: DocumentPageOptions): Promise<string> {
  const { locale, medium, narratives, definitions, codeNames } = options;
  const isPrint = medium === "print";
  const { document } = presented;
  const patient = patientFacts(document, locale, options.now.toISOString());
  // The title tells the document's zone; below it only other zones are told.
  const inZone = locale.inZoneOf(document.composition.resource.string("date"));
  const addresses = addressesOf(presented);
  const attested = await attestedContent(document, { narratives, definitions, codeNames, locale: inZone, medium, addresses });
  const originals = originalPresentation(document, {
    definitions,
    codeNames,
    locale: inZone,
    budget: pageBudget(),
    addresses: isPrint ? undefined : addresses,
  });
  const isServed = !isPrint && addresses !== undefined;
  const banner = patientBanner(patient, locale, stateLine(presented, locale, isPrint ? undefined : options.now), isPrint);
  const title = titleBlock(presented, locale, isPrint);
  const main = html`${isServed && pageActions(presented.id, patient.isPatient, locale)}${isPrint && presented.glass && glassNotice(presented.glass, locale)}${warnings(presented, attested, locale)} ${title}
${originals}${!isPrint && contents(attested.sections, locale)}<section class="attested-content" id="attested" aria-label="${locale.word("content")}" tabindex="-1">
${attested.html}</section>
${englishNote([banner, title, originals, attested.html], locale)}${aboutDocument(presented, patient, inZone, isPrint)} ${proofSection(presented, locale, isPrint)} ${isServed && downloads(presented, locale)}`;
  return page(
    {
      title: [patient.name, titleOf(presented, locale)].join(" – "),
      kind: "document-page",
      header: html`${!isPrint && printedHead(presented, patient, options)}${banner}`,
      main,
      skipTo: { id: "attested", word: "skip-to-document" },
      medium,
    },
    options,
  );
}

/** Said where words stand in the page that are there in English alone (Locale.term). */
function englishNote(parts: readonly (SafeHtml | undefined)[], locale: Locale): SafeHtml | false {
  if (locale.language === "en" || !parts.some((part) => part?.text.includes('<span class="in-english"'))) return false;
  return html`<p class="english-note">${locale.word("words-in-english")}</p>
`;
}

/** Where the document is had as it was submitted, and the files in it. */
function addressesOf(presented: PresentedDocument): DocumentAddresses | undefined {
  if (presented.isUndeposited === true) return undefined;
  const origin = originOf(presented);
  return { original: `${origin}/fhir/Binary/${presented.id}`, files: `${origin}/documents/${presented.id}/files` };
}

/** What a browser prints at the head of every page of paper, as the PDF has it; a screen does not show it. */
function printedHead(presented: PresentedDocument, patient: PatientFacts, { locale, now }: DocumentPageOptions): SafeHtml {
  const date = presented.document.composition.resource.string("date");
  const lines = [
    [presented.glass && glassHead(presented.glass, locale)],
    [stateText(presented, locale, now)],
    patientLine(patient).split(" · "),
    [cut(titleOf(presented, locale), MOST_TITLE), date !== undefined ? locale.date(date) : undefined, presented.id],
  ].map((parts) => parts.filter(Boolean));
  // A name in Hebrew must not reorder the date beside it.
  const isolated = (parts: readonly (string | undefined)[]): SafeHtml => html`${parts.map((part, at) => html`${at > 0 && " · "}<bdi>${part}</bdi>`)}`;
  return html`<div class="printed-head">
${lines.filter((parts) => parts.length > 0).map((parts) => html`<p>${isolated(parts)}</p>\n`)}</div>
`;
}

/** What stands at the head and foot of every page of the PDF. */
export function documentFurniture(presented: PresentedDocument, locale: Locale, now: Date): PdfFurniture {
  const composition = presented.document.composition.resource;
  const date = composition.string("date");
  return {
    patient: [
      presented.glass && glassHead(presented.glass, locale),
      stateText(presented, locale),
      patientLine(patientFacts(presented.document, locale, now.toISOString())),
    ]
      .filter(Boolean)
      .join(" · "),
    document: [cut(titleOf(presented, locale), MOST_TITLE), date !== undefined ? locale.date(date) : undefined].filter(Boolean).join(" · "),
    identifier: presented.isUndeposited ? undefined : presented.id,
    language: documentLanguage(presented.document) ?? locale.language,
    headLanguage: locale.language,
    address: presented.isUndeposited ? undefined : `${presented.url}/verify`,
  };
}

/** What a PDF says of the document, for programs that list files and for people who cannot see it. */
export interface DocumentProperties {
  readonly title: string;
  /** BCP 47, that of the document where it tells one. */
  readonly language: string;
  readonly author: string | undefined;
  /** What kind of document it is. */
  readonly subject: string | undefined;
  /** An instant: when it was written; undefined when it does not say so by a date. */
  readonly writtenAt: string | undefined;
}

export function documentProperties(presented: PresentedDocument, locale: Locale, now: Date): DocumentProperties {
  const composition = presented.document.composition.resource;
  const date = composition.string("date");
  const moment = new Date(date ?? "");
  return {
    title: [patientFacts(presented.document, locale, now.toISOString()).name, titleOf(presented, locale)].join(" – "),
    language: documentLanguage(presented.document) ?? locale.language,
    author: authorNames(presented, locale).join("; ") || undefined,
    subject: conceptText(composition.object("type")),
    writtenAt: Number.isNaN(moment.getTime()) ? undefined : moment.toISOString(),
  };
}
