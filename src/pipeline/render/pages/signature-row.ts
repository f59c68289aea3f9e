/** The results about one signature, alike wherever they are shown: on a document's page, on a verification, in a browser that verifies by itself. */
import { SIGNATURE_RESULTS, stateOf, type SignatureCheck } from "../../../core/signatures/signature-check.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

/**
 * The results about a signature, each of its own (R4 datatypes.html, Signature), in the words of the verification.
 * @param isOwnSeal it was held against our own certificates, and no trust file
 * @param more what else there is to tell
 */
export function signatureRow(
  check: SignatureCheck,
  locale: Locale,
  { isOwnSeal = false, more = [] }: { readonly isOwnSeal?: boolean; readonly more?: readonly Fact[] } = {},
): Part {
  const isXmlSeal = check.place === "XML seal";
  const isSeal = isXmlSeal || check.place === "seal";
  const isOwn = isSeal || check.place === "Bundle.signature";
  // The seal is nobody's statement about the patient.
  const results: Fact[] = SIGNATURE_RESULTS.filter((name) => !isSeal || name !== "signer").map((name) => ({
    label: locale.word(`result-${name}`),
    words: locale.word(isXmlSeal && name === "content" && check.block === "valid" ? "xml-seal-content" : resultKey(check, name, isOwnSeal)),
    reason: check.reasons?.[name],
  }));
  if (!isSeal && isOwn)
    results.push({ label: locale.word(check.signer === "valid" ? "role" : "role-claimed"), words: locale.word(`role-${check.role}`) });
  const { purpose } = check;
  if (purpose && purpose.result !== "claimed")
    results.push({ label: locale.word("signing-purpose"), words: locale.word(`purpose-${purpose.result}`), reason: purpose.signed.join(", ") });
  results.push(...more);
  const heading = locale.word(isXmlSeal ? "xml-seal" : isSeal ? "seal" : isOwn ? "signature-of-sender" : "signature-within");
  const whose = isOwn ? check.signerName : [check.signerName, check.place].filter((part) => part !== undefined).join(", ");
  return html`<li class="signature ${SIGNATURE_CLASSES[stateOf(check)]}">
<p class="signature-name">
${heading}${whose !== undefined && html`: <bdi>${whose}</bdi>`}${check.signedAt !== undefined && html` <span class="quiet">${locale.date(check.signedAt)}</span>`}
</p>
${
  check.reasons
    ? html`<ul class="results">
${results.map(factRow)}</ul>`
    : html`<p>${results.map(({ label, words, reason }) => html`<span class="fact"><span class="label">${label}</span> ${words}${reasonOf(reason)}</span> `)}</p>
<p class="quiet" lang="en"><bdi dir="ltr">${check.explanation}</bdi></p>`
}
</li> `;
}

/** A line about a signature. */
export interface Fact {
  readonly label: string;
  readonly words: string | SafeHtml;
  /** In English, as everywhere. */
  readonly reason?: string | undefined;
}

function factRow({ label, words, reason }: Fact): SafeHtml {
  return html`<li><span class="label">${label}</span> ${words}${reasonOf(reason)}</li>\n`;
}

/** Why, in English, as everywhere. */
export function reasonOf(reason: string | undefined): Part {
  return reason !== undefined && html` <span class="quiet" lang="en"><bdi dir="ltr">${reason}</bdi></span>`;
}

/** Our own certificate is not vouched for by us: it is the one that this repository holds, and whoever checks compares it with a trust file of theirs. */
function resultKey(check: SignatureCheck, name: (typeof SIGNATURE_RESULTS)[number], isOwnSeal: boolean): string {
  if (name !== "certificate") return `${name}-${check[name]}`;
  if (isOwnSeal && check.certificate === "valid") return "certificate-own";
  return check.certificate === "not-checked" ? `certificate-${check.standing}` : `certificate-${check.certificate}`;
}

const SIGNATURE_CLASSES = { proven: "valid", unconfirmed: "unconfirmed", unchecked: "unchecked", false: "invalid" } as const;
