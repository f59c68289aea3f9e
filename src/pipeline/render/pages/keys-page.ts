/** By which keys the repository seals and signs, for people: whoever doubts a document compares a fingerprint with one that they have from elsewhere. */
import type { LogKey, SealEnding } from "../../../core/crypto/keys.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { page, productHeader } from "./page.ts";
import { whence } from "./whence.ts";
import type { WhencePage } from "./verify-page.ts";

/** A certificate in words. */
export interface ShownCertificate {
  /** Names on one line. */
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hex, a colon between the bytes. */
  readonly serial: string;
  readonly fingerprint: string;
  readonly from: Date;
  readonly to: Date;
  readonly algorithm: string;
  /** What seals call its key. */
  readonly kid: string;
  /** Of its files, without the ending. */
  readonly file: string;
}

/** A log's keys, newest first. */
export interface ShownLog {
  readonly origin: string;
  readonly vkeys: readonly string[];
  /** What the log says of them; undefined where it had one key all its life. */
  readonly keys?: readonly LogKey[] | undefined;
}

export interface ShownKeys {
  /** Newest first. */
  readonly seals: readonly (ShownCertificate & {
    readonly isCurrent: boolean;
    /** That it was ended, because somebody else may have the key. */
    readonly ended: SealEnding | undefined;
    readonly chain: readonly ShownCertificate[];
  })[];
  /** The present log first. */
  readonly logs: readonly ShownLog[];
  /** Who watches the log; undefined: nobody. */
  readonly witnesses: { readonly rule: string; readonly parties: readonly { readonly name: string; readonly vkey: string }[] } | undefined;
}

/** Of a fingerprint in one line: as much as people read without losing their place. */
const LINE = /(?:[^:]+:?){1,8}/g;

export function renderKeysPage({ seals, logs, witnesses }: ShownKeys, { now, address, ...options }: WhencePage): string {
  const { locale } = options;
  const title = locale.word("keys-title");
  const main = html`<h1>${title}</h1>
<p>${locale.word("keys-lead")}</p>
<p>${locale.word("keys-caution")}</p>
${whence(address, { locale, now })}${seals.map(
    (seal, at) => html`<section class="key" aria-labelledby="seal-${at}">
<h2 id="seal-${at}">${locale.word(seal.isCurrent ? "keys-now" : "keys-past")}</h2>
${factsOf([...endingRows(seal.ended, locale), ...certificateRows(seal, now, locale)], locale)}
${
  seal.chain.length > 0 &&
  html`<h3>${locale.word("keys-chain")}</h3>
${seal.chain.map((above) => factsOf(certificateRows(above, now, locale), locale))}`
}</section>
`,
  )}${logs.map(
    (log, at) => html`<section class="key" aria-labelledby="log-${at}">
<h2 id="log-${at}">${locale.word(at === 0 ? "log-position" : "keys-log-past")}</h2>
${factsOf(logRows(log, locale), locale)}
</section>
`,
  )}${
    witnesses &&
    html`<section class="key" aria-labelledby="witnesses-title">
<h2 id="witnesses-title">${locale.word("verify-name-witnesses")}</h2>
${witnesses.rule !== "" && html`<p>${locale.phrase("keys-witness-rule", { rule: html`<bdi class="code" dir="ltr" lang="en">${witnesses.rule}</bdi>` })}</p>`}
<dl class="facts">
${witnesses.parties.map(({ name, vkey }) => html`<div><dt><bdi>${name}</bdi></dt><dd>${code(vkey)}</dd></div>\n`)}</dl>
</section>
`
  }<section aria-labelledby="programs-title">
<h2 id="programs-title">${locale.word("keys-programs")}</h2>
<ul>
<li><a href="/trust.json" download="trust.json">${locale.word("download-trust")}</a></li>
<li><a href="/.well-known/jwks.json">${locale.word("keys-set")}</a></li>
</ul>
</section>`;
  return page({ title: `${locale.word("product")} – ${title}`, kind: "keys-page", header: productHeader(locale), main }, options);
}

function factsOf(rows: readonly (readonly [label: string, value: Part])[], locale: Locale): SafeHtml {
  return html`<dl class="facts">
${rows.map(([label, value]) => html`<div><dt>${locale.word(label)}</dt><dd>${value}</dd></div>\n`)}</dl>
`;
}

function logRows({ origin, vkeys, keys }: ShownLog, locale: Locale): (readonly [string, Part])[] {
  const rows = vkeys.flatMap((vkey): (readonly [string, Part])[] => {
    const { until, ended } = keys?.find((key) => key.vkey === vkey) ?? {};
    return [
      ["keys-log-key", code(vkey)],
      ...(until ? [["keys-until", locale.date(until.toISOString())] as const] : []),
      ...endingRows(ended, locale),
    ];
  });
  return [["keys-log-origin", code(origin)], ...rows];
}

function endingRows(ended: Pick<SealEnding, "since" | "reason"> | undefined, locale: Locale): (readonly [string, Part])[] {
  if (ended === undefined) return [];
  return [["keys-not-trusted", html`<strong>${locale.date(ended.since.toISOString())}</strong>: <bdi>${ended.reason}</bdi>`]];
}

function certificateRows(shown: ShownCertificate, now: Date, locale: Locale): (readonly [string, Part])[] {
  const { subject, issuer, serial, fingerprint, from, to, algorithm, kid, file } = shown;
  const lines = fingerprint.match(LINE) ?? [];
  return [
    ["keys-subject", html`<bdi>${subject}</bdi>`],
    ["keys-issuer", issuer === subject ? locale.word("keys-itself") : html`<bdi>${issuer}</bdi>`],
    ["keys-serial", code(serial)],
    ["keys-fingerprint", html`<span class="code fingerprint" dir="ltr">${lines.map((line) => html`<span>${line}</span>`)}</span>`],
    ["keys-from", locale.date(from.toISOString())],
    ["keys-until", html`${locale.date(to.toISOString())}${to < now && html` <strong>(${locale.word("keys-ended")})</strong>`}`],
    ["keys-algorithm", code(algorithm)],
    ["keys-key", code(kid)],
    ["downloads", html`<a href="/certificates/${file}.pem" download>PEM</a> <a href="/certificates/${file}.der" download>DER</a>`],
  ];
}

function code(text: string): SafeHtml {
  return html`<bdi class="code" dir="ltr">${text}</bdi>`;
}
