import { AppError } from "../../errors.ts";
import type { Held, Origin } from "../conformance/conformance.ts";
import type { StructureDefinition } from "../conformance/structure-definition.ts";
import type { ReadPackage } from "./archive.ts";
import { supplementedBy, writeCompiledSet, type CompiledSet, type SetDefinition, type SetEntry, type Unusable } from "./compiled-set.ts";
import { conformanceOf } from "./held-definitions.ts";

/**
 * What makes snapshots (`createSnapshots`).
 * @param find the definition of a canonical, as the package that names it means it; with or without a snapshot
 */
export type MakesSnapshots = (find: (canonical: string, from: Origin) => Held<StructureDefinition> | undefined) => {
  readonly of: (held: Held<StructureDefinition>) => {
    readonly definition?: StructureDefinition | undefined;
    readonly fault?: { readonly message: string; readonly element: string | undefined } | undefined;
  };
};

export interface CompileOptions {
  /** Names what it is made of. */
  readonly key: string;
  /** R4's own definitions, upon which those of packages stand. */
  readonly r4: CompiledSet;
  readonly makesSnapshots: MakesSnapshots;
}

/** The bytes of the compiled set of some packages: their definitions, each profile with its snapshot, and without the differential that it was made of. A profile of which none can be made is kept as it is, and told. */
export function compileSet(packages: readonly ReadPackage[], { key, r4, makesSnapshots }: CompileOptions): Uint8Array<ArrayBuffer> {
  const raw = rawSet(packages);
  const conformance = conformanceOf([r4, raw], key);
  const snapshots = makesSnapshots((canonical, from) => conformance.structureDefinition(canonical, from));
  const unusable: Unusable[] = [];
  const whole = (definition: SetDefinition): SetDefinition => {
    if (definition.kind !== "StructureDefinition") return definition;
    const { origin, resource } = definition;
    const { definition: made, fault } = snapshots.of({ resource, origin });
    if (made !== undefined) {
      const { differential: _, ...kept } = made;
      return { ...definition, resource: kept };
    }
    const why = `${fault?.element === undefined ? "" : `${fault.element}: `}${fault?.message ?? "no snapshot can be made of it"}`;
    unusable.push({ ...origin, canonical: canonicalOf(resource), why });
    return definition;
  };
  const definitions = packages.flatMap((one) => one.definitions.map(whole));
  return writeCompiledSet({ key, packages: packages.map(({ facts }) => facts), definitions, unusable });
}

/** Packages as they were read, as a set: snapshots may be missing. */
export function rawSet(packages: readonly ReadPackage[]): CompiledSet {
  const resources = new Map<SetEntry, SetDefinition["resource"]>();
  for (const { facts, definitions } of packages)
    for (const { kind, resource } of definitions) {
      const supplemented = supplementedBy(kind, resource);
      const place = { url: supplemented ?? resource.url, isSupplement: supplemented !== undefined, version: resource.version };
      resources.set({ kind, ...place, origin: facts, start: 0, length: 0 }, resource);
    }
  return {
    packages: packages.map(({ facts }) => facts),
    unusable: [],
    entries: [...resources.keys()],
    read: (entry) => resources.get(entry) ?? unknownEntry(entry),
    bytes: 0,
  };
}

function unknownEntry({ url }: SetEntry): never {
  throw new AppError("internal", `${url} is of another set`);
}

/** `url|version`. */
export function canonicalOf({ url, version }: { readonly url: string; readonly version?: string }): string {
  return version === undefined ? url : `${url}|${version}`;
}
