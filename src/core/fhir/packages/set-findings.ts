import type { Conformance, Origin } from "../conformance/conformance.ts";
import type { ElementDefinition, StructureDefinition } from "../conformance/structure-definition.ts";
import type { Include, ValueSet } from "../conformance/terminology-resources.ts";
import { grammarOf } from "../r4/code-grammars.ts";
import { R4_CORE, type CompiledSet, type DefinitionKind, type KindOf } from "./compiled-set.ts";

/** A canonical that definitions of a set name, and that nobody of it holds. */
export interface Unresolved {
  readonly kind: "profile" | "value set" | "code system";
  readonly canonical: string;
  /** How many definitions name it. */
  readonly count: number;
  /** The first of them, and its package. */
  readonly by: string;
  readonly origin: Origin;
}

/** `http://hl7.org/fhirpath/System.String`: types of FHIRPath, of which there are no definitions. */
const NO_DEFINITION = /^http:\/\/hl7\.org\/fhirpath\//;

/** What the definitions of a set name and nobody of it holds, most wanted first. R4's own are not looked at: what they name is with them, or with nobody. */
export function unresolvedIn(set: CompiledSet, conformance: Conformance): readonly Unresolved[] {
  const found = new Map<string, Unresolved>();
  for (const entry of set.entries) {
    if (entry.origin.name === R4_CORE.name) continue;
    const { origin, url } = entry;
    const named = namedBy(entry.kind, set.read(entry));
    const seen = new Set<string>();
    for (const [kind, canonical] of named) {
      const called = `${kind} ${canonical}`;
      if (seen.has(called) || NO_DEFINITION.test(canonical) || isHeld(conformance, kind, canonical, origin)) continue;
      seen.add(called);
      const known = found.get(called);
      found.set(called, {
        kind,
        canonical,
        count: (known?.count ?? 0) + 1,
        by: known?.by ?? url,
        origin: known?.origin ?? { name: origin.name, version: origin.version },
      });
    }
  }
  return [...found.values()].toSorted((one, other) => other.count - one.count || (one.canonical < other.canonical ? -1 : 1));
}

type Named = readonly [kind: Unresolved["kind"], canonical: string];

function namedBy(kind: DefinitionKind, resource: KindOf[DefinitionKind]): Named[] {
  if (kind === "StructureDefinition") return namedByProfile(resource as StructureDefinition);
  return kind === "ValueSet" ? namedByValueSet(resource) : [];
}

function namedByProfile({ baseDefinition, imposes = [], snapshot, differential }: StructureDefinition): Named[] {
  const profiles = [baseDefinition ?? [], imposes].flat();
  const elements = (snapshot ?? differential)?.element ?? [];
  return [...profiles.map((canonical): Named => ["profile", canonical]), ...elements.flatMap(namedByElement)];
}

function namedByElement({ type = [], binding }: ElementDefinition): Named[] {
  const profiles = type.flatMap(({ profile = [], targetProfile = [] }) => [...profile, ...targetProfile]);
  const isAsked = binding?.strength === "required" || binding?.strength === "extensible";
  const sets = isAsked ? [binding.valueSet ?? [], binding.maxValueSet ?? []].flat() : [];
  return [...profiles.map((canonical): Named => ["profile", canonical]), ...sets.map((canonical): Named => ["value set", canonical])];
}

/** An enumeration needs no code system. */
function namedByValueSet({ compose }: ValueSet): Named[] {
  const includes: readonly Include[] = [...(compose?.include ?? []), ...(compose?.exclude ?? [])];
  return includes.flatMap(({ system, concept, valueSet = [] }) => [
    ...(system === undefined || concept !== undefined ? [] : [["code system", system] as const]),
    ...valueSet.map((canonical) => ["value set", canonical] as const),
  ]);
}

/** A code system of which only the name is there is not held; one that is told by a grammar (languages, units) no package has, and its codes are judged all the same. */
function isHeld({ structureDefinition, valueSet, codeSystem }: Conformance, kind: Unresolved["kind"], canonical: string, from: Origin): boolean {
  if (kind === "profile") return structureDefinition(canonical, from) !== undefined;
  if (kind === "value set") return valueSet(canonical, from) !== undefined;
  if (grammarOf(canonical) !== undefined) return true;
  const content = codeSystem(canonical, from)?.resource.content;
  return content !== undefined && content !== "not-present";
}
