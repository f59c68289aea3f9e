import type { Definitions, PropertyDefinition } from "../../core/fhir/r4/definitions.ts";
import { isProfileHeld, namedCoreType } from "../../core/fhir/r4/held-profiles.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./place.ts";
import { shown } from "./shown.ts";

/** The type whose own definition a canonical names (`http://hl7.org/fhir/StructureDefinition/Patient`): the only profiles that are held. */
export function coreTypeOf(profile: string, { definitionOf }: Definitions): string | undefined {
  const type = namedCoreType(profile);
  return type !== undefined && definitionOf(type)?.kind === "resource" ? type : undefined;
}

/**
 * Declared profiles (Meta.profile). None is held yet, so each is named in an information issue: that a document was accepted says nothing about them. The
 * rule set of a resource is to be chosen here once profiles can be held.
 */
export function checkDeclaredProfile(url: string, place: Place, offset: number, findings: Findings): void {
  if (isProfileHeld(url)) return;
  const text = `Conformance to the profile ${shown(url)} was not checked: it is not held here.`;
  findings.add({ rule: "profile-not-held", text, expression: place.expression(), offset });
}

export function isDeclaredProfile({ element }: PropertyDefinition): boolean {
  return element.path === "Meta.profile";
}
