/** What is generated of a section's entries, plainly marked as ours and not attested: for sections without narrative, and folded below those that have one. */
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { fileHolders } from "./attached-files.ts";
import { groupsOf, sectionEntries, type Group } from "./entries.ts";
import { itemTables } from "./item-tables.ts";
import { isBlank } from "./joined.ts";
import { pageBudget, Mentions, type PageBudget } from "./mentions.ts";
import type { CodeNames, RenderContext } from "./render-context.ts";
import { referredTo } from "./referred.ts";
import { SPEAKER } from "./say.ts";

export { pageBudget, type PageBudget };

export interface GeneratedOptions {
  readonly locale: Locale;
  readonly definitions: Definitions;
  readonly codeNames?: CodeNames | undefined;
  readonly budget: PageBudget;
  /** Where the document is had as it was submitted, and where its files are; undefined where it was not. */
  readonly addresses: DocumentAddresses | undefined;
}

export interface DocumentAddresses {
  readonly original: string;
  /** Each file's number is put behind it. */
  readonly files: string;
}

/** The entries of a section without narrative. */
export function generatedSection(document: DocumentBundle, section: JsonObject, options: GeneratedOptions): SafeHtml {
  return html`<div class="generated"${ours(options)}>
<p class="generated-label">${options.locale.word("generated")}</p>
${contentOf(document, section, options, true)}</div>`;
}

/** The data below a narrative, folded; open where the narrative says nothing. Empty where there is no entry. */
export function sectionData(document: DocumentBundle, section: JsonObject, options: GeneratedOptions, isOpen: boolean): Part {
  const { locale } = options;
  const count = section.objects("entry").length;
  if (count === 0) return "";
  if (isOpen) return generatedSection(document, section, options);
  const content = contentOf(document, section, options, false);
  return html`<details class="generated section-data"${ours(options)}>
<summary>${locale.word("section-data", { count })}</summary>
${content}</details>`;
}

function ours({ locale }: GeneratedOptions): SafeHtml {
  return html` lang="${locale.language}" dir="${locale.direction}"`;
}

function contentOf(document: DocumentBundle, section: JsonObject, options: GeneratedOptions, isOpen: boolean): Part {
  const { locale, budget } = options;
  const context = renderContextIn(document, options, isOpen);
  const { mentions } = context;
  const groups = groupsOf(section, context);
  const tables = groups.map((group) => groupPart(group, context));
  const more = referredTo(context, sectionEntries(document, budget));
  return html`${tables}${more}${mentions.isCut && html`<p class="remark strong">${locale.phrase("generated-more", { link: linkTo(options) })}</p>`}`;
}

/** Where something stands that is generated of the document itself. @param isOpen whether it is read at once */
export function renderContextIn(
  document: DocumentBundle,
  { locale, definitions, codeNames, budget, addresses }: GeneratedOptions,
  isOpen: boolean,
): RenderContext {
  return {
    document,
    definitions,
    locale,
    codeNames,
    entry: document.composition,
    mentions: new Mentions(budget),
    within: [],
    speaker: SPEAKER,
    isOpen,
    fileAddress,
  };

  function fileAddress(holder: JsonObject): string | undefined {
    budget.files ??= new Map(fileHolders(document.bundle).map((one, at) => [one, at + 1]));
    const number = budget.files.get(holder);
    return addresses === undefined || number === undefined ? undefined : `${addresses.files}/${number}`;
  }
}

function groupPart({ head, items, missing, isOrdered }: Group, context: RenderContext): Part {
  const lost = missing.map((words) => html`<p class="missing">${context.locale.word("unresolved-entry")}: ${words}</p>\n`);
  return html`${!isBlank(head) && html`<div class="list-head">${head}</div>\n`}${itemTables(items, isOrdered, context)}${lost}`;
}

function linkTo({ addresses, locale }: GeneratedOptions): Part {
  const words = locale.word("generated-original");
  return addresses === undefined ? words : html`<a href="${addresses.original}">${words}</a>`;
}
