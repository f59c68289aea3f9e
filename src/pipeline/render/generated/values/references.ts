/** References (R4 references.html): followed within the document only. */
import { html, type Part } from "../../html.ts";
import { containedIn } from "../../../../core/fhir/party.ts";
import { containedName, entryName } from "../names.ts";
import type { Wording } from "../place.ts";
import { containedPart } from "./contained.ts";
import { identifierOf } from "./people.ts";

/** What a reference leads to by its name, and the sender's own words for it where they differ. A contained resource is shown in its place: it stands nowhere else. */
export const reference: Wording = (unsaid, place) => {
  const url = unsaid.object.string("reference");
  const display = unsaid.string("display");
  const entry = url === undefined ? undefined : place.document.resolve(url, place.entry);
  if (entry !== undefined) {
    unsaid.drop("reference");
    unsaid.drop("type");
    place.mentions.name(entry);
    return named(entryName(entry, place), display);
  }
  const contained = url === "#" ? undefined : containedIn(place.entry.resource, url);
  if (contained !== undefined) {
    unsaid.drop("reference");
    unsaid.drop("type");
    return containedPart(contained, named(containedName(contained, place), display), place);
  }
  if (display !== undefined) return html`<bdi>${display}</bdi>`;
  const identifier = unsaid.object.object("identifier");
  if (identifier !== undefined) {
    unsaid.drop("identifier");
    return identifierOf(identifier, place);
  }
  unsaid.drop("reference");
  return url !== undefined && html`<bdi>${url}</bdi> <span class="also">(${place.locale.word("unresolved-reference")})</span>`;
};

function named(name: string, display: string | undefined): Part {
  if (display === undefined || name.includes(display)) return html`<bdi>${name}</bdi>`;
  return display.includes(name) ? html`<bdi>${display}</bdi>` : html`<bdi>${display}</bdi> <span class="also">(<bdi>${name}</bdi>)</span>`;
}
