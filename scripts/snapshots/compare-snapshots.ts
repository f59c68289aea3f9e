import { isDeepStrictEqual } from "node:util";
import type { ElementDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";

/** What is compared of an element: not its texts. */
export const ASPECTS = ["min", "max", "type", "reference", "binding", "value", "slicing", "constraint"] as const;

export type Aspects = Readonly<Record<(typeof ASPECTS)[number], unknown>>;

/** One thing in which a snapshot that we made differs from the published one. */
export interface Difference {
  readonly what: (typeof ASPECTS)[number] | "missing" | "more";
  readonly id: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** A snapshot by ids that are made alike of paths and names of slices: what publishers write as ids differs. */
export type Elements = ReadonlyMap<string, ElementDefinition>;

export function differences(ours: Elements, theirs: Elements, isOfR4: (key: string) => boolean): Difference[] {
  const found: Difference[] = [];
  for (const [id, their] of theirs) {
    const our = ours.get(id);
    if (our === undefined) found.push({ what: "missing", id, ours: undefined, theirs: their.path });
    else {
      const [a, b] = [aspectsOf(our, isOfR4), aspectsOf(their, isOfR4)];
      for (const what of ASPECTS) if (!isDeepStrictEqual(a[what], b[what])) found.push({ what, id, ours: a[what], theirs: b[what] });
    }
  }
  for (const [id, our] of ours) if (!theirs.has(id)) found.push({ what: "more", id, ours: our.path, theirs: undefined });
  return found;
}

export function byId(elements: readonly ElementDefinition[]): Elements {
  const found = new Map<string, ElementDefinition>();
  const stack: string[] = [];
  for (const element of elements) {
    const names = element.path.split(".");
    stack.length = names.length - 1;
    const name = names.at(-1) ?? "";
    stack.push(names.length === 1 || element.sliceName === undefined ? name : `${name}:${element.sliceName}`);
    const id = stack.join(".");
    if (!found.has(id)) found.set(id, element);
  }
  return found;
}

/** Lists in one order; canonicals of R4 without its version, which newer publishers write to each. */
export function aspectsOf(element: ElementDefinition, isOfR4: (key: string) => boolean): Aspects {
  const valued = Object.entries(element).filter(([key]) => /^(?:fixed|pattern)[A-Z]/.test(key));
  return {
    min: element.min,
    max: element.max,
    type: (element.type ?? [])
      .map(({ code, profile = [], targetProfile = [] }) => [code, plain(profile), plain(targetProfile)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    reference: element.contentReference?.replace(/^.*#/, ""),
    binding: element.binding && [element.binding.strength, ...plain([element.binding.valueSet ?? ""])],
    value: Object.fromEntries(valued.sort(([a], [b]) => (a < b ? -1 : 1))),
    slicing: element.slicing && [
      (element.slicing.discriminator ?? []).map(({ type, path }) => `${type}:${path}`).sort(),
      element.slicing.rules,
      element.slicing.ordered ?? false,
    ],
    constraint: [...new Set((element.constraint ?? []).map(({ key }) => key))].filter((key) => !isOfR4(key)).sort(),
  };
}

function plain(canonicals: readonly string[]): readonly string[] {
  return canonicals.map((canonical) => canonical.replace(/\|4\.0\.1$/, "")).sort();
}
