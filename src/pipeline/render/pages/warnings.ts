/** What a reader must know before the first line of the document, in words, worst first. Stands above the attested frame, and prints. */
import { stateOf } from "../../../core/signatures/signature-check.ts";
import { securityLabels } from "../../../core/fhir/security-labels.ts";
import { JsonArray, JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { AttestedContent } from "../narrative/attested.ts";
import type { NarrativeNotice } from "../narrative/narrative.ts";
import type { StyleRemarks } from "../narrative/stylesheets/document-stylesheets.ts";
import { containedIn } from "../../../core/fhir/party.ts";
import { acceptedUnder } from "./accepted-under.ts";
import { documentLabels, labelList } from "./label-words.ts";
import { cut, oneLine } from "./one-line.ts";
import type { PresentedDocument, Relation } from "./presented.ts";

/** `danger`: do not use it, or not as it is. `warning`: take care. `note`: good to know. */
type Level = "danger" | "warning" | "note";

interface Warning {
  readonly level: Level;
  readonly text: Part;
}

const LEVEL_WORDS: Readonly<Record<Level, string>> = { danger: "danger", warning: "warning", note: "information" };

/** Which relations stand above the document, and how loud; what it says of others itself stands below, unless it cannot be confirmed. */
const LEVELS: Readonly<Partial<Record<Relation["kind"], Level>>> = {
  "superseded-by": "danger",
  "newer-version": "warning",
  "appended-by": "note",
};

export function warnings(
  presented: PresentedDocument,
  { notices, styles }: Pick<AttestedContent, "notices" | "styles">,
  locale: Locale,
): SafeHtml | undefined {
  const found = [
    ...ofSubject(presented, locale),
    ...ofRelations(presented, locale),
    ...ofState(presented, locale),
    ...ofLabels(presented, locale),
    ...ofNarratives(notices, locale),
    ...ofStyles(styles, locale),
    ...ofPolicy(presented, locale),
  ];
  if (found.length === 0) return undefined;
  const order: readonly Level[] = ["danger", "warning", "note"];
  const sorted = found.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  return html`<section class="warnings" aria-label="${locale.word("warnings")}">
${sorted.map(({ level, text }) => html`<p class="notice ${level}"><strong class="notice-label">${locale.word(LEVEL_WORDS[level])}</strong> <span>${text}</span></p> `)}
</section>`;
}

/** A link to the other document, with its title and date. */
export function relationLink(relation: Relation, locale: Locale, base: string): Part {
  if (!relation.other) return relation.target ?? "";
  const { id, title, type, date } = relation.other;
  return html`<a href="${base}/documents/${id}"><bdi>${cut(oneLine(title || type || id), MOST_TITLE)}</bdi>, ${locale.date(date)}</a>`;
}

function ofRelations(presented: PresentedDocument, locale: Locale): Warning[] {
  return presented.relations.flatMap((relation): Warning[] => {
    const level = LEVELS[relation.kind];
    if (level === undefined) return [];
    const key = relation.isConfirmed || !locale.has(`${relation.kind}-unconfirmed`) ? relation.kind : `${relation.kind}-unconfirmed`;
    const isLoud = relation.isConfirmed || level === "note";
    return [{ level: isLoud ? level : "warning", text: locale.phrase(key, { link: relationLink(relation, locale, originOf(presented)) }) }];
  });
}

/** A patient who is referred to and not there: nothing above the document may look as if it said who that is. */
function ofSubject({ document }: PresentedDocument, locale: Locale): Warning[] {
  const { composition } = document;
  const text = composition.resource.object("subject")?.string("reference");
  const isThere = text === undefined || document.resolve(text, composition) !== undefined || containedIn(composition.resource, text) !== undefined;
  return isThere ? [] : [{ level: "danger", text: locale.word("subject-absent") }];
}

function ofPolicy(presented: PresentedDocument, locale: Locale): Warning[] {
  const told = acceptedUnder(presented, locale);
  return told === undefined ? [] : [told];
}

function ofState({ document, seal, signatures, isUndeposited, isIndexed }: PresentedDocument, locale: Locale): Warning[] {
  const composition = document.composition.resource;
  const status = composition.string("status");
  const { isTest } = securityLabels(document);
  const found: Warning[] = [];
  if (isUndeposited) found.push({ level: "warning", text: locale.word("undeposited") });
  if (isIndexed === false) found.push({ level: "warning", text: locale.word("index-lost") });
  if (stateOf(seal) === "false") found.push({ level: "danger", text: locale.word("seal-invalid") });
  if (signatures.some((signature) => stateOf(signature) === "false")) found.push({ level: "danger", text: locale.word("signature-invalid") });
  if (status === "entered-in-error") found.push({ level: "danger", text: locale.word("entered-in-error") });
  if (status === "preliminary") found.push({ level: "warning", text: locale.word("preliminary") });
  const modifiers = modifierExtensions(document.bundle);
  if (modifiers.length > 0) found.push({ level: "danger", text: locale.word("modifier-extension", { list: modifiers.join(", ") }) });
  if (isTest) found.push({ level: "warning", text: locale.word("test-data") });
  return found;
}

/** Why it is restricted, and what whoever uses it must do and leave: whoever reads this is cleared for it. */
function ofLabels(presented: PresentedDocument, locale: Locale): Warning[] {
  const { restricting, obligations, refrains } = documentLabels(presented);
  const raised = restricting.filter(({ kind }) => kind === "confidentiality").map(({ code }) => code);
  const found: Warning[] = [];
  if (restricting.length > 0) {
    const sentence = locale.word(raised.length === 0 ? "labels-sensitive" : `confidentiality-${raised.includes("V") ? "V" : "R"}`);
    found.push({ level: "warning", text: html`${sentence} ${locale.phrase("labels-bear", { list: labelList(restricting, locale) })}` });
  }
  if (obligations.length > 0) found.push({ level: "warning", text: locale.phrase("labels-obligations", { list: labelList(obligations, locale) }) });
  if (refrains.length > 0) found.push({ level: "warning", text: locale.phrase("labels-refrains", { list: labelList(refrains, locale) }) });
  return found;
}

function ofNarratives(notices: readonly NarrativeNotice[], locale: Locale): Warning[] {
  const found: Warning[] = [];
  if (notices.includes("plain-text")) found.push({ level: "warning", text: locale.word("narrative-plain") });
  if (notices.includes("restyled")) found.push({ level: "note", text: locale.word("narrative-restyled") });
  if (notices.includes("image-missing")) found.push({ level: "warning", text: locale.word("narrative-image") });
  return found;
}

/** Names that a reader may be told in one line; more do not help him. */
const MOST_NAMES = 12;
const MOST_LETTERS = 120;
/** Of the title of another document: its own page has all of it. */
const MOST_TITLE = 120;

function ofStyles({ external, unreadable, leftOut, isCut }: StyleRemarks, locale: Locale): Warning[] {
  const list = (names: readonly string[]): SafeHtml => {
    const told = names.slice(0, MOST_NAMES).map((name, at) => html`${at > 0 && ", "}<bdi class="code">${cut(name, MOST_LETTERS)}</bdi>`);
    return html`${told}${names.length > MOST_NAMES && ", …"}`;
  };
  const found: Warning[] = [];
  if (external.length > 0) found.push({ level: "note", text: locale.phrase("stylesheet-external", { list: list(external) }) });
  if (unreadable.length > 0) found.push({ level: "note", text: locale.phrase("stylesheet-unreadable", { list: list(unreadable) }) });
  if (leftOut.length > 0) found.push({ level: "note", text: locale.phrase("stylesheet-left-out", { list: list(leftOut) }) });
  if (isCut) found.push({ level: "note", text: locale.word("stylesheet-cut") });
  return found;
}

/** The address of the service, of the document's own; empty (links from the root) when it has none. */
export function originOf({ url }: PresentedDocument): string {
  return /^(https?:\/\/.+?)\/documents\//.exec(url)?.[1] ?? "";
}

/**
 * The URLs of all modifier extensions anywhere in the document, each once. None is known to this service, so whoever reads must be warned (R4
 * extensibility.html, Modifier Extensions).
 */
function modifierExtensions(bundle: JsonObject): string[] {
  const urls = new Set<string>();
  const waiting: unknown[] = [bundle];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const held = next instanceof JsonObject ? next.values : next instanceof JsonArray ? next.items : [];
    for (const value of held) if (typeof value === "object" && value !== null) waiting.push(value);
    if (next instanceof JsonObject) for (const extension of next.objects("modifierExtension")) urls.add(extension.string("url") ?? "?");
  }
  return [...urls];
}
