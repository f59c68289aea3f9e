import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

/** Broken glass, as pages tell of it. */
export interface ShownGlass {
  readonly id: string;
  /** The logical id of the Patient, or `of:` and the id of the document whose patient stands alone. */
  readonly about: string;
  /** How the person named the patient. */
  readonly named: string;
  /** By a document's id. */
  readonly byDocument?: boolean | undefined;
  readonly reason: string;
  readonly text: string;
  /** An instant. */
  readonly until: string;
}

/** What every page says to somebody of the glass that they may break, and have broken. */
export interface GlassMark {
  readonly mayBreak: boolean;
  readonly open: readonly ShownGlass[];
  /** The document whose address was asked for, whether or not it is there. */
  readonly documentId?: string;
}

/** What is open: of whom, why, for how long still, and a way to end it. */
export function glassBanner({ open }: GlassMark, { locale, now }: { readonly locale: Locale; readonly now: Date }): SafeHtml {
  return html`${open.map(
    ({ id, about, named, byDocument, reason, text, until }) =>
      html`<section class="glass-banner" aria-label="${locale.word("glass-broken")} ${named}">
<p><strong>${locale.word("glass-broken")}</strong> ${glassPatientLink({ about, named, byDocument }, locale)}</p>
<p>${locale.word(`glass-reason-${reason}`)}: <q dir="auto">${text}</q></p>
<p><span class="of-this-moment">${locale.word("glass-minutes-left", { count: minutesLeft(until, now) })} </span>${locale.phrase("glass-until", { until: timeOf(until, locale) })} ${locale.word("glass-watched")}</p>
<form method="post" action="/glass/${id}/end"><button class="quiet-button">${locale.word("glass-end")}</button></form>
</section>`,
  )}`;
}

/** Where somebody is led who may break it. */
export function glassLink({ mayBreak, documentId }: GlassMark, locale: Locale): SafeHtml | false {
  return mayBreak && html`<a href="/glass${documentId === undefined ? "" : `?document=${documentId}`}">${locale.word("glass-break")}</a>`;
}

/** Whose documents are opened, with a link to the patient's page; of a patient who stands alone, to the document. */
export function glassPatientLink({ about, named, byDocument }: Pick<ShownGlass, "about" | "named" | "byDocument">, locale: Locale): SafeHtml {
  const link = html`<a href="${glassAddress(about)}"><bdi>${named}</bdi></a>`;
  // The document's id is no name of the patient's.
  return byDocument === true || about === `of:${named}`
    ? locale.phrase("glass-of-document", { document: link })
    : locale.phrase("glass-of", { patient: link });
}

function glassAddress(about: string): string {
  return about.startsWith("of:") ? `/documents/${about.slice(3)}` : `/patients/${about}`;
}

export function timeOf(instant: string, locale: Locale): SafeHtml {
  return html`<time datetime="${instant}">${locale.date(instant)}</time>`;
}

/** Rounded up: while there is any time left, there is a minute. */
function minutesLeft(until: string, now: Date): number {
  return Math.max(0, Math.ceil((Date.parse(until) - now.getTime()) / 60_000));
}
