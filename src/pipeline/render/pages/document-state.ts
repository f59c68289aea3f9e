/** The state of a document in a word or two each, worst first: it stays in the banner on a screen and at the head of every page of paper, and says what it was told by. */
import { stateOf } from "../../../core/signatures/signature-check.ts";
import { securityLabels } from "../../../core/fhir/security-labels.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { documentLabels } from "./label-words.ts";
import type { PresentedDocument } from "./presented.ts";

interface State {
  readonly level: "danger" | "warning" | "note";
  /** Of its words. */
  readonly key: string;
}

/** Empty for a document of which there is nothing to beware. The sentences about each stand above the document (warnings.ts). */
export function documentStates(presented: PresentedDocument): readonly State[] {
  const { document, relations, seal, isUndeposited, isIndexed } = presented;
  const { restricting, obligations, refrains } = documentLabels(presented);
  const status = document.composition.resource.string("status");
  const { isTest } = securityLabels(document);
  const has = (kind: (typeof relations)[number]["kind"]): boolean => relations.some((relation) => relation.kind === kind && relation.isConfirmed);
  const states: State[] = [];
  if (has("superseded-by")) states.push({ level: "danger", key: "superseded" });
  if (status === "entered-in-error") states.push({ level: "danger", key: "status-entered-in-error" });
  if (stateOf(seal) === "false") states.push({ level: "danger", key: "state-broken" });
  if (has("newer-version")) states.push({ level: "warning", key: "state-newer" });
  if (isUndeposited) states.push({ level: "warning", key: "state-undeposited" });
  if (isIndexed === false) states.push({ level: "warning", key: "state-unknown" });
  if (status === "preliminary") states.push({ level: "warning", key: "status-preliminary" });
  if (status === "amended") states.push({ level: "note", key: "status-amended" });
  const levels = restricting.filter(({ kind }) => kind === "confidentiality").map(({ code }) => code);
  if (levels.length > 0) states.push({ level: "warning", key: `tag-confidentiality-${levels.includes("V") ? "V" : "R"}` });
  else if (restricting.length > 0) states.push({ level: "warning", key: "tag-labels-sensitive" });
  if (obligations.length + refrains.length > 0) states.push({ level: "warning", key: "tag-labels-conditions" });
  if (isTest) states.push({ level: "warning", key: "tag-test-data" });
  return states;
}

/**
 * What the state was told by: the size of the log and, on a screen, the time. Undefined where no log was asked.
 *
 * @param now undefined for a PDF: the same log makes the same bytes
 */
export function asOf({ logSize }: PresentedDocument, locale: Locale, now?: Date): string | undefined {
  if (logSize === undefined) return undefined;
  if (now === undefined) return locale.word("as-of-log", { size: logSize });
  return locale.word("as-of", { size: logSize, time: locale.date(now.toISOString()) });
}

/** The line of the banner; undefined where there is nothing to beware. */
export function stateLine(presented: PresentedDocument, locale: Locale, now?: Date): SafeHtml | undefined {
  const states = documentStates(presented);
  if (states.length === 0) return undefined;
  const told = asOf(presented, locale, now);
  return html`<p class="patient-state">
${states.map(({ level, key }) => html`<strong class="state ${level}">${locale.term(key)}</strong> `)}${told !== undefined && html`<span class="as-of">${told}</span>`}
</p>
`;
}

/** The same as plain text for the head of a printed page, also of documents of which there is nothing to beware; undefined where nobody can say. */
export function stateText(presented: PresentedDocument, locale: Locale, now?: Date): string | undefined {
  const states = documentStates(presented).map(({ key }) => locale.word(key));
  const told = asOf(presented, locale, now);
  if (states.length === 0) return told && locale.word("state-none", { told });
  return [states.join(", "), told].filter((part) => part !== undefined).join(", ");
}
