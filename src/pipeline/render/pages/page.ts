import { printStyles, type Assets } from "./assets.ts";
import { html, trusted, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { signedInMark } from "./signed-in.ts";
import type { Halt } from "../../document-forms.ts";

/** What every page is told. */
export interface PageOptions {
  /** Canonicals of profiles that a file may be looked at by, as they are offered; undefined where no packages are loaded. */
  readonly profiles?: readonly string[] | undefined;
  readonly locale: Locale;
  /** True while there is no access control: every page says so. */
  readonly isOpen: boolean;
  /** A service that keeps nothing has no documents and keys to lead to. */
  readonly keepsNothing?: boolean | undefined;
  /** Why no document is taken now; every page on a screen says so. */
  readonly halt?: Halt["kind"] | undefined;
  readonly assets: Assets;
}

export interface PageContent {
  readonly title: string;
  /** A class of the body: which page this is. */
  readonly kind: string;
  /** Stands before `main`: the patient banner, or the name of the service. */
  readonly header: SafeHtml;
  readonly main: SafeHtml;
  /** The path of a script of ours, which the page's policy must allow: what a browser gives to script alone. */
  readonly script?: string;
  /** Id in `main` to which the skip link leads, and the key of its words. */
  readonly skipTo?: { readonly id: string; readonly word: string };
  /** `print`: one self-contained file without links into the service. */
  readonly medium?: "screen" | "print";
  /** A style sheet that its print has besides those of documents. */
  readonly sheet?: string;
}

/** Whoever writes these reads Han characters in their Japanese forms, if no language says otherwise. */
const KANA = /[\u3041-\u3096\u30a1-\u30fa]/;

/** The frame of every page: no script, styles by one link (screen) or inline (print). */
export function page(content: PageContent, { locale, isOpen, keepsNothing, halt, assets }: PageOptions): string {
  const isPrint = content.medium === "print";
  const text = [content.title, content.header.text, content.main.text].join(" ");
  const styles = isPrint
    ? html`<style>
${trusted(printStyles(content.sheet))}
</style>`
    : assets.stylesheetsFor(text).map((path, at) => html`${at > 0 && "\n"}<link rel="stylesheet" href="${path}" />`);
  const skipTo = content.skipTo ?? { id: "main", word: "skip-to-content" };
  return html`<!doctype html>
<html lang="${locale.language}" dir="${locale.direction}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="robots" content="noindex, nofollow" />
<meta name="referrer" content="same-origin" />
<title>${content.title}</title>
${styles}${
    content.script !== undefined &&
    html`
<script src="${content.script}" defer></script>`
  }
</head>
<body class="${content.kind} ${isPrint ? "print" : "screen"}${KANA.test(text) && " japanese"}">
${!isPrint && html`<a class="skip-link" href="#${skipTo.id}">${locale.word(skipTo.word)}</a>`}${!isPrint && halt && haltNotice(locale, halt)}${!isPrint && !isOpen && signedInMark()} ${content.header}
<main id="main">${content.main}</main>
${!isPrint && keepsNothing !== true && footer(locale, isOpen)}
</body>
</html> `.text;
}

/** The head of pages that are not about one patient. */
export function productHeader(locale: Locale): SafeHtml {
  return html`<header class="product">
<a href="/" class="product-name">${locale.word("product")}</a> <span class="product-line">${locale.word("product-line")}</span>
</header>`;
}

function haltNotice(locale: Locale, halt: Halt["kind"]): SafeHtml {
  return html`<p class="halt-notice" role="status"><strong>${locale.word("halted")}</strong> ${locale.word(`halted-${halt}`)}</p>`;
}

function footer(locale: Locale, isOpen: boolean): SafeHtml {
  return html`<footer class="page-footer">
${isOpen && html`<p class="open-notice">${locale.word("open-service")}</p>`}
<p><a href="/">${locale.word("back-to-start")}</a> · <a href="/certificates">${locale.word("keys-title")}</a></p>
</footer>`;
}
