/**
 * The attested content (R4 documents.html, Document Presentation): the subject's narrative, the Composition's, the sections' in order, nested ones where they stand, under the section
 * titles; nothing else. What this service adds between them (why a section is empty, that a list is incomplete) looks different.
 */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle, DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { entryRoom, generatedSection, sectionData, type DocumentAddresses, type EntryRoom } from "../generated/generated-section.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import { directionOf, type Locale } from "../locale.ts";
import type { NarrativeNotice, NarrativePresenter } from "./narrative.ts";
import { isPlaceholder } from "./placeholder.ts";
import { imagesOf, repeatRoom, type RepeatRoom } from "./narrative-images.ts";
import { referenceText, resolved } from "../../../core/fhir/party.ts";
import { sidewaysHints } from "./sideways-hint.ts";

export interface AttestedContent {
  readonly html: SafeHtml;
  readonly notices: readonly NarrativeNotice[];
  /** False when there is nothing to show: no narrative, no section. */
  readonly isShown: boolean;
  /** False when nobody can have attested a narrative, for there is none. */
  readonly hasNarrative: boolean;
}

interface Setting {
  readonly document: DocumentBundle;
  readonly locale: Locale;
  readonly narratives: NarrativePresenter;
  readonly notices: Set<NarrativeNotice>;
  readonly pictures: RepeatRoom;
  readonly definitions: Definitions;
  /** For what has no narrative, and for the data below narratives. */
  readonly entries: EntryRoom;
  readonly data: EntryRoom;
  readonly addresses: DocumentAddresses | undefined;
  /** How many narratives were shown. */
  count: number;
}

/** Headings of narratives stand below that of their section: h1 of the page, h2 of a section. */
const PAGE_LEVEL = 1;

export interface AttestedOptions {
  readonly narratives: NarrativePresenter;
  readonly definitions: Definitions;
  readonly locale: Locale;
  /** Where the document and its files are had as they were submitted; undefined where it was not. */
  readonly addresses: DocumentAddresses | undefined;
}

export async function attestedContent(
  document: DocumentBundle,
  { narratives, definitions, locale, addresses }: AttestedOptions,
): Promise<AttestedContent> {
  const setting: Setting = {
    document,
    locale,
    narratives,
    notices: new Set(),
    pictures: repeatRoom(),
    definitions,
    entries: entryRoom(),
    data: entryRoom(),
    addresses,
    count: 0,
  };
  const { composition } = document;
  const subject = resolved(document, composition.resource.object("subject"), composition);
  const parts = [
    subject && (await narrative(setting, subject, subject.resource, "subject", PAGE_LEVEL)),
    await narrative(setting, composition, composition.resource, "composition", PAGE_LEVEL),
    ...(await sections(setting, composition.resource, PAGE_LEVEL + 1)),
  ].filter((part) => part !== undefined);
  const language = documentLanguage(document);
  const lang = language !== undefined && html` lang="${language}"`;
  return {
    html: html`<div class="attested-content"${lang} dir="${directionOf(language)}">
${parts}</div>`,
    notices: [...setting.notices],
    isShown: parts.length > 0,
    hasNarrative: setting.count > 0,
  };
}

async function sections(setting: Setting, parent: JsonObject, level: number): Promise<SafeHtml[]> {
  const written: SafeHtml[] = [];
  for (const section of parent.objects("section")) written.push(await sectionHtml(setting, section, level));
  return written;
}

async function sectionHtml(setting: Setting, section: JsonObject, level: number): Promise<SafeHtml> {
  const { document, locale } = setting;
  const heading = Math.min(level, 6);
  const title = section.string("title") ?? conceptText(section.object("code"));
  const text = await narrative(setting, document.composition, section, "composition", heading);
  const { definitions, entries, data, addresses } = setting;
  const head = title === undefined ? html`<p class="untitled">${locale.word("untitled-section")}</p>` : headingHtml(heading, title);
  return html`<section class="section level-${heading}">
${head}
${remarks(setting, section)}${text}${entriesPart()}${await sections(setting, section, level + 1)}</section>
`;

  function entriesPart(): Part {
    if (section.objects("entry").length === 0) return "";
    if (text === undefined) return generatedSection(document, section, { definitions, locale, room: entries, addresses });
    const isOpen = isPlaceholder(section.object("text"));
    return sectionData(document, section, { definitions, locale, room: isOpen ? entries : data, addresses }, isOpen);
  }
}

