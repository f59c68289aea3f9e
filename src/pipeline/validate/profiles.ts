import { stringsOf } from "../../core/fhir/datatypes.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import { isProfileHeld, isVitalSignsProfile, namedCoreType, withoutR4Version } from "../../core/fhir/r4/held-profiles.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./place.ts";
import { vitalSignAsked } from "./profiles/vital-sign-codes.ts";
import { shown } from "./shown.ts";

/** The type whose own definition a canonical names (`http://hl7.org/fhir/StructureDefinition/Patient`): what every resource of it is held against anyway. */
export function coreTypeOf(profile: string, definitions: Definitions): string | undefined {
  const type = definedType(profile, definitions);
  return type?.kind === "resource" ? type.name : undefined;
}

/** Of datatypes, too: what no resource can be. */
function definedType(profile: string, { definitionOf }: Definitions): TypeDefinition | undefined {
  return definitionOf(namedCoreType(withoutR4Version(profile)) ?? "");
}

/**
 * Declared profiles (Meta.profile) that are not held, each named in an information issue: that a document was accepted says nothing about them. Held are R4's types themselves, its vital signs,
 * and what packages have.
 * @param isHeldElsewhere whether the packages in force have it
 */
export function checkDeclaredProfile(
  url: string,
  place: Place,
  offset: number,
  findings: Findings,
  isHeldElsewhere: (canonical: string) => boolean,
): void {
  if (isProfileHeld(url) || isHeldElsewhere(url)) return;
  const text = `Conformance to the profile ${shown(url)} was not checked: it is not held here.`;
  findings.add({ rule: "profile-not-held", text, expression: place.expression(), offset });
}

export function isDeclaredProfile({ element }: PropertyDefinition): boolean {
  return element.path === "Meta.profile";
}

/** A profile that a resource is to be held against, once the walk is through. */
export interface ProfileAsked {
  readonly canonical: string;
  readonly by: "declared" | "r4";
}

/** The profiles that a resource declares, but for R4's own types, and those that R4 demands of it by what it is (vital signs). */
export function profilesAsked(resource: JsonObject, place: Place, findings: Findings, definitions: Definitions): readonly ProfileAsked[] {
  const type = resource.string("resourceType") ?? "";
  const meta = resource.object("meta");
  const declared = meta?.has("profile") === true ? stringsOf(meta, "profile") : NONE;
  const asked: ProfileAsked[] = [];
  for (const canonical of declared) {
    const constrained = definedType(canonical, definitions)?.name;
    if (constrained === undefined)
      asked.push({ canonical: isVitalSignsProfile(withoutR4Version(canonical)) ? withoutR4Version(canonical) : canonical, by: "declared" });
    else if (!isA(type, constrained, definitions)) {
      const text = `The declared profile ${shown(canonical)} is of ${constrained}, and this is a ${shown(type)}: remove it.`;
      findings.add({ rule: "profile-of-other-type", text, expression: place.expression(), offset: resource.offset });
    }
  }
  const vital = type === "Observation" ? vitalSignAsked(resource) : undefined;
  if (vital === "part") {
    const text =
      "One part of a blood pressure stands alone: R4's profile (bp) has both in one Observation with the LOINC code 85354-9, as components.";
    findings.add({ rule: "vital-sign-part", text, expression: `${place.expression()}.code`, offset: resource.offsetOf("code") });
  } else if (vital) asked.push({ canonical: vital.profile, by: "r4" });
  return asked;
}

const NONE: readonly string[] = [];

/** Whether a type is another one, or derived from it. */
function isA(type: string, other: string, { definitionOf }: Definitions): boolean {
  for (let at: string | undefined = type; at !== undefined; at = definitionOf(at)?.base) if (at === other) return true;
  return false;
}
