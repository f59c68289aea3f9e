/** Where people see how work stands that goes on behind requests, and end it. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { moment } from "./audit-words.ts";
import { cut, oneLine } from "./one-line.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** How one stands. Times are instants. */
export interface ShownJob {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly progress: { readonly text: string; readonly share?: number };
  readonly owner: string;
  readonly address: string;
  readonly failure?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly expires: string;
}

export interface JobsPage {
  /** The newest first. */
  readonly jobs: readonly ShownJob[];
  readonly total: number;
  /** The name of one that was just ended. */
  readonly ended?: string;
}

const MOST_LETTERS = 300;
/** So much of a name tells it from others. */
const SHORT = 12;

export function renderJobsPage({ jobs, total, ended }: JobsPage, options: PageOptions): string {
  const { locale } = options;
  const title = locale.word("jobs-title");
  const main = html`<h1>${title}</h1>
<p class="lead">${locale.word("jobs-lead")}</p>
${ended !== undefined && html`<p class="notice" role="status">${locale.phrase("jobs-cancelled", { name: nameOf(ended) })}</p>`}
${
  jobs.length === 0
    ? html`<p class="empty"><strong>${locale.word("jobs-none")}</strong></p>`
    : html`<p class="quiet">${locale.word("jobs-total", { count: total })}</p>
<ol class="audit-events">
${jobs.map((one) => rowOf(one, locale))}</ol>`
}`;
  return page({ title: `${locale.word("product")} – ${title}`, kind: "audit-page", header: productHeader(locale), main }, options);
}

function rowOf(one: ShownJob, locale: Locale): SafeHtml {
  const { name, kind, state, progress, owner, address, failure, createdAt, endedAt, expires } = one;
  const isUnderWay = state === "waiting" || state === "running";
  const at = (instant: string): SafeHtml => html`<time class="number" datetime="${instant}">${moment(instant, locale)}</time>`;
  const facts: (readonly [string, Part])[] = [
    ["owner", html`<bdi>${cut(oneLine(owner), MOST_LETTERS)}</bdi>`],
    ["address", html`<bdi class="code" dir="ltr">${cut(oneLine(address), MOST_LETTERS)}</bdi>`],
    ["created", at(createdAt)],
    ...(state === "running" ? ([["progress", progressOf(progress)]] as const) : []),
    ...(endedAt === undefined ? [] : ([["ended", at(endedAt)], ["expires", at(expires)]] as const)), // prettier-ignore
    ...(failure === undefined ? [] : ([["failure", english(failure)]] as const)),
  ];
  return html`<li class="audit-event${state === "failed" && " refused"}">
<p><strong>${locale.code("jobs-kind", kind)}: ${locale.code("jobs-state", state)}</strong> ${nameOf(name)}</p>
<dl class="audit-facts">${facts.map(([fact, value]) => html`<div><dt>${locale.word(`jobs-${fact}`)}</dt> <dd>${value}</dd></div>\n`)}</dl>
${
  isUnderWay &&
  html`<form class="receiver-test" method="post" action="/jobs/${encodeURIComponent(name)}/cancel"><button class="quiet-button" aria-label="${locale.word("jobs-cancel")}: ${name.slice(0, SHORT)}">${locale.word("jobs-cancel")}</button></form>`
}
</li>
`;
}

/** Kinds of work tell it in English, as owners read it (X-Progress). */
function progressOf({ text, share }: ShownJob["progress"]): SafeHtml {
  const whole = share === undefined ? undefined : Math.floor(share * 100);
  return html`${whole !== undefined && html`<progress max="100" value="${whole}">${whole} %</progress> <span class="number">${whole} %</span> `}${english(text)}`;
}

function nameOf(name: string): SafeHtml {
  return html`<bdi class="number quiet">${name.slice(0, SHORT)}</bdi>`;
}

function english(text: string): SafeHtml {
  return html`<bdi lang="en">${cut(oneLine(text), MOST_LETTERS)}</bdi>`;
}
