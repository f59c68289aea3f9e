import type { Environment } from "./environment.ts";
import type { Collection, Item } from "./item.ts";
import type { FhirPathNode } from "./node.ts";

/**
 * How exactly the language is taken. `lenient`: as R4's own invariants presume (`as()` filters a collection, `is Boolean` is true of a FHIR boolean).
 * `standard`: as the specification says. `strict`: a name that its type does not have is an error, rather than empty.
 */
export type FhirPathMode = "lenient" | "standard" | "strict";

/** A compiled expression: pure, and the same for every evaluation, so compile once and keep it. */
export interface FhirPathExpression {
  readonly text: string;
  /**
   * All that the expression finds, in order: nodes of the resource, or values (string, boolean, number for Integer, Decimal, Temporal, Quantity).
   * @throws FhirPathError when it cannot be worked out on this focus
   */
  evaluate(focus: FhirPathNode, environment?: Environment): Collection;
  /**
   * Whether it holds as an invariant: nothing is false, one boolean is itself, anything else is true (as HL7's tools have it).
   * @throws FhirPathError when it cannot be worked out on this focus
   */
  holds(focus: FhirPathNode, environment?: Environment): boolean;
}

export type { Collection, Item };

/**
 * Compiles FHIRPath (normative release 2.0.0, and the additions of FHIR R4, fhirpath.html) to closures.
 * @throws FhirPathSyntaxError with the offset of what is wrong, an unknown function or type among it
 */
export declare function compileFhirPath(text: string, mode?: FhirPathMode): FhirPathExpression;
