import { compileFhirPath, type FhirPathExpression } from "../../../core/fhir/fhirpath/compile.ts";
import type { Invariant } from "../../../core/fhir/r4/definitions.ts";
import { JUDGED_ELSEWHERE, mended } from "./mended.ts";

/** An invariant that is asked, ready to be. */
export interface CompiledInvariant {
  readonly invariant: Invariant;
  readonly expression: FhirPathExpression;
}

const NONE: readonly CompiledInvariant[] = [];
const compiled = new WeakMap<readonly Invariant[], readonly CompiledInvariant[]>();

/** The invariants of a type or element that are left to ask, compiled when it is first met. */
export function compiledInvariants(invariants: readonly Invariant[]): readonly CompiledInvariant[] {
  if (invariants.length === 0) return NONE;
  let list = compiled.get(invariants);
  if (!list) {
    list = invariants
      .filter(({ key }) => !JUDGED_ELSEWHERE.has(key))
      .map((invariant) => ({ invariant, expression: compileFhirPath(mended(invariant.expression), "lenient") }));
    compiled.set(invariants, list);
  }
  return list;
}
