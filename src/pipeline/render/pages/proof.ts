/** Why the document can be believed: one line below the title, and the whole chain after the document. */
import { SIGNATURE_RESULTS, stateOf } from "../../../core/signatures/signature-check.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { SealTime, SignatureCheck, XmlSealShown } from "../../document-forms.ts";
import { declaredProfiles } from "./declared-profiles.ts";
import type { PresentedDocument } from "./presented.ts";
import { originOf } from "./warnings.ts";

/** `Sealed 14-Mar-2026 09:31 UTC · signature of Dr A. Meyer valid · unchanged since` */
export function proofLine({ seal, signatures, receivedAt, isUndeposited }: PresentedDocument, locale: Locale): SafeHtml {
  const [first] = signatures;
  const states = [...(isUndeposited ? [] : [seal]), ...signatures].map(stateOf);
  const look = states.includes("false") ? "bad" : !isUndeposited && states.every((state) => state === "proven") ? "good" : "doubtful";
  const theirs = first === undefined ? locale.word("proof-unsigned") : signatureWords(signatures, locale);
  const sealed = locale.word("proof-sealed", { date: locale.date(seal.signedAt ?? receivedAt) });
  const parts = isUndeposited ? [locale.word("proof-undeposited"), theirs] : [sealed, theirs, locale.word(SEAL_WORDS[stateOf(seal)])];
  return html`<p class="proof-line ${look}">${parts.join(" · ")} <a href="#proof">${locale.word("proof-more")}</a></p>`;
}

export function proofSection(presented: PresentedDocument, locale: Locale, isPrint: boolean): SafeHtml {
  const { seal, signatures, position, bytesDigest, canonicalDigest, url } = presented;
  const isDeposited = !presented.isUndeposited;
  const theirs = signatures.map((check) => signatureRow(check, locale));
  const rows = isDeposited ? [...theirs, signatureRow(seal, locale, { isOwnSeal: true }), xmlSealRow(presented.xmlSeal, locale)] : theirs;
  const verify = html`<a href="${originOf(presented)}/documents/${presented.id}/verify">${locale.word("check-now")}</a>`;
  // For an auditor: on a screen they are opened by whoever wants them.
  const digests = html`<div>
<dt>${locale.word("digest-submitted")}</dt>
<dd class="code">${bare(bytesDigest)}</dd>
</div>
<div>
<dt>${locale.word("digest-canonical")}</dt>
<dd class="code">${bare(canonicalDigest)}</dd>
</div>
${
  presented.sealCertificate !== undefined &&
  html`<div>
<dt>${locale.word("digest-certificate")}</dt>
<dd class="code">${bare(presented.sealCertificate)}</dd>
</div>
`
}`;
  return html`<section class="proof" id="proof" aria-labelledby="proof-title">
<h2 id="proof-title">${locale.word("proof")}</h2>
<ul class="signatures">
${rows}${signatures.length === 0 && html`<li><p>${locale.word("unsigned")}</p></li> `}
</ul>
<dl class="facts">
${
  isDeposited &&
  html`<div>
<dt>${locale.word("log-position")}</dt>
<dd>${locale.word("log-entry", { index: position.index, size: position.treeSize })}${!isPrint && html` · ${verify}`}</dd>
</div>`
}
${
  url !== "" &&
  html`<div>
<dt>${locale.word("address")}</dt>
<dd class="code">${url}</dd>
</div>`
}
${declaredProfiles(presented.document, locale)}${isPrint && digests}</dl>
${
  !isPrint &&
  html`<details class="folded">
<summary>${locale.word("digests")}</summary>
<dl class="facts">
${digests}</dl>
</details>`
}
${
  !isPrint &&
  html`<details>
<summary>${locale.word("checkpoint")}</summary>
<pre class="code" dir="ltr" tabindex="0">${position.checkpoint}</pre>
</details>`
}
</section>`;
}

/** What is told of the XML seal, which is made behind the deposit. Whether it covers the document is for the verification to say. */
function xmlSealRow(shown: XmlSealShown | undefined, locale: Locale): Part {
  if (shown === undefined) return false;
  if (shown.kind === "sealed") return signatureRow(shown.check, locale, { isOwnSeal: true, more: [stampFact(shown.time, locale)] });
  const { kind } = shown;
  return html`<li class="signature ${kind === "damaged" ? "invalid" : "unchecked"}">
<p class="signature-name">${locale.word("xml-seal")}</p>
<p>${locale.word(MISSING_WORDS[kind])}${reasonOf(kind === "unknown" ? undefined : shown.reason)}</p>
</li> `;
}

