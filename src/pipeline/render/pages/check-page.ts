import { isError, type Issue, type Severity } from "../../../core/fhir/issue.ts";
import type { Source } from "../../../core/fhir/reading/source-text.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { heldAgainst, unheldProfiles, type HeldAgainst } from "./held-against.ts";
import { page, productHeader, type PageOptions } from "./page.ts";
import { excerptsOf, type Excerpt, type ExcerptLine, type PlacedIssue } from "./source-excerpt.ts";
import { checkingForm, depositForm } from "./start-page.ts";

/** What a policy says of a document, and the rules by which it refuses it. */
interface PolicyVerdict {
  readonly name: string;
  readonly passes: boolean;
  readonly rules: readonly string[];
}

/** What was found in a file that a person had looked at. */
export interface CheckedDocument {
  /** As the browser calls it; may be empty. */
  readonly name: string;
  readonly verdict: "accepted" | "refused" | "not-a-document" | "repeated" | "conflict" | "unreadable";
  readonly issues: readonly Issue[];
  readonly source: Source;
  /** Of a document, what each policy with a name says of it. */
  readonly policies?: readonly PolicyVerdict[];
  /** `repeated`: the document that it is. */
  readonly id?: string;
  /** The profile that was chosen, and what came of it and of those that a deposit asks. */
  readonly profile?: string | undefined;
  readonly profiles?: HeldAgainst;
  /** `conflict`: what stands against it. */
  readonly reason?: string;
  /** False for whoever may deposit nothing: then there is no form for it. */
  readonly mayDeposit?: boolean;
  /** Where nothing is deposited: the form looks at files alone. */
  readonly isOnlyChecked?: boolean;
}

/** More would help nobody; errors come first. */
const MAX_ISSUES = 200;

const VERDICTS = {
  accepted: { className: "good", word: "check-accepted" },
  repeated: { className: "good", word: "check-repeated" },
  "not-a-document": { className: "doubtful", word: "check-not-a-document" },
  refused: { className: "bad", word: "check-refused" },
  conflict: { className: "bad", word: "check-conflict" },
  unreadable: { className: "bad", word: "check-unreadable" },
} as const;

/** The file's lines that something is to be said about, and that beside them. Nothing of it was stored. */
export function renderCheckPage(checked: CheckedDocument, options: PageOptions): string {
  const { locale } = options;
  const { verdict, issues, source, reason } = checked;
  const choice = options.profiles && { offered: options.profiles, chosen: checked.profile };
  const listed = [...issues.filter(isError), ...issues.filter((issue) => !isError(issue))].slice(0, MAX_ISSUES);
  const withPlace = listed.filter((issue) => issue.offset !== undefined && source.positionOf(issue.offset) !== undefined);
  const without = listed.filter((issue) => !withPlace.includes(issue));
  const { className, word } = VERDICTS[verdict];
  const link = checked.id !== undefined && html`<a href="/documents/${checked.id}">${locale.word("check-repeated-link")}</a>`;
  const main = html`<h1>${locale.phrase("check-title", { name: html`<bdi>${checked.name || locale.word("check-file")}</bdi>` })}</h1>
<div class="verdict ${className}"><p><strong>${locale.phrase(word, { link })}</strong></p>
${reason !== undefined && html`<p lang="en" dir="auto">${reason}</p>`}
<p>${countsOf(issues, locale)} ${locale.word("check-nothing-kept")}</p></div>
${profilesHtml(checked.profiles, locale)}${policiesHtml(checked.policies ?? [], locale)}${
    without.length > 0 &&
    html`<h2>${locale.word("check-without-line")}</h2>
<ul class="issues">${without.map((issue) => html`<li>${issueHtml(issue, undefined, locale)}</li>`)}</ul>`
  }
${withPlace.length > 0 && html`<h2>${locale.word("check-lines")}</h2>\n${excerptsOf(withPlace, source).map((excerpt) => excerptHtml(excerpt, locale))}`}
${issues.length > listed.length && html`<p>${locale.count("check-more", issues.length - listed.length)}</p>`}
${checked.isOnlyChecked === true ? checkingForm(locale, choice) : depositForm(locale, checked.mayDeposit, choice)}`;
  const title = `${locale.word("product")} – ${locale.word("check-title", { name: checked.name || locale.word("check-file") })}`;
  return page({ title, kind: "check-page", header: productHeader(locale), main }, options);
}

