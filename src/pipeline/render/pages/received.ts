/** When a document came, and from whom: a name that people understand, and by which the record knows them. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { PresentedDocument } from "./presented.ts";

type Submitter = Pick<PresentedDocument, "receivedAt" | "submitter" | "submitterKind" | "submitterTitle">;

/** What the record knows them by (`issuer|id`) is folded on a screen and stands below on paper: it is for whoever checks, not for whoever reads. */
export function receivedHtml(presented: Submitter, locale: Locale, isPrint: boolean): Part[] {
  const { receivedAt, submitter } = presented;
  const who = submitterWords(presented, locale);
  const line = html`<bdi>${locale.date(receivedAt)}</bdi> <span class="quiet">${locale.word("submitter")}: <bdi>${who}</bdi></span>`;
  if (who === submitter || locale.has(`submitter-${submitter}`)) return [line];
  return [line, knownAs(submitter, locale, isPrint)];
}

function knownAs(submitter: string, locale: Locale, isPrint: boolean): SafeHtml {
  const raw = html`<bdi class="code">${submitter}</bdi>`;
  const label = locale.word("submitter-known-as");
  if (isPrint) return html`<span class="quiet">${label} ${raw}</span>`;
  return html`<details class="folded"><summary>${label}</summary>${raw}</details>`;
}

/** Longer ones are digests and random numbers, which tell a person nothing. */
const MOST_READABLE = 31;

/** The name that the issuer told; else what it is called there, where a person can read it; else what it is. */
function submitterWords({ submitter, submitterKind = "", submitterTitle }: Submitter, locale: Locale): string {
  if (locale.has(`submitter-${submitter}`)) return locale.word(`submitter-${submitter}`);
  if (submitterTitle !== undefined) return submitterTitle;
  const bar = submitter.lastIndexOf("|");
  const called = bar < 0 ? submitter : submitter.slice(bar + 1);
  if (bar < 0 || called.length <= MOST_READABLE || !locale.has(`submitter-${submitterKind}`)) return called;
  return locale.word(`submitter-${submitterKind}`);
}
