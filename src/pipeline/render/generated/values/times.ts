/** Periods (R4 datatypes.html, Period). */
import { html } from "../../html.ts";
import { dateHtml } from "../dates.ts";
import type { Wording } from "../render-context.ts";

/** From – to, or the one that is known. */
export const period: Wording = (unsaid, { locale }) => {
  const start = unsaid.string("start");
  const end = unsaid.string("end");
  if (start !== undefined && start === end) return dateHtml(start, locale);
  if (start !== undefined && end !== undefined) return html`${dateHtml(start, locale)} – ${dateHtml(end, locale)}`;
  if (start !== undefined) return locale.phrase("period-from", { date: dateHtml(start, locale) });
  return end !== undefined && locale.phrase("period-until", { date: dateHtml(end, locale) });
};
