/** Where operators see who is told of documents, how far each receiver has come, and test one. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { moment } from "./audit-words.ts";
import { cut, oneLine } from "./one-line.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** How one stands. Times are instants. */
export interface ShownSubscription {
  readonly id: string;
  readonly status: string;
  readonly owner: string;
  readonly wanted: string;
  readonly channel: string;
  /** Origin of its receiver's address. */
  readonly endpoint?: string;
  readonly events: number;
  readonly delivered: number;
  readonly failures: number;
  readonly failingSince?: string;
  readonly lastFailure?: string;
  readonly nextAttempt?: string;
  readonly lastSuccess?: string;
}

/** A test that was just made, and what came of it. */
export interface TestedReceiver {
  readonly id: string;
  readonly sent: "heartbeat" | "options";
  readonly isTaken: boolean;
  readonly status?: number;
  readonly reason?: string;
}

export interface SubscriptionsPage {
  /** Newest problems first. */
  readonly subscriptions: readonly ShownSubscription[];
  readonly total: number;
  /** Number of the next page. */
  readonly next?: number;
  readonly tested?: TestedReceiver;
}

const MOST_LETTERS = 300;

export function renderSubscriptionsPage(shown: SubscriptionsPage, options: PageOptions): string {
  const { locale } = options;
  const { subscriptions, total, next, tested } = shown;
  const title = locale.word("subscriptions-title");
  const main = html`<h1>${title}</h1>
<p class="lead">${locale.word("subscriptions-lead")}</p>
${tested && testedNotice(tested, locale)}
${
  subscriptions.length === 0
    ? html`<p class="empty"><strong>${locale.word("subscriptions-none")}</strong></p>`
    : html`<p class="quiet">${locale.word("subscriptions-total", { count: total })} ${locale.word("subscriptions-test-hint")}</p>
<ol class="audit-events">
${subscriptions.map((one) => rowOf(one, locale))}</ol>`
}
${next !== undefined && html`<p><a class="button quiet-button" href="/subscriptions?page=${next}">${locale.word("subscriptions-more")}</a></p>`}`;
  return page({ title: `${locale.word("product")} – ${title}`, kind: "audit-page", header: productHeader(locale), main }, options);
}

function testedNotice({ id, sent, isTaken, status, reason = "" }: TestedReceiver, locale: Locale): SafeHtml {
  const about = html`<bdi class="number">${id}</bdi>`;
  if (!isTaken)
    return html`<p class="notice danger" role="alert">${locale.phrase("subscriptions-test-failed", { id: about, reason: english(reason) })}</p>`;
  return html`<p class="notice" role="status">${locale.phrase(`subscriptions-test-${sent}`, { id: about, status: String(status ?? "") })}</p>`;
}

function rowOf(one: ShownSubscription, locale: Locale): SafeHtml {
  const { id, status, owner, wanted, channel, endpoint, events, delivered, failures, failingSince, lastFailure, nextAttempt, lastSuccess } = one;
  const isTroubled = status === "error" || (failures > 0 && status !== "off");
  const at = (instant: string): SafeHtml => html`<time class="number" datetime="${instant}">${moment(instant, locale)}</time>`;
  const facts: (readonly [string, Part])[] = [
    ["owner", html`<bdi>${cut(oneLine(owner), MOST_LETTERS)}</bdi>`],
    ["wanted", html`<bdi class="code" dir="ltr">${wanted}</bdi>`],
    ["channel", html`<bdi class="code" dir="ltr">${channel}${endpoint !== undefined && ` ${endpoint}`}</bdi>`],
    ["events", events],
    ["delivered", delivered],
    ["lag", Math.max(0, events - delivered)],
    ["last-success", lastSuccess === undefined ? locale.word("subscriptions-never") : at(lastSuccess)],
    ...(isTroubled && failures > 0 ? ([["failures", failures]] as const) : []),
    ...(isTroubled && failingSince !== undefined ? ([["failing-since", at(failingSince)]] as const) : []),
    ...(isTroubled && lastFailure !== undefined ? ([["last-failure", english(lastFailure)]] as const) : []),
    ...(nextAttempt === undefined ? [] : ([["next-attempt", at(nextAttempt)]] as const)),
  ];
  return html`<li class="audit-event${isTroubled && " refused"}">
<p><strong>${locale.code("subscriptions-status", status)}</strong>${isTroubled && status !== "error" && html` <span class="tag danger">${locale.word("subscriptions-failing")}</span>`} <bdi class="number quiet">${id}</bdi></p>
<dl class="audit-facts">${facts.map(([name, value]) => html`<div><dt>${locale.word(`subscriptions-${name}`)}</dt> <dd>${value}</dd></div>\n`)}</dl>
${
  endpoint !== undefined &&
  status !== "off" &&
  html`<form class="receiver-test" method="post" action="/subscriptions/${encodeURIComponent(id)}/test"><button class="quiet-button" aria-label="${locale.word("subscriptions-test")}: ${id}">${locale.word("subscriptions-test")}</button></form>`
}
</li>
`;
}

/** What a receiver met is told in English, as owners read it. */
function english(text: string): SafeHtml {
  return html`<bdi lang="en">${cut(oneLine(text), MOST_LETTERS)}</bdi>`;
}
