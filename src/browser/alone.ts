/** The verifier as one file that somebody took along: it has no service that would write its page, so it writes it itself, in the language of the browser or any other that there is. */
import { html, type SafeHtml } from "../pipeline/render/html.ts";
import { LANGUAGES, type Locale } from "../pipeline/render/locale.ts";
import { verificationMain, VERIFIED_FILES, type VerifiedFile } from "../pipeline/render/pages/verification-form.ts";
import { byId, inputOf } from "./places.ts";

/** Whether this page is that file. */
export function isAlone(): boolean {
  return document.documentElement.dataset["verifier"] === "alone";
}

/** What works on the page that was written. */
interface Working<Self> {
  /** Goes on with what another showed. */
  continue(from: Self): void;
  close(): void;
}

/** @param open has it work, once it is written */
export function standAlone<Page extends Working<Page>>(localeFor: (preferences: readonly string[]) => Locale, open: (locale: Locale) => Page): void {
  let page = write(localeFor(navigator.languages));

  function write(locale: Locale): Page {
    const root = document.documentElement;
    [root.lang, root.dir] = [locale.language, locale.direction];
    byId("head").innerHTML =
      html`<span class="product-name">${locale.word("product")}</span> <span class="product-line">${locale.word("product-line")}</span>`.text;
    const { title, main } = verificationMain(undefined, { locale, action: undefined, hint: "verify-alone-hint", more: languages(locale) });
    document.title = `${locale.word("product")} – ${title}`;
    byId("main").innerHTML = main.text;
    byId("language").addEventListener("change", ({ target }) => change((target as HTMLSelectElement).value));
    return open(locale);
  }

  /** The files stay chosen, and what came of them stays shown. */
  function change(language: string): void {
    const fields = Object.keys(VERIFIED_FILES) as readonly VerifiedFile[];
    const chosen = fields.map((name) => [name, inputOf(name).files] as const);
    const before = page;
    before.close();
    page = write(localeFor([language]));
    for (const [name, files] of chosen) inputOf(name).files = files;
    page.continue(before);
    byId("language").focus();
  }
}

function languages(locale: Locale): SafeHtml {
  const names = LANGUAGES.map((language) => ({ language, name: new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language }));
  return html`<p><label for="language">${locale.word("element-language")}</label>
<select id="language">
${names.map(({ language, name }) => html`<option value="${language}" lang="${language}"${language === locale.language && html` selected`}>${name}</option>\n`)}</select></p>
`;
}
