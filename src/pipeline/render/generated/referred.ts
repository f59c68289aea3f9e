/** What a section's entries refer to and nobody shows: who did it, where, for which payer. Folded, since names stand with the entries. */
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { isBlank } from "./joined.ts";
import { listed } from "./listed.ts";
import type { RenderContext } from "./render-context.ts";
import { isThePatient } from "./subject.ts";

/** @param inSections what sections show themselves */
export function referredTo(context: RenderContext, inSections: ReadonlySet<JsonObject>): Part {
  const { mentions, document, locale } = context;
  const found: Part[] = [];
  for (;;) {
    const entry = mentions.next((one) => inSections.has(one.resource) || one === document.composition || isThePatient(one, context));
    if (entry === undefined) break;
    const told = listed({ entry, marks: [], tone: "plain" }, context);
    if (isBlank(told)) break;
    found.push(told);
  }
  if (found.length === 0) return "";
  return html`<details class="referred"><summary>${locale.count("referred-to", found.length)}</summary>
${found}</details>
`;
}
