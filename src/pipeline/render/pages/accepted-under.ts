/** Under which policy a document was accepted that does not keep R4, and what it lacks that R4 demands: a reader takes nothing for granted that is not there. */
import type { DecidedReference, DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import { givenName } from "../../../core/fhir/party.ts";
import { html, type Part } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { PresentedDocument } from "./presented.ts";

/** What is said above the document; undefined of one that keeps R4. A warning where somebody who reads it would miss something: who wrote it, or what is in it and not shown. */
export function acceptedUnder(
  { accepted, document }: PresentedDocument,
  locale: Locale,
): { readonly level: "warning" | "note"; readonly text: Part } | undefined {
  if (accepted === undefined) return undefined;
  const composition = document.composition.resource;
  const lacks = [
    composition.string("title") === undefined && "policy-no-title",
    composition.objects("author").length === 0 && "policy-no-author",
    !composition.has("custodian") && "policy-no-custodian",
  ].filter((key) => key !== false);
  const policy = html`<bdi class="code">${accepted.policy}</bdi>`;
  const unreachable = accepted.relaxed.find(({ rule }) => rule === "entry-unreachable")?.count ?? 0;
  const unshown = unreachable > 0 && html` ${locale.word("policy-unreachable", { count: unreachable })}`;
  const decided = accepted.decided.length > 0 && html` ${locale.word("policy-references", { count: accepted.decided.length })}`;
  const text = html`${locale.phrase("policy-accepted", { policy })}${lacks.map((key) => html` ${locale.word(key)}`)}${unshown}${decided}`;
  return { level: unreachable > 0 || lacks.includes("policy-no-author") ? "warning" : "note", text };
}

/** References that are named: more would push the proof out of sight. All stand in the deposit record. */
const MOST_NAMED = 12;

/** The policy, the rules that it let pass with how often, and the references that were told with what they were told to be, among the facts about the document. */
export function policyFacts(
  { accepted, document }: PresentedDocument,
  locale: Locale,
): { readonly policy: Part[]; readonly rules: Part[]; readonly references: Part[] } {
  if (accepted === undefined) return { policy: [], rules: [], references: [] };
  const rules = accepted.relaxed.map(({ rule, count }) => html`<bdi class="code">${rule}</bdi> <span class="quiet">(×${count})</span>`);
  return { policy: [html`<bdi class="code">${accepted.policy}</bdi>`], rules, references: toldReferences(accepted.decided, document, locale) };
}

/** Each once, with whom or what it was taken for. A reader who knows them sees a wrong one. */
function toldReferences(decided: readonly DecidedReference[], { entries }: DocumentBundle, locale: Locale): Part[] {
  const counts = new Map<string, { readonly decision: DecidedReference; count: number }>();
  for (const decision of decided) {
    const key = `${decision.to} ${decision.reference}`;
    const told = counts.get(key) ?? { decision, count: 0 };
    told.count += 1;
    counts.set(key, told);
  }
  const told = [...counts.values()];
  const named = told.slice(0, MOST_NAMED).map(({ decision: { reference, to }, count }) => {
    const entry = entries[to];
    const name = entry && givenName(entry.resource);
    const address = entry?.fullUrl ?? `${entry?.type ?? ""}/${entry?.id ?? ""}`;
    return html`<bdi class="code">${reference}</bdi> → ${name !== undefined && html`<bdi>${name}</bdi> `}<bdi class="code">${address}</bdi>${count > 1 && html` <span class="quiet">(×${count})</span>`}`;
  });
  const more = told.length - named.length;
  return more > 0 ? [...named, html`<span class="quiet">${locale.count("more-alike", more)}</span>`] : named;
}
