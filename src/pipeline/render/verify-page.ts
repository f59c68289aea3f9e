import { html, type SafeHtml } from "./html.ts";
import type { Locale } from "./locale.ts";
import { page, productHeader, type PageOptions } from "./page.ts";

/** What came of a verification: one line a check. */
export interface VerificationResult {
  readonly checks: readonly { readonly name: string; readonly result: "pass" | "fail" | "not-made" | "info"; readonly text: string }[];
  /** 0: all passed; 1: one failed; 2: none failed, but one could not be made. */
  readonly exitCode: 0 | 1 | 2;
}

const VERDICTS = ["verify-all-pass", "verify-fail", "verify-not-made"] as const;
const RESULT_WORDS = { pass: "verify-pass", fail: "verify-failed", "not-made": "verify-skipped", info: "verify-info" } as const;
const VERDICT_CLASSES = ["good", "bad", "doubtful"] as const;

/** The verification in words, and how to make it without trusting the one who made it here. */
export function renderVerifyPage(id: string, result: VerificationResult, options: PageOptions): string {
  const { locale } = options;
  const main = html`<p><a href="/documents/${id}">${locale.word("back-to-document")}</a></p>
<h1>${locale.word("verify-title")}</h1>
<p class="verdict ${VERDICT_CLASSES[result.exitCode]}"><strong>${locale.word(VERDICTS[result.exitCode])}</strong></p>
<ol class="checks" lang="en">
${result.checks.map(({ name, result: outcome, text }) => html`<li class="check ${outcome}"><span class="check-result" lang="${locale.language}">${locale.word(RESULT_WORDS[outcome])}</span> <span class="check-name">${capital(name)}</span> <span class="check-text">${text}</span></li>\n`)}</ol>
${offline(id, locale)}`;
  return page(
    { title: `${locale.word("product")} – ${locale.word("verify-title")}`, kind: "verify-page", header: productHeader(locale), main },
    options,
  );
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
<p>${locale.word("verify-offline-then")}</p>
<pre class="code command" dir="ltr" tabindex="0">${command}</pre>
</section>`;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