function headingHtml(level: number, title: string): SafeHtml {
  const words = html`<bdi>${title}</bdi>`;
  switch (level) {
    case 2:
      return html`<h2>${words}</h2>`;
    case 3:
      return html`<h3>${words}</h3>`;
    case 4:
      return html`<h4>${words}</h4>`;
    case 5:
      return html`<h5>${words}</h5>`;
    default:
      return html`<h6>${words}</h6>`;
  }
}

/** What changes how a section is to be read (R4 composition.html, section.mode, orderedBy, emptyReason, focus, author), each in one line. */
function remarks({ document, locale }: Setting, section: JsonObject): SafeHtml[] {
  const mode = section.string("mode");
  const order = conceptText(section.object("orderedBy"));
  // A narrative tells it in the author's words; the coded reason is for sections without any.
  const empty = section.has("text") ? undefined : conceptText(section.object("emptyReason"));
  const focus = referenceText(document, section.object("focus"), document.composition);
  const authors = section
    .objects("author")
    .map((author) => referenceText(document, author, document.composition))
    .filter(Boolean);
  // These are words of the interface, in its language.
  const ours = html` lang="${locale.language}" dir="${locale.direction}"`;
  return [
    focus !== undefined && html`<p class="remark strong"${ours}>${locale.word("section-focus", { name: focus })}</p>\n`,
    mode !== undefined &&
      locale.has(`mode-${mode}`) &&
      html`<p class="remark${mode === "changes" && " strong"}"${ours}>${locale.word(`mode-${mode}`)}</p>\n`,
    authors.length > 0 && html`<p class="remark"${ours}>${locale.word("section-author", { names: authors.join(", ") })}</p>\n`,
    order !== undefined && html`<p class="remark"${ours}>${locale.word("ordered-by", { order })}</p>\n`,
    empty !== undefined && html`<p class="remark"${ours}>${locale.word("section-empty", { reason: empty })}</p>\n`,
  ].filter((remark) => remark !== false);
}

/** The narrative of a resource or of a section of it, in the language that it says it has. All of one resource share a scope: its links lead from one to the other. */
async function narrative(setting: Setting, entry: DocumentEntry, holder: JsonObject, scope: string, level: number): Promise<SafeHtml | undefined> {
  const div = holder.object("text")?.string("div");
  if (div === undefined) return undefined;
  const { document } = setting;
  const presented = await setting.narratives.present(div, { scope, headingShift: level, image: imagesOf(document, entry, setting.pictures) });
  for (const notice of presented.notices) setting.notices.add(notice);
  setting.count += 1;
  const language = languageOf(div) ?? entry.resource.string("language") ?? documentLanguage(document);
  const lang = language !== undefined && html` lang="${language}"`;
  const hints = sidewaysHints(presented.sideways, setting.locale);
  return html`${hints}<div class="narrative${presented.isPlain && " plain"}"${lang} dir="${directionOf(language)}">${presented.html}</div>\n`;
}

/** The language that the document says it is written in (BCP 47); undefined when it says none. */
export function documentLanguage({ composition, bundle }: DocumentBundle): string | undefined {
  return composition.resource.string("language") ?? bundle.string("language");
}

/** The language on the root of a narrative, which says more than that of the resource (R4 narrative.html, Multi-language support). */
function languageOf(div: string): string | undefined {
  const start = /^\s*<[^>]*>/.exec(div)?.[0] ?? "";
  return /\s(?:xml:)?lang\s*=\s*["']([A-Za-z0-9-]{1,35})["']/.exec(start)?.[1];
}
