/** Contained resources (R4 references.html): shown where they are referred to, and below what they stand in where nothing there refers to them. */
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { containedName } from "../names.ts";
import type { Place } from "../place.ts";
import { Unsaid } from "../unsaid.ts";

/** A contained resource in the place of a reference to it: its name and, the first time, all of it. */
export function containedPart(contained: JsonObject, name: Part, place: Place): Part {
  if (place.within.includes(contained) || place.mentions.rows.has(contained) || !place.mentions.beginWithin(contained)) return name;
  const inside: Place = { ...place, within: [...place.within, contained] };
  const type = place.definitions.definitionOf(contained.string("resourceType") ?? "");
  const rest = place.speaker.rest(new Unsaid(contained, type), inside);
  place.mentions.end(contained, String(rest).length);
  return isBlank(rest) ? name : joined([name, rest], " ");
}

/** Takes the contained resources out of what holds them: those that were not shown. To be asked after everything else of it was worded. */
export function containedLeft(unsaid: Unsaid, place: Place): Part {
  const left = unsaid.objects("contained").filter((contained) => !place.mentions.rows.has(contained) && !place.within.includes(contained));
  return joined(
    left.map((contained) => containedPart(contained, html`<bdi>${containedName(contained, place)}</bdi>`, place)),
    "; ",
  );
}
