/** Where files are chosen that are to be verified, and what came of them: the same on the service's page and in a browser that verifies by itself, so nothing of Node is needed for it. */
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { outcomeOf, type VerificationResult } from "./verification-outcome.ts";
import { whence, type WhenceFact } from "./whence.ts";

/** What is chosen: the names of the form's fields, and the words beside each. */
export const VERIFIED_FILES = {
  document: "verify-file-label",
  receipt: "download-receipt",
  trust: "download-trust",
  record: "download-record",
} as const;

/** A field of the form. */
export type VerifiedFile = keyof typeof VERIFIED_FILES;

/** What was verified, and what came of it. */
export interface Verified {
  readonly name: string;
  readonly result: VerificationResult;
}

/** When and where it was. */
interface VerifiedWhen {
  readonly locale: Locale;
  readonly now: Date;
  /** Of the page, absolute; undefined for a file that stands alone. */
  readonly address: string | undefined;
  /** What it was held against. */
  readonly against?: readonly WhenceFact[];
}

/** A heading, what came of it once something was verified, and the form for the next. */
export interface VerificationMain {
  readonly title: string;
  readonly main: SafeHtml;
}

/** How the form works: sent to `POST /verify`, or kept in the browser. */
export interface FormOptions {
  readonly action: string | undefined;
  /** The key of the words that say what the files are held against. */
  readonly hint: "verify-file-hint" | "verify-alone-hint";
  /** The repository's own trust file, for a script that verifies where none is chosen. */
  readonly trust?: string | undefined;
  /** Stands below the form. */
  readonly more?: SafeHtml | undefined;
}

/** The heading that stands above an outcome, or above the form alone. */
export function verificationTitle(locale: Locale, isVerified: boolean): string {
  return locale.word(isVerified ? "verify-title" : "verify-file");
}

/** What came of a verification, with what it is of. */
export function verifiedShown({ name, result }: Verified, { address, against, ...when }: VerifiedWhen): SafeHtml {
  return html`<p><bdi class="code">${name}</bdi></p>
${outcomeOf(result, when.locale)}
${whence(address, when, against)}`;
}

/** What stands in `main`; `outcome` (verifiedShown) is there once something was verified. A script of ours finds its places by their ids. */
export function verificationMain(outcome: SafeHtml | undefined, options: FormOptions & { readonly locale: Locale }): VerificationMain {
  const { locale, action, hint, trust, more } = options;
  const title = verificationTitle(locale, outcome !== undefined);
  const field = ([name, label]: readonly [string, string]): SafeHtml => html`<p><label for="${name}">${locale.word(label)}</label>
<input type="file" id="${name}" name="${name}"${name === "document" && " required"}></p>
`;
  const main = html`<h1 id="verification" tabindex="-1">${title}</h1>
<div id="outcome">${outcome}</div>
<section class="deposit verifier" id="verifier" aria-labelledby="verify-file-title"${trust !== undefined && html` data-trust="${trust}"`}>
<h2 id="verify-file-title"${outcome === undefined && html` class="unseen"`}>${locale.word("verify-file")}</h2>
<p class="verifier-here" id="verifier-here" hidden>${locale.word("verify-here")}</p>
<form${action !== undefined && html` method="post" action="${action}" enctype="multipart/form-data"`}>
${Object.entries(VERIFIED_FILES).map(field)}<span class="deposit-buttons"><button type="submit">${locale.word("verify-file")}</button></span>
</form>
<p id="verifier-status" role="status"></p>
<p class="quiet">${locale.word(hint)}</p>
${more}</section>`;
  return { title, main };
}
