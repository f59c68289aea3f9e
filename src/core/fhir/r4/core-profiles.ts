import type { Conformance, Held, Origin } from "../conformance/conformance.ts";
import type { StructureDefinition } from "../conformance/structure-definition.ts";
import type { ValueSet } from "../conformance/terminology-resources.ts";
import { withoutR4Version } from "./held-profiles.ts";

/** R4's profiles that are held whatever packages there are, with the value sets that they name: those of vital signs, as `npm run generate` makes them. */
export interface CoreProfilesArtefact {
  readonly definitions: readonly StructureDefinition[];
  readonly valueSets: readonly ValueSet[];
}

const ORIGIN: Origin = { name: "hl7.fhir.r4.core", version: "4.0.1" };

/** @param load gives the artefact; asked once, on the first question */
export function createCoreProfiles(load: () => CoreProfilesArtefact): Conformance {
  let loaded:
    { readonly definitions: ReadonlyMap<string, Held<StructureDefinition>>; readonly valueSets: ReadonlyMap<string, Held<ValueSet>> } | undefined;
  const table = (): NonNullable<typeof loaded> => {
    if (loaded) return loaded;
    const { definitions, valueSets } = load();
    return (loaded = { definitions: byUrl(definitions), valueSets: byUrl(valueSets) });
  };
  return {
    digest: "",
    structureDefinition: (canonical) => table().definitions.get(withoutR4Version(canonical)),
    valueSet: (canonical) => table().valueSets.get(withoutR4Version(canonical)),
    codeSystem: () => undefined,
    supplements: () => [],
  };
}

function byUrl<Resource extends { readonly url: string }>(resources: readonly Resource[]): ReadonlyMap<string, Held<Resource>> {
  return new Map(resources.map((resource) => [resource.url, { resource, origin: ORIGIN }]));
}
