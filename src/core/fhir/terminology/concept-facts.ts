import type { CodeSystem, Concept } from "../conformance/terminology-resources.ts";

/*
 * What the properties of a concept say of it (R4 codesystem-concept-properties). A system may call them otherwise, and says by their URI what they are.
 */
const DEFINED = "http://hl7.org/fhir/concept-properties#";

/** The code by which a system has one of the properties that FHIR defines. */
export function propertyCode({ property = [] }: CodeSystem, name: string): string {
  return property.find(({ uri }) => uri === DEFINED + name)?.code ?? name;
}

/** Whether it is no code to choose, but heads others. */
export function isAbstract(concept: Concept, system: CodeSystem): boolean {
  return valueOf(concept, propertyCode(system, "notSelectable")) === "true" || valueOf(concept, "abstract") === "true";
}

const INACTIVE: ReadonlySet<string> = new Set(["retired", "inactive"]);

export function isInactive(concept: Concept, system: CodeSystem): boolean {
  if (concept.property === undefined) return false;
  return valueOf(concept, propertyCode(system, "inactive")) === "true" || INACTIVE.has(statusOf(concept, system) ?? "");
}

export function statusOf(concept: Concept, system: CodeSystem): string | undefined {
  return valueOf(concept, propertyCode(system, "status"));
}

/** The first value of a property, as text; undefined without one. */
export function valueOf({ property }: Concept, code: string): string | undefined {
  const found = property?.find((one) => one.code === code);
  return found === undefined ? undefined : String(found.value);
}
