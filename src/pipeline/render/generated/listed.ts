/** A resource as a list of its elements: of types that have no arrangement, and of what is only referred to. */
import { html, type Part } from "../html.ts";
import { factList } from "./fact-list.ts";
import { isBlank, joined } from "./joined.ts";
import { takeMarks } from "./marks.ts";
import { worst } from "./modifiers.ts";
import { entryName, typeName } from "./names.ts";
import type { RenderContext } from "./render-context.ts";
import type { Item } from "./rows.ts";
import { takeSubject } from "./subject.ts";
import { Unsaid } from "./unsaid.ts";
import { WORDINGS } from "./wordings.ts";

/** Its type and name, what changes how it is read, and its elements with their labels; empty when there is no room. */
export function listed({ entry, marks, tone }: Item, context: RenderContext): Part {
  if (!context.mentions.begin(entry.resource)) return "";
  const here: RenderContext = { ...context, entry };
  const unsaid = new Unsaid(entry.resource, context.definitions.definitionOf(entry.type));
  const about = takeSubject(unsaid, here);
  const own = takeMarks(unsaid, here);
  const type = typeName(entry.type, here);
  const name = entryName(entry, here);
  const words = WORDINGS.get(entry.type)?.(unsaid, here) ?? "";
  const all = joined([...marks, about, ...own.marks], " ");
  const told = html`<div class="listed ${worst([tone, own.tone])}">
<p class="generated-name">${own.before.length > 0 && html`${joined(own.before, " ")} `}<span class="row-name">${type}${name !== type && html`: <bdi>${name}</bdi>`}</span>${!isBlank(all) && html` <span class="marks">${all}</span>`}</p>
${words}${factList(unsaid, here)}</div>
`;
  context.mentions.end(entry.resource, told.text.length);
  return told;
}
