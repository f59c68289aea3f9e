import { isDeepStrictEqual } from "node:util";
import type { ElementDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";

/** One thing in which a snapshot that we made differs from the published one. */
export interface Difference {
  /** What differs: `min`, `type`, `missing`. */
  readonly what: string;
  readonly id: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Element by element: id, min, max, types with profiles and targets, binding, fixed and pattern, slicing, keys of constraints; not texts. */
export function differences(ours: readonly ElementDefinition[], theirs: readonly ElementDefinition[]): Difference[] {
  const mine = byId(ours);
  const published = byId(theirs);
  const found: Difference[] = [];
  for (const [id, their] of published) {
    const our = mine.get(id);
    if (our === undefined) {
      found.push({ what: "missing", id, ours: undefined, theirs: their.path });
      continue;
    }
    const [a, b] = [aspects(our), aspects(their)];
    for (const what of Object.keys(b)) if (!isDeepStrictEqual(a[what], b[what])) found.push({ what, id, ours: a[what], theirs: b[what] });
  }
  for (const [id, our] of mine) if (!published.has(id)) found.push({ what: "more", id, ours: our.path, theirs: undefined });
  return found;
}

/** By ids that are made alike of paths and names of slices: what publishers write as ids differs. */
function byId(elements: readonly ElementDefinition[]): Map<string, ElementDefinition> {
  const found = new Map<string, ElementDefinition>();
  const stack: string[] = [];
  for (const element of elements) {
    const names = element.path.split(".");
    const depth = names.length - 1;
    stack.length = depth;
    stack.push(`${names[depth]}${element.sliceName === undefined || depth === 0 ? "" : `:${element.sliceName}`}`);
    const id = stack.join(".");
    if (!found.has(id)) found.set(id, element);
  }
  return found;
}

function aspects(element: ElementDefinition): Record<string, unknown> {
  const valued = Object.entries(element).filter(([key]) => /^(?:fixed|pattern)[A-Z]/.test(key));
  return {
    min: element.min,
    max: element.max,
    type: (element.type ?? [])
      .map(({ code, profile, targetProfile }) => ({ code, profile: plain(profile), target: plain(targetProfile) }))
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
    reference: element.contentReference?.replace(/^.*#/, ""),
    binding: element.binding && [element.binding.strength, element.binding.valueSet?.replace(/\|4\.0\.1$/, "")],
    value: Object.fromEntries(valued.sort(([a], [b]) => (a < b ? -1 : 1))),
    slicing: element.slicing && {
      by: (element.slicing.discriminator ?? []).map(({ type, path }) => `${type}:${path}`).sort(),
      rules: element.slicing.rules,
      ordered: element.slicing.ordered ?? false,
    },
    constraint: [...new Set((element.constraint ?? []).map(({ key }) => key))].filter((k) => !R4.has(k)).sort(),
  };
}
function plain(list: readonly string[] | undefined) {
  return list?.map((l) => l.replace(/\|4\.0\.1$/, "")).sort();
}
const R4 = new Set(
  "ele-1,ext-1,dom-1,dom-2,dom-3,dom-4,dom-5,dom-6,ref-1,per-1,qty-3,sqty-1,rat-1,drt-1,cnt-3,age-1,dis-1,mny-1,cpt-2,att-1,rng-2,tim-1,tim-2,tim-4,tim-5,tim-6,tim-7,tim-8,tim-9,tim-10,eld-1,eld-2".split(
    ",",
  ),
);
