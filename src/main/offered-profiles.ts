/** The profiles that the form that looks at a file offers. A part of the composition root. */
import type { StructureDefinition } from "../core/fhir/conformance/structure-definition.ts";
import { today } from "../core/fhir/dates.ts";
import { canonicalOf } from "../core/fhir/packages/compile-set.ts";
import { readCompiledSet } from "../core/fhir/packages/compiled-set.ts";
import { setOn, type ProfileSetData, type ProfileSetsData } from "../core/fhir/packages/profile-sets.ts";
import type { PagesContext } from "../pipeline/render/pages/pages.ts";

/** Of a long list nobody chooses. */
const MOST_OFFERED = 200;

/** The profiles that a file may be looked at by, of the set that is in force today: those of documents of a type first, then those of Bundle and Composition. Nothing where there are no packages. */
export function offeredProfiles(data: ProfileSetsData | undefined): Pick<PagesContext, "profiles"> {
  if (data === undefined) return {};
  const known = new WeakMap<ProfileSetData, readonly string[]>();
  const profiles = (): readonly string[] | undefined => {
    const set = setOn(today(), data.sets);
    if (set === undefined) return undefined;
    let offered = known.get(set);
    if (offered === undefined) known.set(set, (offered = offeredBy(set)));
    return offered;
  };
  return { profiles };
}

function offeredBy({ compiled, documents }: ProfileSetData): readonly string[] {
  const { entries, read } = readCompiledSet(compiled);
  const profiles = entries.flatMap((entry) => (entry.kind === "StructureDefinition" ? [read(entry) as StructureDefinition] : []));
  const ofDocuments = profiles.filter(({ type }) => type === "Bundle" || type === "Composition").map(canonicalOf);
  return [...new Set([...documents.flatMap((one) => one.profiles), ...ofDocuments.sort()])].slice(0, MOST_OFFERED);
}
