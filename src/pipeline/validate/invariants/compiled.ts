import { compileFhirPath, type FhirPathExpression } from "../../../core/fhir/fhirpath/compile.ts";
import type { Invariant } from "../../../core/fhir/r4/definitions.ts";
import { mended } from "./mended.ts";

/** An invariant that is asked, ready to be. */
export interface CompiledInvariant {
  readonly invariant: Invariant;
  readonly expression: FhirPathExpression;
}

/** Judged by rules of our own wherever they apply, with places and texts that say more. */
const JUDGED_ELSEWHERE: ReadonlySet<string> = new Set(["dom-2", "dom-3", "dom-4", "dom-5", "ref-1", "att-1"]);

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
