/** What changes how a section is to be read (R4 composition.html: section.focus, mode, author, orderedBy, emptyReason), each in one line of ours above the section. */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { referenceText } from "../../../core/fhir/party.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

/** Lines that name the section, since they stand before its title. Empty where there is nothing to say. */
export function sectionRemarks(document: DocumentBundle, section: JsonObject, title: string | undefined, locale: Locale): SafeHtml[] {
  const { composition } = document;
  const mode = section.string("mode");
  const order = conceptText(section.object("orderedBy"));
  const empty = conceptText(section.object("emptyReason"));
  const focus = referenceText(document, section.object("focus"), composition);
  const authors = section
    .objects("author")
    .map((author) => referenceText(document, author, composition))
    .filter((name) => name !== undefined);
  const lines: SafeHtml[] = [];
  if (title === undefined) lines.push(html`<p class="untitled">${locale.word("untitled-section")}</p>\n`);
  say(focus !== undefined && locale.phrase("section-focus", { name: theirs(focus) }), true);
  say(mode !== undefined && locale.has(`mode-${mode}`) && locale.word(`mode-${mode}`), mode === "changes");
  say(authors.length > 0 && locale.phrase("section-author", { names: theirs(authors.join(", ")) }));
  say(order !== undefined && locale.phrase("ordered-by", { order: theirs(order) }));
  if (empty !== undefined) {
    const reason = { reason: theirs(empty) };
    say(section.has("text") ? locale.phrase("section-empty-reason", reason) : locale.phrase("section-empty", reason));
  }
  return lines;

  function say(words: Part, isStrong = false): void {
    if (words === false) return;
    const about = title !== undefined && html`<bdi class="remark-about">${title}</bdi>: `;
    lines.push(html`<p class="remark${isStrong && " strong"}">${about}${words}</p>\n`);
  }
}

function theirs(words: string): SafeHtml {
  return html`<bdi>${words}</bdi>`;
}