/** Its time-stamp: when, and who says so, where that is confirmed. */
function stampFact(time: SealTime | undefined, locale: Locale): Fact {
  const label = locale.word("time-stamp");
  if (time === undefined) return { label, words: locale.word("time-stamp-none") };
  const { says, result, text } = time;
  if (result === "pass" && says) return { label, words: html`${locale.date(says.at)}, <bdi>${says.by}</bdi>` };
  return { label, words: locale.word(STAMP_WORDS[result]), reason: text };
}

const MISSING_WORDS = { unknown: "xml-seal-unknown", impossible: "xml-seal-impossible", damaged: "xml-seal-damaged" } as const;
const STAMP_WORDS = { pass: "verify-pass", fail: "verify-failed", "not-made": "verify-skipped", info: "verify-unsure" } as const;

/** Everything that can be taken away: the document in each of its forms, and the receipt. */
export function downloads({ id }: PresentedDocument, locale: Locale): SafeHtml {
  const links: readonly (readonly [string, string])[] = [
    ["download-pdf", `/documents/${id}.pdf`],
    ["download-original", `/fhir/Binary/${id}`],
    ["download-json", `/fhir/Bundle/${id}?_format=json&_pretty=true`],
    ["download-xml", `/fhir/Bundle/${id}?_format=xml&_pretty=true`],
    ["download-receipt", `/documents/${id}/receipt`],
    ["download-record", `/documents/${id}/record`],
    ["download-trust", "/trust.json"],
  ];
  return html`<nav class="downloads" aria-label="${locale.word("downloads")}">
<h2>${locale.word("downloads")}</h2>
<ul>
${links.map(([word, path]) => html`<li><a href="${path}">${locale.word(word)}</a></li>`)}
</ul>
</nav>`;
}

/** Intact is one thing, and whose it is another: that certificate and signer say. */
function signatureWords(signatures: readonly SignatureCheck[], locale: Locale): string {
  const states = signatures.map(stateOf);
  if (states.includes("false")) return locale.word("proof-signature-invalid");
  if (states.includes("unchecked")) return locale.word("proof-signature-unchecked");
  const names = signatures.map(({ signerName }) => signerName).filter((name) => name !== undefined);
  const name = names.join(", ");
  if (states.includes("unconfirmed")) return name === "" ? locale.word("proof-intact-unnamed") : locale.word("proof-intact", { name });
  return name === "" ? locale.word("proof-signed-unnamed") : locale.word("proof-signed", { name });
}

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

interface Fact {
  readonly label: string;
  readonly words: string | SafeHtml;
  /** In English, as everywhere. */
  readonly reason?: string | undefined;
}

function factRow({ label, words, reason }: Fact): SafeHtml {
  return html`<li><span class="label">${label}</span> ${words}${reasonOf(reason)}</li>\n`;
}

function reasonOf(reason: string | undefined): Part {
  return reason !== undefined && html` <span class="quiet" lang="en"><bdi dir="ltr">${reason}</bdi></span>`;
}

/** Our own certificate is not vouched for by us: it is the one that this repository holds, and whoever checks compares it with a trust file of theirs. */
function resultKey(check: SignatureCheck, name: (typeof SIGNATURE_RESULTS)[number], isOwnSeal: boolean): string {
  if (name !== "certificate") return `${name}-${check[name]}`;
  if (isOwnSeal && check.certificate === "valid") return "certificate-own";
  return check.certificate === "not-checked" ? `certificate-${check.standing}` : `certificate-${check.certificate}`;
}

const SEAL_WORDS = { proven: "proof-unchanged", unconfirmed: "proof-unchanged", unchecked: "proof-seal-unchecked", false: "proof-broken" } as const;
const SIGNATURE_CLASSES = { proven: "valid", unconfirmed: "unconfirmed", unchecked: "unchecked", false: "invalid" } as const;

function bare(digest: string): string {
  return digest.replace(/^sha256:/, "");
}
