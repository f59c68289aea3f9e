import type { FhirPathNode } from "./node.ts";

/** What an expression may ask of the world around its focus. Everything optional is absent where it is not known; then the functions that need it give nothing. */
export interface Environment {
  /** `%resource`: the resource that the focus stands in; a contained one for an element of a contained one. */
  readonly resource?: FhirPathNode;
  /** `%rootResource`: the container of a contained resource, else the same as `resource`. References to `#id` are looked up in it. */
  readonly rootResource?: FhirPathNode;
  /** `%context`: where evaluation began; the focus, unless something else is said. */
  readonly context?: FhirPathNode;
  /** What a reference or canonical leads to, other than `#id`. */
  readonly resolve?: (reference: string) => FhirPathNode | undefined;
  /** Whether a code, Coding or CodeableConcept is in a value set; undefined when that is not known. */
  readonly memberOf?: (coded: FhirPathNode, valueSet: string) => boolean | undefined;
  /** Whether an element conforms to a profile that R4 does not define itself; undefined when the profile is not held. */
  readonly conformsTo?: (element: FhirPathNode, profile: string) => boolean | undefined;
  /** Whether a Narrative's div passes txt-1. Without it `htmlChecks()` gives true. */
  readonly htmlChecks?: (div: string) => boolean;
  /** The moment that `now()`, `today()` and `timeOfDay()` tell, the same for the whole evaluation; the clock's when absent. */
  readonly now?: Date;
  /** Other `%names` that an expression may use. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What `trace()` tells; by default nobody listens. */
  readonly trace?: (name: string, items: readonly unknown[]) => void;
}
