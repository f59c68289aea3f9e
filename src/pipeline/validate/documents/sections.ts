import type { JsonObject } from "../../../core/fhir/json/tree.ts";

/** Calls `visit` for each section of a Composition, outer before inner, with its FHIRPath below `base`. Not recursive: how deep they nest is the reader's limit alone. */
export function eachSection(composition: JsonObject, base: string, visit: (section: JsonObject, expression: string) => void): void {
  const waiting = composition.objects("section").map((section, at) => ({ section, expression: `${base}.section[${at}]` }));
  waiting.reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { section, expression } = next;
    visit(section, expression);
    const inner = section.objects("section").map((child, at) => ({ section: child, expression: `${expression}.section[${at}]` }));
    waiting.push(...inner.reverse());
  }
}
