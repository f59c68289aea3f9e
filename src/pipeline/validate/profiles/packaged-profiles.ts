import type { ProfileSets } from "../../../core/fhir/conformance/conformance.ts";
import type { Knowledge } from "../../../core/fhir/r4/knowledge.ts";
import { termsOf } from "../../../core/fhir/terminology/create-terms.ts";
import { sharedValueSets, type SharedValueSets } from "../../../core/fhir/terminology/shared-value-sets.ts";
import type { Heard } from "../../../core/fhir/terminology/terms.ts";
import type { ValidatorParts } from "../validate.ts";
import { createProfiles } from "./create-profiles.ts";

/**
 * The part of a validator that holds documents against the packages of an operator; none where there are no packages.
 * @param using what a terminology server said before, and what is shared with whoever else asks about codes
 */
export function packagedProfiles(
  { definitions, coreProfiles }: Pick<Knowledge, "definitions" | "coreProfiles">,
  sets: ProfileSets | undefined,
  { heard, valueSets = sharedValueSets() }: { readonly heard?: Heard | undefined; readonly valueSets?: SharedValueSets } = {},
): Pick<ValidatorParts, "profiles"> {
  if (sets === undefined) return {};
  return { profiles: createProfiles({ definitions, core: coreProfiles, sets, terms: (conformance) => termsOf(valueSets(conformance), heard) }) };
}
