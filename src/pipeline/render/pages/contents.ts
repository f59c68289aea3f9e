/** What a reader needs before the first line: the way back, the PDF, and a list of the sections. On a screen only: a PDF has an outline. */
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { SectionPlace } from "../narrative/attested.ts";

/** Fewer are in sight anyway. */
const LEAST_SECTIONS = 3;

/** Longer lists are folded: on a telephone they would push the document out of sight. */
const MOST_OPEN = 8;

/** More would be a document of their own: then those of the first level are listed, and no more than these. */
const MOST_LISTED = 200;

export function pageActions(id: string, isAboutPatient: boolean, locale: Locale): SafeHtml {
  return html`<nav class="page-actions" aria-label="${locale.word("page-actions")}">
<a href="/">${locale.word("back-to-start")}</a> <a href="/documents/${id}.pdf">${locale.word("download-pdf")}</a>${isAboutPatient && html` <a href="/documents/${id}/patient">${locale.word("patient-all-documents")}</a>`}
</nav>
`;
}

/** Links to the sections; those within others are set off. Undefined for a document of few. */
export function contents(sections: readonly SectionPlace[], locale: Locale): SafeHtml | undefined {
  const listed = sections.length > MOST_LISTED ? sections.filter(({ level }) => level === 2).slice(0, MOST_LISTED) : sections;
  if (listed.length < LEAST_SECTIONS) return undefined;
  const items = listed.map(
    ({ level, title, id }) =>
      html`<li class="level-${Math.min(level, 6)}"><a href="#${id}"><bdi>${title ?? locale.word("untitled-section")}</bdi></a></li>\n`,
  );
  return html`<nav class="contents" aria-label="${locale.word("sections")}">
<details${listed.length <= MOST_OPEN && html` open=""`}>
<summary>${locale.word("sections-count", { count: sections.length })}</summary>
<ul>
${items}</ul>
</details>
</nav>
`;
}
