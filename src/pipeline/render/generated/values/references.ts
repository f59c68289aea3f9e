/** References (R4 references.html): followed within the document only. */
import { html, type Part } from "../../html.ts";
import { containedIn } from "../../../../core/fhir/party.ts";
import { containedName, entryName } from "../names.ts";
import type { Wording } from "../render-context.ts";
import { containedPart } from "./contained.ts";
import { identifierOf } from "./people.ts";

/** What a reference leads to by its name, and the sender's own words for it where they differ. A contained resource is shown in its place: it stands nowhere else. */
export const reference: Wording = (unsaid, context) => {
  const url = unsaid.object.string("reference");
  const display = unsaid.string("display");
  const entry = url === undefined ? undefined : context.document.resolve(url, context.entry);
  if (entry !== undefined) {
    unsaid.drop("reference");
    unsaid.drop("type");
    context.mentions.name(entry);
    return named(entryName(entry, context), display);
  }
  const contained = url === "#" ? undefined : containedIn(context.entry.resource, url);
  if (contained !== undefined) {
    unsaid.drop("reference");
    unsaid.drop("type");
    return containedPart(contained, named(containedName(contained, context), display), context);
  }
  if (display !== undefined) return html`<bdi>${display}</bdi>`;
  const identifier = unsaid.object.object("identifier");
  if (identifier !== undefined) {
    unsaid.drop("identifier");
    return identifierOf(identifier, context);
  }
  unsaid.drop("reference");
  return url !== undefined && html`<bdi>${url}</bdi> <span class="also">(${context.locale.word("unresolved-reference")})</span>`;
};

function named(name: string, display: string | undefined): Part {
  if (display === undefined || name.includes(display)) return html`<bdi>${name}</bdi>`;
  return display.includes(name) ? html`<bdi>${display}</bdi>` : html`<bdi>${display}</bdi> <span class="also">(<bdi>${name}</bdi>)</span>`;
}
