import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { aboutDocument, authorNames } from "./about.ts";
import { attestedContent, documentLanguage } from "../narrative/attested.ts";
import type { DocumentAddresses } from "../generated/generated-section.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { NarrativePresenter } from "../narrative/narrative.ts";
import { page, type PageOptions } from "./page.ts";
import { cut, patientBanner, patientFacts, patientLine } from "./patient-banner.ts";
import type { PdfFurniture } from "../pdf-engine.ts";
import type { PresentedDocument } from "./presented.ts";
import { downloads, proofLine, proofSection } from "./proof.ts";
import { originOf, warnings } from "./warnings.ts";

/** Letters of a title that the foot of a page has room for; the whole of it stands on the first page. */
const MOST_TITLE = 120;

export interface DocumentPageOptions extends PageOptions {
  /** `screen`: styles by a link, served with a strict Content-Security-Policy. `print`: one self-contained page for the PdfEngine. */
  readonly medium: "screen" | "print";
  readonly narratives: NarrativePresenter;
  /** By which data is told what it is. */
  readonly definitions: Definitions;
  /** The day on which the patient's age is told. */
  readonly now: Date;
}

/**
 * The document as people read it: patient banner, warnings, title with who, when and how sure, the attested content in its frame, and after it what is known about the
 * document. (R4 documents.html, Document Presentation.)
 */
export async function renderDocumentPage(presented: PresentedDocument, options: DocumentPageOptions): Promise<string> {
  const { locale, medium, narratives } = options;
  const isPrint = medium === "print";
  const { document } = presented;
  const patient = patientFacts(document, locale, options.now.toISOString());
  const attested = await attestedContent(document, { narratives, definitions: options.definitions, locale, addresses: addressesOf(presented) });
  const main = html`${warnings(presented, attested.notices, locale)} ${titleBlock(presented, locale, isPrint)}
<section class="attested-content" id="attested" aria-label="${locale.word("content")}" tabindex="-1">
${attested.html}</section>
${aboutDocument(presented, patient, locale)} ${proofSection(presented, locale, isPrint)} ${!isPrint && downloads(presented, locale)}`;
  return page(
    {
      title: [patient.name, titleOf(presented, locale)].join(" – "),
      kind: "document-page",
      header: patientBanner(patient, locale),
      main,
      skipTo: { id: "attested", word: "skip-to-document" },
      medium,
    },
    options,
  );
}

/** Where the document is had as it was submitted, and the files in it. */
function addressesOf(presented: PresentedDocument): DocumentAddresses | undefined {
  if (presented.isUndeposited === true) return undefined;
  const origin = originOf(presented);
  return { original: `${origin}/fhir/Binary/${presented.id}`, files: `${origin}/documents/${presented.id}/files` };
}

/** What stands at the head and foot of every page of the PDF. */
export function documentFurniture(presented: PresentedDocument, locale: Locale, now: Date): PdfFurniture {
  const composition = presented.document.composition.resource;
  const date = composition.string("date");
  return {
    patient: patientLine(patientFacts(presented.document, locale, now.toISOString())),
    document: [cut(titleOf(presented, locale), MOST_TITLE), date !== undefined ? locale.date(date) : undefined].filter(Boolean).join(" · "),
    identifier: presented.isUndeposited ? undefined : presented.id,
    language: documentLanguage(presented.document) ?? locale.language,
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

function titleOf({ document }: PresentedDocument, locale: Locale): string {
  const composition = document.composition.resource;
  return composition.string("title") ?? conceptText(composition.object("type")) ?? locale.word("untitled");
}

function titleBlock(presented: PresentedDocument, locale: Locale, isPrint: boolean): SafeHtml {
  const composition = presented.document.composition.resource;
  const authors = authorNames(presented, locale);
  const date = composition.string("date");
  const status = composition.string("status");
  return html`<header class="title-block">
<h1><bdi>${titleOf(presented, locale)}</bdi></h1>
<p class="byline">
${authors.length > 0 && html`<span class="fact">${locale.phrase("written-by", { names: html`<bdi>${authors.join(", ")}</bdi>` })}</span> `}${date !== undefined && html`<span class="fact">${locale.date(date)}</span> `}${status !== undefined && html`<span class="status ${status}">${locale.code("status", status)}</span>`}
</p>
${!isPrint && proofLine(presented, locale)}
</header>`;
}