/** Where a file is chosen, in a service that looks at files alone. */
export function renderCheckForm(options: PageOptions): string {
  const { locale } = options;
  const heading = locale.word("check-button");
  const main = html`<h1>${heading}</h1>\n${checkingForm(locale, options.profiles && { offered: options.profiles })}`;
  return page({ title: `${locale.word("product")} – ${heading}`, kind: "check-page", header: productHeader(locale), main }, options);
}

function profilesHtml(held: HeldAgainst | undefined, locale: Locale): SafeHtml | undefined {
  if (!held || held.verdicts.length === 0) return undefined;
  return html`<dl class="facts">
${heldAgainst(held, locale)}${unheldProfiles(held.verdicts, locale)}</dl>
`;
}

/** Rules that are named of each policy; the issues tell of all. */
const MOST_RULES = 12;

/** What each policy says, where they do not all take it. */
function policiesHtml(policies: readonly PolicyVerdict[], locale: Locale): SafeHtml | undefined {
  if (policies.every(({ passes }) => passes)) return undefined;
  return html`<h2>${locale.word("check-policies")}</h2>
<dl class="facts">
${policies.map(
  ({ name, passes, rules }) => html`<div>
<dt><code class="code" dir="ltr">${name}</code></dt>
<dd>${locale.word(passes ? "check-accepted" : "check-refused")}${rules.slice(0, MOST_RULES).map((rule) => html` <code class="code" dir="ltr">${rule}</code>`)}${rules.length > MOST_RULES && " …"}</dd>
</div>
`,
)}</dl>
`;
}

/** e.g. `2 errors, 1 warning.` */
function countsOf(issues: readonly Issue[], locale: Locale): string {
  const errors = issues.filter(isError).length;
  const warnings = issues.filter((issue) => issue.severity === "warning").length;
  const counts = [
    { word: "check-errors", count: errors },
    { word: "check-warnings", count: warnings },
    { word: "check-notes", count: issues.length - errors - warnings },
  ].filter(({ count }) => count > 0);
  if (counts.length === 0) return locale.word("check-no-issues");
  return `${counts.map(({ word, count }) => locale.count(word, count)).join(", ")}.`;
}

function excerptHtml(excerpt: Excerpt, locale: Locale): SafeHtml {
  return html`<ol class="source-lines">
${excerpt.map((line) => lineHtml(line, locale))}</ol>
`;
}

function lineHtml(line: ExcerptLine, locale: Locale): SafeHtml {
  const { placed } = line;
  return html`<li class="source-line${placed.length > 0 && ` has-issues ${worstOf(placed)}`}">
<code class="source-text" dir="ltr"><span class="line-number">${line.line}</span>${line.isCutBefore && "… "}${marked(line)}${line.isCutAfter && " …"}</code>
${placed.length > 0 && html`<ul class="beside">${placed.map(({ issue, column }) => html`<li>${issueHtml(issue, column, locale)}</li>`)}</ul>`}
</li>
`;
}

/** The line's text with what is meant marked; issues about the same place share a mark. */
function marked({ text, placed }: ExcerptLine): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { start } of placed) {
    if (start < at) continue;
    const sharing = placed.filter((other) => other.start === start);
    const length = Math.max(...sharing.map((other) => other.length));
    parts.push(text.slice(at, start), html`<mark class="${worstOf(sharing)}">${text.slice(start, start + length) || "\u2009"}</mark>`);
    at = start + length;
  }
  return [...parts, text.slice(at)];
}

function issueHtml(issue: Issue, column: number | undefined, locale: Locale): SafeHtml {
  return html`<div class="issue ${issue.severity}">
<p class="issue-text"><strong class="notice-label">${locale.word(`severity-${issue.severity}`)}</strong> <span lang="en" dir="auto">${issue.text}</span></p>
<p class="issue-place">${column !== undefined && html`<span class="fact">${locale.word("check-column", { column })}</span> `}${issue.expression !== undefined && html`<code class="fact code" dir="ltr">${issue.expression}</code> `}<span class="fact">${locale.word("rule", { rule: issue.rule })}</span></p>
</div>`;
}

const ORDER: readonly Severity[] = ["fatal", "error", "warning", "information"];

function worstOf(placed: readonly PlacedIssue[]): Severity {
  return ORDER.find((severity) => placed.some(({ issue }) => issue.severity === severity)) ?? "information";
}
