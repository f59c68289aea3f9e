/** What paper says that was printed while somebody saw what an emergency opened to them: it outlives the glass, and leaves the house. */
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { timeOf } from "./glass-banner.ts";
import { cut, oneLine } from "./one-line.ts";
import type { SeenThroughGlass } from "./presented.ts";

/** Letters of a name that the head of a page has room for. */
const MOST_NAME = 60;

/** The line above a printed document: by whom the glass was broken, why, and until when. */
export function glassNotice({ by, reason, text, until }: SeenThroughGlass, locale: Locale): SafeHtml {
  const name = html`<bdi>${oneLine(by)}</bdi>`;
  return html`<p class="notice danger"><strong class="notice-label">${locale.word("danger")}</strong> <span>${locale.phrase("glass-printed", { by: name, until: timeOf(until, locale) })} ${locale.code("glass-reason", reason)}: <q dir="auto">${text}</q></span></p>
`;
}

/** The same for the head of every page, without the person's own words. */
export function glassHead({ by, reason, until }: SeenThroughGlass, locale: Locale): string {
  const values = { by: cut(oneLine(by), MOST_NAME), until: locale.date(until) };
  return `${locale.word("glass-printed", values)} ${locale.code("glass-reason", reason)}`;
}
