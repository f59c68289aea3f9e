import { isError, type Issue } from "../../../core/fhir/issue.ts";
import type { Position, Source } from "../../../core/fhir/reading/source-text.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { page, productHeader, type PageOptions } from "./page.ts";
import { depositForm } from "./start-page.ts";

/** Why a document was not accepted. */
export interface RefusedDocument {
  readonly issues: readonly Issue[];
  /** What was sent, to show the line of each issue; absent when it could not be read as text. */
  readonly source?: Source | undefined;
  /** False for whoever may deposit nothing: then there is no form for it. */
  readonly mayDeposit?: boolean;
}

/** How much of a line is shown on either side of the place; whole documents are often written on one line. */
const REACH = 70;
/** More would help nobody; the OperationOutcome holds them all. */
const MAX_ISSUES = 200;

/** What was wrong with a document, for the person who sent it: what to change, the rule, and the line. */
export function renderRefusalPage({ issues, source, mayDeposit }: RefusedDocument, options: PageOptions): string {
  const { locale } = options;
  const errors = issues.filter(isError);
  const others = issues.filter((issue) => !isError(issue));
  const count = locale.count("refused-count", errors.length);
  const list = (shown: readonly Issue[]): SafeHtml =>
    html`<ol class="issues">
${shown.slice(0, MAX_ISSUES).map((issue) => issueHtml(issue, source, locale))}</ol>
${shown.length > MAX_ISSUES && html`<p>+${shown.length - MAX_ISSUES}</p>`}`;
  const main = html`<h1>${locale.word("refused")}</h1>
<p class="lead">${count} ${locale.word("refused-nothing-kept")}</p>
${list(errors)}
${others.length > 0 && html`<h2>${locale.word("refused-also")}</h2>\n${list(others)}`}
${depositForm(locale, mayDeposit)}`;
  return page({ title: `${locale.word("product")} – ${locale.word("refused")}`, kind: "refusal-page", header: productHeader(locale), main }, options);
}

function issueHtml(issue: Issue, source: Source | undefined, locale: Locale): SafeHtml {
  const position = issue.offset === undefined ? undefined : source?.positionOf(issue.offset);
  const place = position && locale.word("line-column", { line: position.line, column: position.column });
  return html`<li class="issue ${issue.severity}">
<p class="issue-text"><strong class="notice-label">${locale.word(`severity-${issue.severity}`)}</strong> <span dir="auto">${issue.text}</span></p>
${position && source && excerpt(source, position)}
<p class="issue-place">${place !== undefined && html`<span class="fact">${place}</span> `}${issue.expression !== undefined && html`<code class="fact code">${issue.expression}</code> `}<span class="fact">${locale.word("rule", { rule: issue.rule })}</span></p>
</li>
`;
}

/** The sender's line with the place marked, cut to what can be read at a glance. */
function excerpt(source: Source, { line, column }: Position): SafeHtml | undefined {
  const text = source.line(line);
  if (text === undefined) return undefined;
  const at = Math.min(column - 1, text.length);
  const from = Math.max(0, at - REACH);
  const before = text.slice(from, at).trimStart();
  const after = text.slice(at, at + REACH);
  const marked = /^(?:"[^"]{0,40}"|<[\w:]{1,40}|[\w.-]{1,40}|.)?/su.exec(after)?.[0] ?? "";
  return html`<pre class="excerpt" dir="ltr" tabindex="0"><span class="line-number">${line}</span>${from > 0 && "… "}${before}<mark>${marked || "\u2009"}</mark>${after.slice(marked.length)}${after.length >= REACH && " …"}</pre>`;
}
