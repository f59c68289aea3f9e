import type { JsonObject } from "../../../core/fhir/tree/tree.ts";

/** Calls `visit` for each section of a Composition, outer before inner, with its FHIRPath below `base`. Not recursive: how deep they nest is the reader's limit alone. */
export function eachSection(composition: JsonObject, base: string, visit: (section: JsonObject, expression: string) => void): void {
  const waiting = within(composition, base);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    visit(next.section, next.expression);
    for (const inner of within(next.section, next.expression)) waiting.push(inner); // one by one: a call takes no hundred thousand arguments
  }
}

/** The sections in `parent`, last first. */
function within(parent: JsonObject, expression: string): { readonly section: JsonObject; readonly expression: string }[] {
  return parent
    .objects("section")
    .map((section, at) => ({ section, expression: `${expression}.section[${at}]` }))
    .reverse();
}
