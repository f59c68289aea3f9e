import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { page, productHeader, type PageOptions } from "./page.ts";
import { verificationMain, verifiedShown, type Verified } from "./verification-form.ts";
import { whence } from "./whence.ts";
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

/** What a browser needs to verify by itself: the path of the script, and the trust file that is taken where none is chosen. */
export interface VerifierInPage {
  readonly script: string;
  readonly trust: string;
}

/** The form that sends a file (field `document`) to `POST /verify`, with a receipt and a trust file of one's own where there are any; and, once one was sent, what came of it. Where a browser runs our script, it verifies by itself and sends nothing. */
export function renderVerifyFilePage(sent: Verified | undefined, options: WhencePage & { readonly verifier?: VerifierInPage | undefined }): string {
  const { locale, verifier } = options;
  const { title, main } = verificationMain(sent && verifiedShown(sent, options), {
    ...{ locale, action: "/verify", hint: "verify-file-hint", trust: verifier?.trust },
    more: html`<p class="quiet">${verifier ? html`<a href="${VERIFIER_FILE}" download="verify.html">${locale.word("download-verifier")}</a>` : locale.word("verify-not-built")}</p>\n`,
  });
  const content = { title: `${locale.word("product")} – ${title}`, kind: "verify-page", header: productHeader(locale), main };
  return page({ ...content, ...(verifier && { script: verifier.script }) }, options);
}

/** Where the verifier is given as one file. */
export const VERIFIER_FILE = "/verify.html";

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
