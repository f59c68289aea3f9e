/** Why the document can be believed: one line below the title, and the whole chain after the document. */
import { stateOf } from "../../../core/signatures/signature-check.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { SealTime, SignatureCheck, XmlSealShown } from "../../document-forms.ts";
import { declaredProfiles } from "./declared-profiles.ts";
import { heldAgainst } from "./held-against.ts";
import type { PresentedDocument } from "./presented.ts";
import { reasonOf, signatureRow, type Fact } from "./signature-row.ts";
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
${heldAgainst(presented.profiles, locale)}${declaredProfiles(presented.document, presented.profiles, locale)}${isPrint && digests}</dl>
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

const SEAL_WORDS = { proven: "proof-unchanged", unconfirmed: "proof-unchanged", unchecked: "proof-seal-unchecked", false: "proof-broken" } as const;

function bare(digest: string): string {
  return digest.replace(/^sha256:/, "");
}
