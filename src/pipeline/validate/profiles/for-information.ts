import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import { shown } from "../shown.ts";

/** Kinds that are named; a hostile package has thousands. */
const MOST = 12;

/**
 * What a profile says that no document can break, in one text for each: obligations, which are put on systems (extension obligation), and bindings that are added for information (extension
 * additional-binding, of any purpose but `required`). Must-support says the same of systems in a word, and is never told.
 */
export function forInformation({ title, name, url, snapshot, differential }: StructureDefinition): string[] {
  const elements = snapshot?.element ?? differential?.element ?? [];
  const obliged = elements.filter(({ obligation = [] }) => obligation.length > 0);
  const bound = elements.flatMap(({ binding }) =>
    (binding?.additional ?? []).filter(({ purpose, usage }) => purpose !== "required" || usage === true),
  );
  const of = `${shown(title ?? name)} (${shown(url)})`;
  return [
    ...(obliged.length === 0
      ? []
      : [
          `${of} puts obligations on systems at ${obliged.length} elements (${countsOf(obliged.flatMap(({ obligation = [] }) => obligation))}): what systems do no document tells, and nothing of them was checked.`,
        ]),
    ...(bound.length === 0
      ? []
      : [
          `${of} has ${bound.length} additional bindings that are for information (${countsOf(bound.map(({ purpose }) => purpose))}): nothing was held against them.`,
        ]),
  ];
}

/** `SHALL:handle ×3, SHOULD:display ×1`, the most frequent first. */
function countsOf(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const told = [...counts].sort(([, one], [, other]) => other - one).slice(0, MOST);
  return told.map(([kind, count]) => `${shown(kind, 60)} ×${count}`).join(", ") + (counts.size > told.length ? ", …" : "");
}
