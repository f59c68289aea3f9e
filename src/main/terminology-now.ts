/** Which code systems and value sets may be asked about. A part of the composition root. */
import type { Conformance, ProfileSets } from "../core/fhir/conformance/conformance.ts";
import { readCompiledSet } from "../core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../core/fhir/packages/held-definitions.ts";
import { today } from "../core/fhir/dates.ts";
import { termsOf } from "../core/fhir/terminology/create-terms.ts";
import { sharedValueSets, type SharedValueSets } from "../core/fhir/terminology/shared-value-sets.ts";
import type { Terms } from "../core/fhir/terminology/terms.ts";
import { readR4Set } from "../core/fhir/r4/open-r4-set.ts";

/** The set of packages that is in force today; on a day without one, and without packages, R4 alone, which is unpacked when it is first asked for. */
export function conformanceNow(sets: ProfileSets | undefined): () => Conformance {
  let alone: Conformance | undefined;
  return () => {
    return sets?.on(today())?.conformance ?? (alone ??= conformanceOf([readCompiledSet(readR4Set())], "r4"));
  };
}

/** What the packages that are in force today know of codes: for pages, which tell what a bare code is called. Undefined without packages: what R4 calls its codes is held apart. */
export function codesNow(sets: ProfileSets | undefined, valueSets: SharedValueSets = sharedValueSets()): Pick<Terms, "code"> | undefined {
  if (sets === undefined) return undefined;
  const now = conformanceNow(sets);
  return { code: (coded, from) => termsOf(valueSets(now())).code(coded, from) };
}
