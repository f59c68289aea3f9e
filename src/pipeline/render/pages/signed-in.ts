import { html, trusted, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { glassBanner, glassLink, type GlassMark } from "./glass-banner.ts";

/** Stands where a page says who is signed in, until it is known for whom it is written: pages are made for several. No text can hold it, since `<` is escaped in all of them. */
const PLACE = "<!--signed-in-->";
export function signedInMark(): SafeHtml {
  return trusted(PLACE);
}

/** A finished page, as somebody gets it; `name`: of who is signed in. */
export function withSignedIn(
  finished: string,
  name: string | undefined,
  { locale, glass, now }: { readonly locale: Locale; readonly glass?: GlassMark | undefined; readonly now: Date },
): string {
  if (name === undefined) return finished.replace(PLACE, "");
  const who = html`<form class="signed-in" aria-label="${locale.word("signed-in-as")} ${name}" method="post" action="/sign-out">
<span>${locale.word("signed-in-as")} <bdi>${name}</bdi></span>
${glass && glassLink(glass, locale)}
<button class="quiet-button">${locale.word("sign-out")}</button>
</form>${glass && glassBanner(glass, { locale, now })}`;
  return finished.replace(PLACE, () => who.text);
}
