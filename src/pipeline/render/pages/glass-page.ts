/** Where a person breaks the glass, and where those responsible see who did. */
import { auditAddress } from "./audit-words.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { glassPatientLink, timeOf, type ShownGlass } from "./glass-banner.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** Glass in a list of all that was broken. */
export interface ListedGlass extends ShownGlass {
  readonly person: { readonly name: string; readonly subject: string; readonly roles: readonly string[] };
  readonly from: string;
  readonly ended?: { readonly at: string; readonly by: "person" | "time" } | undefined;
}

export type GlassPage =
  | {
      readonly kind: "form";
      /** Identifier systems that are unique to a person. */
      readonly systems: readonly string[];
      /** How long it stays broken. */
      readonly minutes: number;
      readonly reasons: readonly string[];
      readonly typed: Readonly<Record<"system" | "value" | "document" | "reason" | "text", string>>;
      readonly textLengths: { readonly shortest: number; readonly longest: number };
      /** What was missing: a word that there is a sentence for. */
      readonly fault?: string | undefined;
    }
  | { readonly kind: "list"; readonly glass: readonly ListedGlass[]; readonly next?: string | undefined };

export function renderGlassPage(shown: GlassPage, options: PageOptions & { readonly now: Date }): string {
  const { locale } = options;
  const title = locale.word(shown.kind === "form" ? "glass-break" : "glass-list");
  const main = shown.kind === "form" ? formOf(shown, locale) : listOf(shown, locale, options.now);
  return page({ title: `${locale.word("product")} – ${title}`, kind: "glass-page", header: productHeader(locale), main }, options);
}

function formOf({ systems, minutes, reasons, typed, textLengths, fault }: Extract<GlassPage, { kind: "form" }>, locale: Locale): SafeHtml {
  const chosen = (is: boolean): SafeHtml | false => is && html` selected`;
  return html`<h1>${locale.word("glass-break")}</h1>
<p class="lead">${locale.word("glass-lead", { count: minutes })}</p>
${fault !== undefined && html`<p class="notice danger" role="alert">${locale.word(`glass-fault-${fault}`)}</p>`}
<form class="account-form" method="post" action="/glass">
<fieldset>
<legend>${locale.word("glass-whom")}</legend>
${
  systems.length > 0 &&
  html`<label for="system">${locale.word("glass-system")}</label>
<select id="system" name="system">${systems.map((system) => html`<option value="${system}"${chosen(system === typed.system)}>${system}</option>`)}</select>
<label for="value">${locale.word("glass-value")}</label>
<input type="text" id="value" name="value" value="${typed.value}" autocomplete="off" maxlength="200" />
<p class="quiet">${locale.word("glass-or")}</p>`
}
<label for="document">${locale.word("glass-document")}</label>
<input type="text" id="document" name="document" value="${typed.document}" autocomplete="off" maxlength="500" dir="ltr" />
</fieldset>
<label for="reason">${locale.word("glass-reason")}</label>
<select id="reason" name="reason" required><option value=""></option>${reasons.map((reason) => html`<option value="${reason}"${chosen(reason === typed.reason)}>${locale.word(`glass-reason-${reason}`)}</option>`)}</select>
<label for="text">${locale.word("glass-text")}</label>
<textarea id="text" name="text" rows="3" required minlength="${textLengths.shortest}" maxlength="${textLengths.longest}" dir="auto">${typed.text}</textarea>
<p class="quiet">${locale.word("glass-watched")}</p>
<button>${locale.word("glass-break")}</button>
</form>`;
}

function listOf({ glass, next }: Extract<GlassPage, { kind: "list" }>, locale: Locale, now: Date): SafeHtml {
  return html`<h1>${locale.word("glass-list")}</h1>
<p class="lead">${locale.word(glass.length === 0 ? "glass-list-empty" : "glass-list-lead")}</p>
${
  glass.length > 0 &&
  html`<ul class="glass-list">
${glass.map(
  (one) => html`<li>
<p><strong><bdi>${one.person.name}</bdi></strong> <span class="quiet"><bdi>${one.person.subject}</bdi> ${one.person.roles.join(", ")}</span></p>
<p>${glassPatientLink(one, locale)}</p>
<p>${locale.word(`glass-reason-${one.reason}`)}: <q dir="auto">${one.text}</q></p>
<p>${timeOf(one.from, locale)} – ${timeOf(one.ended?.at ?? one.until, locale)} · ${locale.word(stateOf(one, now))}</p>
</li>`,
)}
</ul>`
}
${next !== undefined && html`<p><a class="button quiet-button" href="/audit/glass?page=${next}">${locale.word("glass-earlier")}</a></p>`}
<p><a href="${auditAddress({ purpose: "BTG" })}">${locale.word("audit-btg")}</a> · <a href="/audit">${locale.word("audit-title")}</a></p>`;
}

function stateOf({ until, ended }: ListedGlass, now: Date): string {
  if (ended?.by === "person") return "glass-state-person";
  return ended === undefined && now.getTime() < Date.parse(until) ? "glass-state-open" : "glass-state-time";
}
