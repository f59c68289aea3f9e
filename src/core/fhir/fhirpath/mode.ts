/**
 * How exactly the language is taken. `lenient`: as R4's own invariants presume (`as()` filters a collection, `is Boolean` is true of a FHIR boolean).
 * `standard`: as the specification says. `strict`: a name that its type does not have is an error, rather than empty; so is to rely on the order of `children()`.
 */
export type FhirPathMode = "lenient" | "standard" | "strict";
