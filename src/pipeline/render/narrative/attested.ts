/**
 * The attested content (R4 documents.html, Document Presentation): the subject's narrative, the Composition's, the sections' in order, nested ones where they stand, under the section
 * titles; nothing else. What this service adds (why a section is empty, that a list is incomplete, tables of data) stands between the frames.
 */
import { conceptText, isLanguageTag, languageOf } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { pageBudget, generatedSection, sectionData, type DocumentAddresses, type PageBudget } from "../generated/generated-section.ts";
import type { CodeNames } from "../generated/render-context.ts";
import { framesOf, ourWords, type Piece } from "./frames.ts";
import { html, type SafeHtml } from "../html.ts";
import { directionOf, type Locale } from "../locale.ts";
import type { NarrativeNotice, NarrativePresenter } from "./narrative.ts";
import { isPlaceholder } from "./placeholder.ts";
import { imagesOf, imageBudget, type ImageBudget } from "./narrative-images.ts";
import { resolved } from "../../../core/fhir/party.ts";
import { sectionRemarks } from "./section-remarks.ts";
import { hintsClass, sidewaysHints } from "./sideways-hint.ts";
import { openStyler, type Styler, type StyleRemarks } from "./stylesheets/document-stylesheets.ts";
import type { Medium } from "./stylesheets/read-css.ts";

/** A section's title and where it is in the page. */
export interface SectionPlace {
  /** 2 for the sections of the Composition, 3 for those in them, and so on. */
  readonly level: number;
  readonly title: string | undefined;
  /** Id of its heading. */
  readonly id: string;
}

export interface AttestedContent {
  readonly html: SafeHtml;
  readonly notices: readonly NarrativeNotice[];
  /** False when there is nothing to show: no narrative, no section. */
  readonly isShown: boolean;
  readonly sections: readonly SectionPlace[];
  readonly styles: StyleRemarks;
}

interface Setting {
  readonly document: DocumentBundle;
  readonly locale: Locale;
  readonly narratives: NarrativePresenter;
  readonly notices: Set<NarrativeNotice>;
  readonly pictures: ImageBudget;
  readonly styler: Styler;
  readonly definitions: Definitions;
  readonly codeNames?: CodeNames | undefined;
  /** For what has no narrative, and for the data below narratives. */
  readonly entries: PageBudget;
  readonly data: PageBudget;
  readonly addresses: DocumentAddresses | undefined;
  /** Nothing is made of the data. */
  readonly isWithoutData: boolean;
  readonly pieces: Piece[];
  readonly sections: SectionPlace[];
  /** How many narratives were shown. */
  count: number;
}

/** Headings of narratives stand below that of their section: h1 of the page, h2 of a section. */
const PAGE_LEVEL = 1;

export interface AttestedOptions {
  readonly narratives: NarrativePresenter;
  readonly definitions: Definitions;
  readonly codeNames?: CodeNames | undefined;
  readonly locale: Locale;
  readonly medium: Medium;
  /** Where the document and its files are had as they were submitted; undefined where it was not. */
  readonly addresses: DocumentAddresses | undefined;
}

export function attestedContent(document: DocumentBundle, options: AttestedOptions): Promise<AttestedContent> {
  return contentOf(document, { ...options, isWithoutData: false });
}

/** Has every narrative of a document judged that is shown on its page, so that whoever opens that waits for no judge. */
export async function judgeNarratives(document: DocumentBundle, options: Omit<AttestedOptions, "addresses">): Promise<void> {
  await contentOf(document, { ...options, addresses: undefined, isWithoutData: true });
}

async function contentOf(document: DocumentBundle, options: AttestedOptions & Pick<Setting, "isWithoutData">): Promise<AttestedContent> {
  const setting: Setting = {
    document,
    ...options,
    notices: new Set(),
    pictures: imageBudget(),
    styler: await openStyler(document, options.medium),
    entries: pageBudget(),
    data: pageBudget(),
    pieces: [],
    sections: [],
    count: 0,
  };
  const { composition } = document;
  const { locale } = options;
  const subject = resolved(document, composition.resource.object("subject"), composition);
  if (subject) addText(setting, await narrative(setting, subject, subject.resource, { scope: "subject", level: PAGE_LEVEL }));
  addText(setting, await narrative(setting, composition, composition.resource, { scope: "composition", level: PAGE_LEVEL }));
  await addSections(setting, composition.resource, PAGE_LEVEL + 1);
  const isAttested = setting.count > 0 && composition.resource.objects("attester").length > 0;
  const label = locale.word(isAttested ? "attested-content" : "not-attested-by-anyone");
  const isShown = setting.pieces.length > 0;
  return {
    html: isShown
      ? framesOf(setting.pieces, { label, language: documentLanguage(document) })
      : ourWords(locale, [html`<p class="remark">${locale.word("no-attested-text")}</p>\n`]),
    notices: [...setting.notices],
    isShown,
    sections: setting.sections,
    styles: setting.styler.remarks(),
  };
}

