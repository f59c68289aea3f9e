import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

/** A date, dateTime or instant. Its day and its time may stand on two lines, neither of them on more. */
export function dateHtml(value: string, locale: Locale): SafeHtml {
  const [day = "", ...time] = locale.date(value).split(" ");
  return time.length === 0
    ? html`<span class="date">${day}</span>`
    : html`<span class="date">${day}</span> <span class="date">${time.join(" ")}</span>`;
}
