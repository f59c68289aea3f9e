/** Words above a narrative that say what lies beyond the edge of the screen. They are ours, and stand outside of the author's. */
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { GROWS_FROM, NARROWEST, type Sideways } from "./sideways.ts";

/** document.css has a rule for each of these widths of the frame, in rem, from which on everything is in sight; above GROWS_FROM for a width of the window, by which frames grow. A wider table always gets its words. */
const WIDTHS = [14, 16, 18, 20, 24, 28, 34, 40, GROWS_FROM, 48, 52, 56, 60];
const PIXELS = 16;

/** The hints above one narrative, each once: a laboratory report may have a hundred tables of the same columns. The widest decides how long a hint is shown. */
export function sidewaysHints(sideways: readonly Sideways[], locale: Locale): (SafeHtml | undefined)[] {
  const widest = new Map<string, Sideways>();
  for (const one of sideways) {
    const said = JSON.stringify([one.kind, one.heads, one.heads.length === 0 && one.columns]);
    if (one.need >= (widest.get(said)?.need ?? 0)) widest.set(said, one);
  }
  return [...widest.values()].map((one) => sidewaysHint(one, locale));
}

/**
 * Our words before a narrative, where they are nothing but hints: on a screen that has room for everything nothing of them is left, so that the author's frame need not be
 * interrupted. Undefined for hints that some screens always show.
 */
export function hintsClass(sideways: readonly Sideways[]): string | undefined {
  const most = Math.max(...sideways.map(({ need }) => need));
  const width = WIDTHS.find((step) => step * PIXELS >= most);
  return width === undefined || width > GROWS_FROM ? undefined : `hints needs-${width}`;
}

/** Undefined for what no screen is too narrow for. */
export function sidewaysHint({ kind, need, heads, columns }: Sideways, locale: Locale): SafeHtml | undefined {
  if (need < NARROWEST) return undefined;
  const width = WIDTHS.find((step) => step * PIXELS >= need);
  const ours = html` lang="${locale.language}" dir="${locale.direction}"`;
  return html`<p class="remark table-hint${width !== undefined && ` needs-${width}`}"${ours}>${words()}</p>\n`;

  function words(): SafeHtml | string {
    if (kind === "lines") return locale.word("sideways-lines");
    if (heads.length === 0) return locale.count("sideways-table", columns);
    return locale.phrase("sideways-columns", { columns: html`<bdi>${heads.join(" · ")}</bdi>` });
  }
}
