import { html } from "../html.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** Where somebody can sign in, or out. */
export interface SignInLink {
  /** As people know it. */
  readonly name: string;
  readonly address: string;
}

/** Before somebody is let in: where that can be done. */
export function renderSignInPage(places: readonly SignInLink[], options: PageOptions): string {
  const { locale } = options;
  const main = html`<h1>${locale.word("sign-in")}</h1>
<p class="lead">${locale.word(places.length === 0 ? "sign-in-nowhere" : "sign-in-lead")}</p>
${places.map(({ name, address }) => html`<p><a class="button" href="${address}">${locale.phrase("sign-in-at", { name: html`<bdi>${name}</bdi>` })}</a></p>`)}`;
  return page({ title: `${locale.word("product")} – ${locale.word("sign-in")}`, kind: "sign-in-page", header: productHeader(locale), main }, options);
}

/** After somebody left. `onward`: where the issuer's own session ends. */
export function renderSignedOutPage(onward: SignInLink | undefined, options: PageOptions): string {
  const { locale } = options;
  const main = html`<h1>${locale.word("signed-out")}</h1>
<p class="lead">${locale.word("signed-out-lead")}</p>
${onward && html`<p><a class="button" href="${onward.address}">${locale.phrase("sign-out-at", { name: html`<bdi>${onward.name}</bdi>` })}</a></p>`}
<p><a class="button quiet-button" href="/sign-in">${locale.word("sign-in")}</a></p>`;
  return page(
    { title: `${locale.word("product")} – ${locale.word("signed-out")}`, kind: "sign-in-page", header: productHeader(locale), main },
    options,
  );
}
