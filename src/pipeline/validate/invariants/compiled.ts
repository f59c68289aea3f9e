import { compileFhirPath, type FhirPathExpression } from "../../../core/fhir/fhirpath/compile.ts";
import type { Definitions, Invariant, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { CHECKED_ELSEWHERE, mended } from "./mended.ts";

/** An invariant that is asked, ready to be. */
export interface CompiledInvariant {
  readonly invariant: Invariant;
  readonly expression: FhirPathExpression;
}

const NONE: readonly CompiledInvariant[] = [];

/** The invariants of one set of definitions that are left to ask, compiled when they are first met, and kept. */
export class CompiledInvariants {
  readonly definitions: Definitions;
  readonly #lists = new WeakMap<readonly Invariant[], readonly CompiledInvariant[]>();
  readonly #atProperties = new WeakMap<PropertyDefinition, readonly CompiledInvariant[]>();

  constructor(definitions: Definitions) {
    this.definitions = definitions;
  }

  /** Those of a type or an element. */
  of(invariants: readonly Invariant[]): readonly CompiledInvariant[] {
    if (invariants.length === 0) return NONE;
    let list = this.#lists.get(invariants);
    if (!list) {
      list = invariants.filter(isAsked).map((invariant) => ({
        invariant,
        expression: compileFhirPath(mended(invariant.expression), this.definitions, "lenient"),
      }));
      this.#lists.set(invariants, list);
    }
    return list;
  }

  /** Those of a property's type and of its element. */
  at(property: PropertyDefinition): readonly CompiledInvariant[] {
    let list = this.#atProperties.get(property);
    if (!list) {
      list = [...this.of(property.content?.invariants ?? []), ...this.of(property.element.invariants)];
      this.#atProperties.set(property, list);
    }
    return list;
  }
}

/** Whether there are any for a property. */
export function hasInvariants({ content, element }: PropertyDefinition): boolean {
  return element.invariants.some(isAsked) || content?.invariants.some(isAsked) === true;
}

function isAsked({ key }: Invariant): boolean {
  return !CHECKED_ELSEWHERE.has(key);
}
