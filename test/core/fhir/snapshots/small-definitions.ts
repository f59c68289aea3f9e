import type { Conformance } from "../../../../src/core/fhir/conformance/conformance.ts";
import type { ElementDefinition, StructureDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import { readCompiledSet } from "../../../../src/core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../../../../src/core/fhir/packages/held-definitions.ts";
import { readR4Set } from "../../../../src/core/fhir/r4/open-r4-set.ts";
import { createSnapshots, type MadeSnapshot } from "../../../../src/core/fhir/snapshots/snapshots.ts";

export const CORE = "http://hl7.org/fhir/StructureDefinition/";
const ORIGIN = { name: "example", version: "1.0.0" };

/** R4's own, as it comes with the program: what small definitions stand upon. */
export const R4: Conformance = conformanceOf([readCompiledSet(readR4Set())], "R4");

export type Element = Partial<ElementDefinition> & { readonly path: string };

/** A profile as an author writes it: of a type of R4 or upon another, by a differential. */
export function profile(name: string, base: string, elements: readonly Element[], more: Partial<StructureDefinition> = {}): StructureDefinition {
  const type = elements[0]?.path.split(".")[0] ?? "Patient";
  return {
    url: `http://example.org/${name}`,
    name,
    type,
    kind: "resource",
    derivation: "constraint",
    baseDefinition: base.includes(":") ? base : CORE + base,
    differential: { element: elements },
    ...more,
  };
}

export function upon(name: string): string {
  return `http://example.org/${name}`;
}

/** Makes the snapshot of the last of some definitions, all of which are of one package. */
export function make(...definitions: readonly StructureDefinition[]): MadeSnapshot {
  const byUrl = new Map(definitions.map((resource) => [resource.url, { resource, origin: ORIGIN }]));
  const snapshots = createSnapshots((canonical) => byUrl.get(canonical) ?? R4.structureDefinition(canonical));
  const last = definitions.at(-1);
  if (last === undefined) throw new Error("There is none to make.");
  return snapshots.of({ resource: last, origin: ORIGIN });
}

/** The elements of the snapshot of the last of some definitions, by id. */
export function elementsOf(...definitions: readonly StructureDefinition[]): ReadonlyMap<string, ElementDefinition> {
  const { definition, fault } = make(...definitions);
  if (definition === undefined) throw new Error(`${fault.element ?? ""} ${fault.message}`);
  return new Map(definition.snapshot?.element.map((element) => [element.id ?? "", element]));
}

/** The ids in a snapshot that begin with one, without it. */
export function idsBelow(elements: ReadonlyMap<string, ElementDefinition>, start: string): readonly string[] {
  return [...elements.keys()].filter((id) => id.startsWith(start) && id !== start).map((id) => id.slice(start.length));
}
