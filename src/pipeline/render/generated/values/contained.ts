/** Contained resources (R4 references.html): shown where they are referred to, and below what they stand in where nothing there refers to them. */
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { containedName } from "../names.ts";
import type { RenderContext } from "../render-context.ts";
import { Unsaid } from "../unsaid.ts";

/** A contained resource in the place of a reference to it: its name and, the first time, all of it. */
export function containedPart(contained: JsonObject, name: Part, context: RenderContext): Part {
  if (context.within.includes(contained) || context.mentions.rows.has(contained) || !context.mentions.beginWithin(contained)) return name;
  const inside: RenderContext = { ...context, within: [...context.within, contained] };
  const type = context.definitions.definitionOf(contained.string("resourceType") ?? "");
  const rest = context.speaker.rest(new Unsaid(contained, type), inside);
  context.mentions.end(contained, String(rest).length);
  return isBlank(rest) ? name : joined([name, rest], " ");
}

/** Takes the contained resources out of what holds them: those that were not shown. To be asked after everything else of it was worded. */
export function containedLeft(unsaid: Unsaid, context: RenderContext): Part {
  const left = unsaid.objects("contained").filter((contained) => !context.mentions.rows.has(contained) && !context.within.includes(contained));
  return joined(
    left.map((contained) => containedPart(contained, html`<bdi>${containedName(contained, context)}</bdi>`, context)),
    "; ",
  );
}
