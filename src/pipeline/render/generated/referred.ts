/** What a section's entries refer to and nobody shows: who did it, where, for which payer. Folded, since names stand with the entries. */
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { isBlank } from "./joined.ts";
import { listed } from "./listed.ts";
import type { Place } from "./place.ts";
import { isThePatient } from "./subject.ts";

/** @param inSections what sections show themselves */
export function referredTo(place: Place, inSections: ReadonlySet<JsonObject>): Part {
  const { mentions, document, locale } = place;
  const found: Part[] = [];
  for (;;) {
    const entry = mentions.next((one) => inSections.has(one.resource) || one === document.composition || isThePatient(one, place));
    if (entry === undefined) break;
    const told = listed({ entry, marks: [], tone: "plain" }, place);
    if (isBlank(told)) break;
    found.push(told);
  }
  if (found.length === 0) return "";
  return html`<details class="referred"><summary>${locale.count("referred-to", found.length)}</summary>
${found}</details>
`;
}
