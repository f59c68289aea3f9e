import type { SignatureCheck } from "../../document-forms.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { page, productHeader, whence, type PageOptions } from "./page.ts";
import { signatureRow } from "./proof.ts";

/** What came of a verification: one line a check. */
export interface VerificationResult {
  readonly checks: readonly { readonly name: string; readonly result: keyof typeof RESULT_WORDS; readonly text: string }[];
  readonly verdict: keyof typeof VERDICT_CLASSES;
  readonly signatures: readonly SignatureCheck[];
}

const RESULT_WORDS = {
  pass: "verify-pass",
  fail: "verify-failed",
  "not-confirmed": "verify-unsure",
  "not-made": "verify-skipped",
  info: "verify-info",
  damaged: "verify-damaged",
} as const;
const VERDICT_CLASSES = { proven: "good", false: "bad", "not-confirmed": "doubtful", incomplete: "doubtful" } as const;

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

/** The verdict, then a line for each check. */
function outcomeOf(result: VerificationResult, locale: Locale): SafeHtml {
  const isDamaged = result.checks.some((check) => check.result === "damaged");
  // Not every check was passed of a document that is proved without what is damaged.
  const verdict =
    !(isDamaged && result.verdict === "proven") &&
    html`<p class="verdict ${VERDICT_CLASSES[result.verdict]}"><strong>${locale.word(`verdict-${result.verdict}`)}</strong></p>\n`;
  const beside = isDamaged && html`<p class="verdict doubtful"><strong>${locale.word("verify-damaged-beside")}</strong></p>\n`;
  return html`${verdict}${beside}<ol class="checks" lang="en">
${result.checks.map(({ name, result: outcome, text }) => html`<li class="check ${outcome}"><span class="check-result" lang="${locale.language}">${locale.word(RESULT_WORDS[outcome])}</span> ${checkName(name, locale)} <bdi class="check-text" dir="ltr">${text}</bdi></li>\n`)}</ol>
${signaturesOf(result, locale)}`;
}

function signaturesOf({ signatures }: VerificationResult, locale: Locale): Part {
  return (
    signatures.length > 0 &&
    html`<section class="proof" aria-labelledby="signatures-title">
<h2 id="signatures-title">${locale.word("signatures")}</h2>
<ul class="signatures">
${signatures.map((check) => signatureRow(check, locale))}
</ul>
</section>`
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
<p><a href="/certificates">${locale.word("keys-title")}</a></p>
<p>${locale.word("verify-offline-then")}</p>
<pre class="code command" dir="ltr">${command}</pre>
</section>`;
}

/** What was checked, in the reader's language: the check itself says more, in English. A name that there are no words for stands as it is. */
function checkName(name: string, locale: Locale): SafeHtml {
  const key = `verify-name-${name.replaceAll(" ", "-")}`;
  if (!locale.has(key)) return html`<bdi class="check-name" dir="ltr">${name}</bdi>`;
  return html`<span class="check-name" lang="${locale.language}" dir="${locale.direction}">${locale.term(key)}</span>`;
}
