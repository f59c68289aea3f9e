import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Conformance } from "../../src/core/fhir/conformance/conformance.ts";
import type { StructureDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";
import { readArchive, type ReadPackage } from "../../src/core/fhir/packages/archive.ts";
import { rawSet } from "../../src/core/fhir/packages/compile-set.ts";
import { nameOf, R4_CORE, type CompiledSet, type SetDefinition } from "../../src/core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../../src/core/fhir/packages/held-definitions.ts";
import type { Fields } from "../../src/core/fhir/packages/fields.ts";
import { strippedStructureDefinition } from "../../src/core/fhir/packages/strip-structure-definition.ts";

/** Packages of archives and of folders of archives, each once. What can't be read is told. */
export async function readPackages(paths: readonly string[], tell: (line: string) => void): Promise<ReadPackage[]> {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith(".tgz"))
          .map((name) => join(path, name))
      : [path],
  );
  const packages = new Map<string, ReadPackage>();
  for (const file of files) {
    try {
      const one = await readArchive(readFileSync(file));
      if (!packages.has(nameOf(one.facts))) packages.set(nameOf(one.facts), one);
    } catch (error) {
      tell(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return [...packages.values()];
}

/** R4's profiles and extensions as a package of their own, with differentials, which R4's compiled set has no more. */
export function coreProfiles(resources: readonly Fields[]): ReadPackage {
  const definitions = resources.flatMap((resource): SetDefinition[] => {
    const made = resource["resourceType"] === "StructureDefinition" ? strippedStructureDefinition(resource) : undefined;
    return made?.derivation === "constraint" ? [{ kind: "StructureDefinition", resource: made, origin: R4_CORE }] : [];
  });
  return { facts: R4_CORE, definitions, passedOver: [] };
}

/** Definitions without the snapshots that they were published with, and those. */
export interface Stripped {
  readonly conformance: Conformance;
  readonly packages: readonly ReadPackage[];
  readonly published: ReadonlyMap<StructureDefinition, StructureDefinition>;
}

/** Takes the snapshots off those that have a differential, too. */
export function strip(packages: readonly ReadPackage[], r4: CompiledSet): Stripped {
  const published = new Map<StructureDefinition, StructureDefinition>();
  const stripped = packages.map((one): ReadPackage => {
    const definitions = one.definitions.map((definition): SetDefinition => {
      if (definition.kind !== "StructureDefinition" || definition.resource.differential === undefined) return definition;
      const { snapshot, ...resource } = definition.resource;
      if (snapshot !== undefined) published.set(resource, definition.resource);
      return { ...definition, resource };
    });
    return { ...one, definitions };
  });
  const own = rawSet(stripped);
  // R4's profiles stand upon R4's types, and for once not upon themselves as published.
  const beneath = packages.some(({ facts }) => facts.name === R4_CORE.name) ? withoutProfiles(r4) : r4;
  return { conformance: conformanceOf([beneath, own], "stripped"), packages: stripped, published };
}

function withoutProfiles(r4: CompiledSet): CompiledSet {
  return {
    ...r4,
    entries: r4.entries.filter((entry) => entry.kind !== "StructureDefinition" || !("derivation" in r4.read(entry)) || !isProfile(r4.read(entry))),
  };
}

function isProfile(definition: object): boolean {
  return (definition as StructureDefinition).derivation === "constraint";
}
