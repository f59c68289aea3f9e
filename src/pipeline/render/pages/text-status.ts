/** How the document's texts were made, as their author says (R4 Narrative.status): whether a text was generated from data, or says more than they do. */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import { resolved } from "../../../core/fhir/party.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type SafeHtml } from "../html.ts";
import { joined } from "../generated/joined.ts";
import type { Locale } from "../locale.ts";

/** Names of texts on one line; the rest is counted. */
const MOST_NAMES = 30;

/** One line for each status, with the names of the texts that have it where they differ. */
export function textStatuses(document: DocumentBundle, title: string, locale: Locale): SafeHtml[] {
  const { composition } = document;
  const subject = resolved(document, composition.resource.object("subject"), composition);
  const byStatus = new Map<string, string[]>();
  if (subject) add(locale.word("subject"), subject.resource);
  add(title, composition.resource);
  addSections(composition.resource);
  return [...byStatus].map(([status, names]) => {
    const words = locale.code("text-status", status);
    if (byStatus.size === 1) return html`${words}`;
    const more = names.length - MOST_NAMES;
    return html`${words}: ${joined(
      names.slice(0, MOST_NAMES).map((name) => html`<bdi>${name}</bdi>`),
      ", ",
    )}${more > 0 && ` ${locale.count("more-authors", more)}`}`;
  });

  function add(name: string, holder: JsonObject): void {
    const text = holder.object("text");
    const status = text?.string("status");
    if (status === undefined || text?.has("div") !== true) return;
    const names = byStatus.get(status) ?? [];
    names.push(name);
    byStatus.set(status, names);
  }

  function addSections(holder: JsonObject): void {
    for (const section of holder.objects("section")) {
      add(section.string("title") ?? conceptText(section.object("code")) ?? locale.word("untitled-section"), section);
      addSections(section);
    }
  }
}
