/** The verifier for browsers: as a script of the page `/verify`, and as one file that is all there is to take along. */
import { createHash } from "node:crypto";
import { html, trusted } from "../html.ts";
import { LANGUAGES } from "../locale.ts";
import { localeFor } from "../locale-for.ts";
import { pathOf, screenStyles } from "./assets.ts";
import type { Asset } from "./web-fonts.ts";

/** The verifier as it was built. */
export interface PageVerifier {
  /** Of its script, which names its content. */
  readonly path: string;
  readonly asset: Asset;
  /** The file to take along: a page that may run its one script and its one style sheet, and ask nobody. */
  file(): string;
}

/** @param load gives the script, or undefined where it was not built; asked once, when it is first needed */
export function createPageVerifier(load: () => Promise<string | undefined>): () => Promise<PageVerifier | undefined> {
  let loaded: Promise<PageVerifier | undefined> | undefined;
  return () => (loaded ??= load().then((script) => (script === undefined ? undefined : verifierOf(script))));
}

function verifierOf(script: string): PageVerifier {
  return { path: pathOf(script, "js"), asset: { body: script, contentType: "text/javascript; charset=utf-8" }, file: () => fileOf(script) };
}

function fileOf(given: string): string {
  // Within a page this would begin a comment, wherever it stands in a text of the script.
  const script = given.replaceAll("<!--", String.raw`\x3c!--`);
  const styles = screenStyles();
  const policy = [
    "default-src 'none'",
    "connect-src 'none'",
    `script-src ${hashOf(script)}`,
    "worker-src blob:",
    `style-src ${hashOf(styles)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const english = localeFor(["en"]);
  const unable = LANGUAGES.map((language) => ({ language, words: localeFor([language]).word("verify-needs-script") }));
  return html`<!doctype html>
<html lang="en" data-verifier="alone">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${policy}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="referrer" content="no-referrer" />
<title>${english.word("product")} – ${english.word("verify-file")}</title>
<style>${trusted(styles)}</style>
</head>
<body class="verify-page screen">
<header class="product" id="head"></header>
<main id="main"><noscript>${unable.map(({ language, words }) => html`<p lang="${language}">${words}</p>\n`)}</noscript></main>
<script>${trusted(script)}</script>
</body>
</html>
`.text;
}

/** A source that a policy allows by its content (CSP level 3, hash-source). */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
