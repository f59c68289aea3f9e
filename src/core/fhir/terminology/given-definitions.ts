import type { Conformance, Held, Origin } from "../conformance/conformance.ts";
import type { CodeSystem, ValueSet } from "../conformance/terminology-resources.ts";
import type { Fields } from "../packages/fields.ts";
import { strippedCodeSystem, strippedValueSet } from "../packages/strip-terminology.ts";
import { compareVersions } from "../packages/versions.ts";
import { isVersionAsked } from "./asked-versions.ts";

/** Code systems and value sets that came along with a question. */
export interface GivenDefinitions {
  readonly codeSystems: readonly CodeSystem[];
  readonly valueSets: readonly ValueSet[];
}

/** Those among resources as they are written; what is neither is passed over. */
export function givenIn(resources: readonly Fields[]): GivenDefinitions {
  const of = (type: string): readonly Fields[] => resources.filter(({ resourceType }) => resourceType === type);
  return {
    codeSystems: of("CodeSystem").flatMap((one) => strippedCodeSystem(one) ?? []),
    valueSets: of("ValueSet").flatMap((one) => strippedValueSet(one) ?? []),
  };
}

/** They come from nowhere that has dependencies. */
export const GIVEN: Origin = { name: "given", version: "0" };

/** What is held, with what was given in front of it: what was given hides what is held under the same address and version. */
export function withGiven({ codeSystems, valueSets }: GivenDefinitions, behind: Conformance): Conformance {
  if (codeSystems.length === 0 && valueSets.length === 0) return behind;
  const systems = byAddress(codeSystems.filter(({ content }) => content !== "supplement"));
  const sets = byAddress(valueSets);
  const supplements = Map.groupBy(
    codeSystems.filter(({ content }) => content === "supplement").map((resource) => ({ resource, origin: GIVEN })),
    ({ resource }) => resource.supplements?.split("|")[0] ?? "",
  );
  return {
    ...behind,
    codeSystem: (canonical, from) => chosen(canonical, systems) ?? behind.codeSystem(canonical, origin(from)),
    valueSet: (canonical, from) => chosen(canonical, sets) ?? behind.valueSet(canonical, origin(from)),
    listCodeSystems: () => [
      ...codeSystems.filter(({ content }) => content === "complete" || content === "fragment"),
      ...(behind.listCodeSystems?.() ?? []),
    ],
    supplements: (system) => [...(supplements.get(system) ?? []), ...behind.supplements(system)],
  };
}

function origin(from: Origin | undefined): Origin | undefined {
  return from === GIVEN ? undefined : from;
}

interface Versioned {
  readonly url: string;
  readonly version?: string;
}

function byAddress<Resource extends Versioned>(resources: readonly Resource[]): ReadonlyMap<string, readonly Held<Resource>[]> {
  const held = resources.map((resource) => ({ resource, origin: GIVEN }));
  // The newest first.
  return Map.groupBy(
    held.sort((one, other) => compareVersions(other.resource.version ?? "", one.resource.version ?? "")),
    ({ resource }) => resource.url,
  );
}

function chosen<Resource extends Versioned>(canonical: string, all: ReadonlyMap<string, readonly Held<Resource>[]>): Held<Resource> | undefined {
  const [url = "", version] = canonical.split("|");
  const found = all.get(url) ?? [];
  return version === undefined || version === "" ? found[0] : found.find(({ resource }) => isVersionAsked(resource.version ?? "", version));
}
