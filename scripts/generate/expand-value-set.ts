import type { CodeSystem, Concept, Include, ValueSet } from "./terminology-resources.ts";
import { valueSetName } from "./value-set-names.ts";

/** Codes of one system in a value set; all of them when none are listed. */
export interface Part {
  readonly system: string;
  readonly codes?: readonly string[];
}

/** Expands value sets (R4 valueset.html, "Value Set Expansion") as far as the code systems at hand allow; of others a whole system is taken in where a filter would be needed. */
export class Expansion {
  readonly #systems: ReadonlyMap<string, CodeSystem>;
  readonly #valueSets: ReadonlyMap<string, ValueSet>;

  /** @param valueSets by name, as `valueSetName` has it */
  constructor(systems: ReadonlyMap<string, CodeSystem>, valueSets: ReadonlyMap<string, ValueSet>) {
    this.#systems = systems;
    this.#valueSets = valueSets;
  }

  titleOf(name: string): string {
    const valueSet = this.#valueSets.get(name);
    return (valueSet?.title ?? valueSet?.name ?? name).trim();
  }

  /** The parts of a value set; undefined when the package has no definition of it, or none that names its content. */
  of(name: string): Part[] | undefined {
    const compose = this.#valueSets.get(name)?.compose;
    if (!compose?.include) return undefined;
    const included = compose.include.map((include) => this.#partsOf(include));
    const excluded = (compose.exclude ?? []).map((exclude) => this.#partsOf(exclude));
    if (included.includes(undefined) || excluded.includes(undefined)) return undefined;
    const parts = merge(included.flatMap((list) => list ?? []));
    return excluded.flatMap((list) => list ?? []).reduce((rest, part) => this.#without(rest, part), parts);
  }

  #partsOf(include: Include): Part[] | undefined {
    const own = include.system === undefined ? undefined : [this.#partOf(include, include.system)];
    const others = (include.valueSet ?? []).map((canonical) => this.of(valueSetName(canonical)));
    if (others.includes(undefined)) return undefined;
    const [first, ...more] = [...(own ? [own] : []), ...others.flatMap((parts) => (parts ? [parts] : []))];
    return more.reduce((parts, other) => this.#intersection(parts ?? [], other), first);
  }

  #partOf({ concept, filter }: Include, system: string): Part {
    if (concept) return { system, codes: concept.map(({ code }) => code) };
    const held = this.#systems.get(system);
    if (!filter || !held) return { system };
    const parents = parentsOf(held.concept ?? []);
    const kept = [...parents.keys()].filter((code) =>
      filter.every(({ property, op, value }) => {
        if (property !== "concept" || (op !== "is-a" && op !== "is-not-a"))
          throw new Error(`No filter of this kind was met before: ${property} ${op} ${value} in ${system}`);
        return isBelow(code, value, parents) === (op === "is-a");
      }),
    );
    return { system, codes: kept };
  }

  #codesOf(part: Part): readonly string[] {
    const held = this.#systems.get(part.system);
    return part.codes ?? [...parentsOf(held?.concept ?? []).keys()];
  }

  #without(parts: readonly Part[], excluded: Part): Part[] {
    const out = new Set(this.#codesOf(excluded));
    return parts.map((part) => (part.system === excluded.system ? { ...part, codes: this.#codesOf(part).filter((code) => !out.has(code)) } : part));
  }

  #intersection(parts: readonly Part[], others: readonly Part[]): Part[] {
    return parts.flatMap((part) => {
      const both = new Set(others.filter((other) => other.system === part.system).flatMap((other) => this.#codesOf(other)));
      return both.size > 0 ? [{ ...part, codes: this.#codesOf(part).filter((code) => both.has(code)) }] : [];
    });
  }
}

/** One part a system. */
function merge(parts: readonly Part[]): Part[] {
  const merged = new Map<string, Part>();
  for (const part of parts) {
    const { codes } = merged.get(part.system) ?? { codes: [] };
    merged.set(part.system, codes && part.codes ? { system: part.system, codes: [...new Set([...codes, ...part.codes])] } : { system: part.system });
  }
  return [...merged.values()];
}

/** Codes at all levels with the codes right above them, whether those are nested or named by a property `child`. */
function parentsOf(concepts: readonly Concept[]): Map<string, Set<string>> {
  const parents = new Map<string, Set<string>>();
  const visit = (list: readonly Concept[], above: string | undefined): void => {
    for (const concept of list) {
      add(concept.code, above);
      for (const { code, valueCode } of concept.property ?? []) if (code === "child" && valueCode !== undefined) add(valueCode, concept.code);
      visit(concept.concept ?? [], concept.code);
    }
  };
  const add = (code: string, parent: string | undefined): void => {
    const known = parents.get(code) ?? new Set();
    parents.set(code, parent === undefined ? known : known.add(parent));
  };
  visit(concepts, undefined);
  return parents;
}

function isBelow(code: string, top: string, parents: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return code === top || [...(parents.get(code) ?? [])].some((parent) => isBelow(parent, top, parents));
}
