/** What no column shows, as a list with labels. */
import { JsonArray, JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { isBlank, joined } from "./joined.ts";
import { takeMarks } from "./marks.ts";
import type { RenderContext } from "./render-context.ts";
import { factsOf } from "./say.ts";
import { Unsaid, type Held } from "./unsaid.ts";
import { containedLeft } from "./values/contained.ts";
import { WORDINGS } from "./wordings.ts";

/** Deeper than that, parts stand in brackets. */
const DEEPEST = 6;

/** @param more lines of the list that were made elsewhere */
export function factList(unsaid: Unsaid, context: RenderContext, more: readonly Part[] = [], depth = 0): Part {
  return factLines(factsIn(unsaid, context, more, depth));
}

/** Lines as a list; nothing where there are none. */
export function factLines(lines: readonly Part[]): Part {
  return lines.length > 0 && html`<dl class="facts">${joined(lines, " ")}</dl>`;
}

/** The lines by themselves. */
export function factsIn(unsaid: Unsaid, context: RenderContext, more: readonly Part[] = [], depth = 0): Part[] {
  const facts = factsOf(unsaid, context, (held) => block(held, context, depth));
  const lines = facts.map(({ label, words }) =>
    isBlank(label) ? html`<div><dd>${words}</dd></div>` : html`<div><dt>${label}</dt> <dd dir="auto">${words}</dd></div>`,
  );
  const contained = unsaid.object.has("contained") && unsaid.object.has("resourceType") ? containedLeft(unsaid, context) : "";
  const inside = !isBlank(contained) && html`<div><dt>${context.locale.word("element-contained")}</dt> <dd>${contained}</dd></div>`;
  return [...lines, ...more, inside].filter((part) => !isBlank(part));
}

/** Backbones without a wording of their own: each a list in the list. */
function block(held: Held, context: RenderContext, depth: number): Part {
  const content = held.property?.content;
  const isBackbone = held.property?.element.content !== undefined && content !== undefined && !WORDINGS.has(content.name);
  const items = held.value instanceof JsonArray ? held.value.items : [held.value];
  if (!isBackbone || depth >= DEEPEST || !items.every((item) => item instanceof JsonObject)) return context.speaker.held(held, context);
  const parts = items.map((item) => {
    const inside = new Unsaid(item, content);
    const { before, marks, tone } = takeMarks(inside, context);
    const list = factList(inside, context, [], depth + 1);
    const told = joined([...before, ...marks], " ");
    return isBlank(told) && isBlank(list) ? "" : html`<li class="${tone}">${told}${list}</li>`;
  });
  return html`<ul class="parts">${parts}</ul>`;
}
