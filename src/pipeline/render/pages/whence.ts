import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

/** A fact about where a page comes from. */
export interface WhenceFact {
  readonly label: string;
  readonly value: Part;
}

/** Whose page it is and of when: what is printed or handed on would tell neither. @param more what else it was made from */
export function whence(
  address: string | undefined,
  { locale, now }: { readonly locale: Locale; readonly now: Date },
  more: readonly WhenceFact[] = [],
): SafeHtml {
  return html`<dl class="facts whence">
${more.map(({ label, value }) => html`<div><dt>${label}</dt><dd><bdi class="code">${value}</bdi></dd></div>\n`)}${address !== undefined && html`<div><dt>${locale.word("address")}</dt><dd><bdi class="code" dir="ltr">${address}</bdi></dd></div>\n`}<div><dt>${locale.word("verify-name-time")}</dt><dd><time datetime="${now.toISOString()}">${locale.date(now.toISOString())}</time></dd></div>
</dl>
`;
}
