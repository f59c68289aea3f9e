/** Which code systems and value sets may be asked about. A part of the composition root. */
import type { Conformance, ProfileSets } from "../core/fhir/conformance/conformance.ts";
import { readCompiledSet } from "../core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../core/fhir/packages/held-definitions.ts";
import { readR4Set } from "../core/fhir/r4/open-r4-set.ts";

/** The set of packages that is in force today; on a day without one, and without packages, R4 alone, which is unpacked when it is first asked for. */
export function conformanceNow(sets: ProfileSets | undefined): () => Conformance {
  let alone: Conformance | undefined;
  return () => {
    const today = new Date().toISOString().slice(0, 10);
    return sets?.on(today)?.conformance ?? (alone ??= conformanceOf([readCompiledSet(readR4Set())], "r4"));
  };
}
