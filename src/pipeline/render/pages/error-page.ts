import { html } from "../html.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

export interface ErrorFacts {
  readonly status: number;
  /** The error's code (core/errors.ts): some have words of their own. */
  readonly code: string;
  /** Written for whoever made the request. */
  readonly message: string;
  readonly requestId: string;
}

/** Any failure, for a person: what happened, and a way on. */
export function renderErrorPage({ status, code, message, requestId }: ErrorFacts, options: PageOptions): string {
  const { locale } = options;
  const own = [`error-${code}`, `error-${status}`].find((name) => locale.has(name));
  const key = own ?? (status >= 500 ? "error-500" : "error-other");
  const main = html`<h1>${locale.word(key)}</h1>
<p class="lead" lang="en" dir="auto">${message}</p>
<p><a class="button quiet-button" href="/">${locale.word("back-to-start")}</a></p>
<p class="quiet">${status} · ${locale.word("request-id", { id: requestId })}</p>`;
  return page({ title: `${locale.word("product")} – ${locale.word(key)}`, kind: "error-page", header: productHeader(locale), main }, options);
}
