/** Under which policy a document was accepted that does not keep R4, and what it lacks that R4 demands: a reader takes nothing for granted that is not there. */
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
  const decided = accepted.decided > 0 && html` ${locale.word("policy-references", { count: accepted.decided })}`;
  const text = html`${locale.phrase("policy-accepted", { policy })}${lacks.map((key) => html` ${locale.word(key)}`)}${unshown}${decided}`;
  return { level: unreachable > 0 || lacks.includes("policy-no-author") ? "warning" : "note", text };
}

/** The policy, and the rules that it let pass with how often, among the facts about the document. */
export function policyFacts({ accepted }: PresentedDocument): { readonly policy: Part[]; readonly rules: Part[] } {
  if (accepted === undefined) return { policy: [], rules: [] };
  const rules = accepted.relaxed.map(({ rule, count }) => html`<bdi class="code">${rule}</bdi> <span class="quiet">(×${count})</span>`);
  return { policy: [html`<bdi class="code">${accepted.policy}</bdi>`], rules };
}
