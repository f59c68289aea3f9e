import type { ProfileSets } from "../../../core/fhir/conformance/conformance.ts";
import type { Knowledge } from "../../../core/fhir/r4/knowledge.ts";
import { createTerms } from "../../../core/fhir/terminology/create-terms.ts";
import type { Heard } from "../../../core/fhir/terminology/terms.ts";
import type { ValidatorParts } from "../validate.ts";
import { createProfiles } from "./create-profiles.ts";

/**
 * The part of a validator that holds documents against the packages of an operator; none where there are no packages.
 * @param heard what a terminology server said before
 */
export function packagedProfiles(
  { definitions, coreProfiles }: Pick<Knowledge, "definitions" | "coreProfiles">,
  sets: ProfileSets | undefined,
  heard?: Heard,
): Pick<ValidatorParts, "profiles"> {
  if (sets === undefined) return {};
  return { profiles: createProfiles({ definitions, core: coreProfiles, sets, terms: (conformance) => createTerms({ conformance, heard }) }) };
}
