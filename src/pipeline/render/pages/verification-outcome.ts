/** What came of a verification, alike on the service's pages and in a browser that verified by itself: nothing of Node is needed for it. */
import type { SignatureCheck } from "../../../core/signatures/signature-check.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { signatureRow } from "./signature-row.ts";

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

/** The verdict, then a line for each check. */
export function outcomeOf(result: VerificationResult, locale: Locale): SafeHtml {
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

/** What was checked, in the reader's language: the check itself says more, in English. A name that there are no words for stands as it is. */
function checkName(name: string, locale: Locale): SafeHtml {
  const key = `verify-name-${name.replaceAll(" ", "-")}`;
  if (!locale.has(key)) return html`<bdi class="check-name" dir="ltr">${name}</bdi>`;
  return html`<span class="check-name" lang="${locale.language}" dir="${locale.direction}">${locale.term(key)}</span>`;
}