function addText({ pieces, locale }: Setting, text: Narrative | undefined): void {
  if (text === undefined) return;
  if (text.hints.length > 0) pieces.push({ by: "ours", html: ourWords(locale, text.hints, text.hintsClass) });
  pieces.push({ by: "theirs", html: text.html });
}

async function addSections(setting: Setting, parent: JsonObject, level: number): Promise<void> {
  for (const section of parent.objects("section")) {
    const isTitled = await addSection(setting, section, level);
    // Below one without a title there is no heading to lie below.
    await addSections(setting, section, isTitled ? level + 1 : level);
  }
}

/** Our remarks first, then title and narrative in the frame, then what we make of the data. Gives whether it has a title. */
async function addSection(setting: Setting, section: JsonObject, level: number): Promise<boolean> {
  const { document, locale, pieces, definitions, codeNames, entries, data, addresses } = setting;
  const heading = Math.min(level, 6);
  const title = section.string("title") ?? conceptText(section.object("code"));
  const id = `section-${setting.sections.length + 1}`;
  const text = await narrative(setting, document.composition, section, {
    scope: "composition",
    level: title === undefined ? heading - 1 : heading,
  });
  const remarks = sectionRemarks(document, section, title, locale);
  const ours = [...remarks, ...(text?.hints ?? [])];
  if (ours.length > 0) pieces.push({ by: "ours", html: ourWords(locale, ours, remarks.length === 0 ? text?.hintsClass : undefined) });
  if (title !== undefined || text !== undefined) {
    setting.sections.push({ level, title, id });
    // Of a section without a title, the link in the list of sections leads to its text.
    const start =
      title === undefined ? html`<section class="section level-${heading}" id="${id}">` : html`<section class="section level-${heading}">`;
    const words = html`${start}\n${title !== undefined && headingHtml(heading, id, title)}${text?.html}</section>\n`;
    pieces.push({ by: "theirs", html: words, isTitle: text === undefined });
  }
  const isTitled = title !== undefined;
  if (setting.isWithoutData || section.objects("entry").length === 0) return isTitled;
  const options = { definitions, codeNames, locale, budget: entries, addresses };
  const isOpen = isPlaceholder(section);
  const generated =
    text === undefined
      ? generatedSection(document, section, options)
      : sectionData(document, section, { ...options, budget: isOpen ? entries : data }, isOpen);
  pieces.push({ by: "ours", html: html`${generated}\n` });
  return isTitled;
}

function headingHtml(level: number, id: string, title: string): SafeHtml {
  const words = html`<bdi>${title}</bdi>`;
  switch (level) {
    case 2:
      return html`<h2 id="${id}">${words}</h2>\n`;
    case 3:
      return html`<h3 id="${id}">${words}</h3>\n`;
    case 4:
      return html`<h4 id="${id}">${words}</h4>\n`;
    case 5:
      return html`<h5 id="${id}">${words}</h5>\n`;
    default:
      return html`<h6 id="${id}">${words}</h6>\n`;
  }
}

interface Narrative {
  readonly html: SafeHtml;
  /** Ours: what to do where it is wider than the screen. */
  readonly hints: readonly SafeHtml[];
  readonly hintsClass: string | undefined;
}

/** The narrative of a resource or of a section of it, in the language that it says it has. All of one resource share a scope: its links lead from one to the other. */
async function narrative(
  setting: Setting,
  entry: BundleEntry,
  holder: JsonObject,
  { scope, level }: { readonly scope: string; readonly level: number },
): Promise<Narrative | undefined> {
  const div = holder.object("text")?.string("div");
  if (div === undefined) return undefined;
  const { document } = setting;
  const image = imagesOf(document, entry, setting.pictures);
  const presented = await setting.narratives.present(div, { scope, headingShift: level, image, style: setting.styler.style });
  for (const notice of presented.notices) setting.notices.add(notice);
  setting.count += 1;
  const language = rootLanguage(div) ?? languageOf(entry.resource) ?? documentLanguage(document);
  const lang = language !== undefined && html` lang="${language}"`;
  return {
    html: html`<div class="narrative${presented.isPlain && " plain"}"${lang} dir="${directionOf(language)}">${presented.html}</div>\n`,
    hints: sidewaysHints(presented.sideways, setting.locale).filter((hint) => hint !== undefined),
    hintsClass: hintsClass(presented.sideways),
  };
}

/** The language that the document says it is written in (BCP 47); undefined when it says none. */
export function documentLanguage({ composition, bundle }: DocumentBundle): string | undefined {
  return languageOf(composition.resource) ?? languageOf(bundle);
}

/** The language on the root of a narrative, which says more than that of the resource (R4 narrative.html, Multi-language support). */
function rootLanguage(div: string): string | undefined {
  const start = /^\s*<[^>]*>/.exec(div)?.[0] ?? "";
  const language = /\s(?:xml:)?lang\s*=\s*["']([A-Za-z0-9-]{1,35})["']/.exec(start)?.[1];
  return language !== undefined && isLanguageTag(language) ? language : undefined;
}
