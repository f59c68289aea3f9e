import type { Conformance, ProfileSet, ProfileSets } from "../../../core/fhir/conformance/conformance.ts";
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { Terms } from "../../../core/fhir/terminology/terms.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import { ProfileLibrary } from "./library.ts";
import { ProfileRun, type RunParts } from "./profile-run.ts";

/** The profiles that documents are held against: what is worked out of each set of packages is kept, and shared by all that is judged under it. */
export interface Profiles {
  /** Begins to hold something against profiles. @param day on which it was written (`2024-12-24`); the set that is in force then counts */
  readonly begin: (root: JsonObject, document: DocumentBundle | undefined, findings: Findings, day: string) => ProfileRun;
}

/** What profiles are made of. */
export interface ProfilesParts {
  readonly definitions: Definitions;
  /** R4's own that are held whatever packages there are: its vital signs. */
  readonly core: Conformance;
  /** Packages; none where the operator has none. */
  readonly sets?: ProfileSets;
  /** Terminology over the definitions of a set, as it is held (with a set R4's own are among them); over `core` without one. */
  readonly terms: (conformance: Conformance) => Terms;
}

export function createProfiles({ definitions, core, sets, terms }: ProfilesParts): Profiles {
  const made = new Map<ProfileSet | undefined, RunParts>();
  const partsOf = (set: ProfileSet | undefined): RunParts => {
    const known = made.get(set);
    if (known) return known;
    const conformance = set ? both(set.conformance, core) : core;
    const parts: RunParts = {
      definitions,
      library: new ProfileLibrary(conformance, definitions),
      terms: terms(set ? set.conformance : core),
      ignoredSystems: set?.ignoredSystems ?? new Set(),
      documents: set?.documents ?? [],
      set: set && { name: set.name, digest: `sha256:${set.conformance.digest}` },
    };
    made.set(set, parts);
    return parts;
  };
  return { begin: (root, document, findings, day) => new ProfileRun(root, document, findings, partsOf(sets?.on(day))) };
}

/** The definitions of a set, beneath those of R4 that are held whatever packages there are: what R4 demands is the same under every set. */
function both(set: Conformance, core: Conformance): Conformance {
  return {
    digest: set.digest,
    structureDefinition: (canonical, from) => core.structureDefinition(canonical) ?? set.structureDefinition(canonical, from),
    valueSet: (canonical, from) => set.valueSet(canonical, from) ?? core.valueSet(canonical),
    codeSystem: (canonical, from) => set.codeSystem(canonical, from) ?? core.codeSystem(canonical),
    supplements: (system) => set.supplements(system),
  };
}
