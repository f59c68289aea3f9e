import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { page, productHeader, whence, type PageOptions } from "./page.ts";
import { outcomeOf, type VerificationResult } from "./verification-outcome.ts";

/** A page about something that was looked at here and now. */
export interface WhencePage extends PageOptions {
  /** Of the page: absolute. */
  readonly address: string;
  readonly now: Date;
}

/** The verification in words, and how to make it without trusting the one who made it here. */
export function renderVerifyPage(id: string, result: VerificationResult, options: WhencePage): string {
  const { locale } = options;
  const main = html`<p class="page-back"><a href="/documents/${id}">${locale.word("back-to-document")}</a></p>
<h1>${locale.word("verify-title")}</h1>
${outcomeOf(result, locale)}
${whence(options.address, options)}${offline(id, locale)}`;
  return page(
    { title: `${locale.word("product")} – ${locale.word("verify-title")}`, kind: "verify-page", header: productHeader(locale), main },
    options,
  );
}

/** The form that sends a file (field `document`) to `POST /verify`, with a receipt and a trust file of one's own where there are any; and, once one was sent, what came of it. */
export function renderVerifyFilePage(sent: { readonly name: string; readonly result: VerificationResult } | undefined, options: WhencePage): string {
  const { locale } = options;
  const title = locale.word(sent ? "verify-title" : "verify-file");
  const field = (name: string, label: string, isNeeded: boolean): SafeHtml => html`<p><label for="${name}">${locale.word(label)}</label>
<input type="file" id="${name}" name="${name}"${isNeeded && " required"}></p>
`;
  const main = html`<h1>${title}</h1>
${sent && html`<p><bdi class="code">${sent.name}</bdi></p>\n${outcomeOf(sent.result, locale)}\n${whence(options.address, options)}`}
<section class="deposit" aria-labelledby="verify-file-title">
<h2 id="verify-file-title"${!sent && html` class="unseen"`}>${locale.word("verify-file")}</h2>
<form method="post" action="/verify" enctype="multipart/form-data">
${field("document", "verify-file-label", true)}${field("receipt", "download-receipt", false)}${field("trust", "download-trust", false)}<span class="deposit-buttons"><button type="submit">${locale.word("verify-file")}</button></span>
</form>
<p class="quiet">${locale.word("verify-file-hint")}</p>
</section>`;
  return page({ title: `${locale.word("product")} – ${title}`, kind: "verify-page", header: productHeader(locale), main }, options);
}

function offline(id: string, locale: Locale): SafeHtml {
  const command = "chartulary verify document --receipt receipt.json --trust trust.json";
  return html`<section aria-labelledby="offline-title">
<h2 id="offline-title">${locale.word("verify-offline")}</h2>
<p>${locale.word("verify-offline-text")}</p>
<ul>
<li><a href="/fhir/Binary/${id}" download="document">${locale.word("download-original")}</a> <code class="code">document</code></li>
<li><a href="/documents/${id}/receipt" download="receipt.json">${locale.word("download-receipt")}</a> <code class="code">receipt.json</code></li>
<li><a href="/trust.json" download="trust.json">${locale.word("download-trust")}</a> <code class="code">trust.json</code></li>
</ul>
<p><a href="/certificates">${locale.word("keys-title")}</a></p>
<p>${locale.word("verify-offline-then")}</p>
<pre class="code command" dir="ltr">${command}</pre>
</section>`;
}
