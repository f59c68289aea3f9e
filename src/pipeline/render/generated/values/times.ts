/** Periods and points in time (R4 datatypes.html, Period). */
import { html } from "../../html.ts";
import type { Wording } from "../place.ts";

/** From – to, or the one that is known. */
export const period: Wording = (unsaid, { locale }) => {
  const start = unsaid.string("start");
  const end = unsaid.string("end");
  if (start !== undefined && end !== undefined) return html`<span class="period">${locale.period(start, end)}</span>`;
  if (start !== undefined) return locale.word("period-from", { date: locale.date(start) });
  return end !== undefined && locale.word("period-until", { date: locale.date(end) });
};
