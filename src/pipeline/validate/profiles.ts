import { stringsOf } from "../../core/fhir/datatypes.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import { isProfileHeld, isVitalSignsProfile, namedCoreType, withoutR4Version } from "../../core/fhir/r4/held-profiles.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Issue } from "../../core/fhir/issue.ts";
import { Findings } from "./findings.ts";
import { rootPlace, type Place } from "./place.ts";
import type { Policy } from "./policy.ts";
import { shown } from "./shown.ts";
import { checkVitalSign, checkVitalSigns } from "./vital-signs.ts";

/** The type whose own definition a canonical names (`http://hl7.org/fhir/StructureDefinition/Patient`): the only profiles that are held. */
export function coreTypeOf(profile: string, definitions: Definitions): string | undefined {
  const type = definedType(profile, definitions);
  return type?.kind === "resource" ? type.name : undefined;
}

/** Of datatypes, too: what no resource can be. */
function definedType(profile: string, { definitionOf }: Definitions): TypeDefinition | undefined {
  return definitionOf(namedCoreType(withoutR4Version(profile)) ?? "");
}

/**
 * Declared profiles (Meta.profile) that are not held, each named in an information issue: that a document was accepted says nothing about them. Held are R4's types themselves and its vital
 * signs (`checkProfiles`).
 */
export function checkDeclaredProfile(url: string, place: Place, offset: number, findings: Findings): void {
  if (isProfileHeld(url)) return;
  const text = `Conformance to the profile ${shown(url)} was not checked: it is not held here.`;
  findings.add({ rule: "profile-not-held", text, expression: place.expression(), offset });
}

export function isDeclaredProfile({ element }: PropertyDefinition): boolean {
  return element.path === "Meta.profile";
}

/**
 * The profiles that are held: those which R4 demands of a resource by what it is (vital signs), and those that it declares.
 * @param targetType the type of the resource that a Reference leads to, if it is here
 */
export function checkProfiles(
  resource: JsonObject,
  place: Place,
  findings: Findings,
  definitions: Definitions,
  targetType: (reference: string) => string | undefined,
): void {
  const type = resource.string("resourceType") ?? "";
  const meta = resource.object("meta");
  const declared = meta?.has("profile") === true ? stringsOf(meta, "profile").map(withoutR4Version) : NONE;
  for (const canonical of declared) {
    const constrained = isVitalSignsProfile(canonical) ? "Observation" : definedType(canonical, definitions)?.name;
    if (constrained === undefined || isA(type, constrained, definitions)) continue;
    const text = `The declared profile ${shown(canonical)} is of ${constrained}, and this is a ${shown(type)}: remove it.`;
    findings.add({ rule: "profile-of-other-type", text, expression: place.expression(), offset: resource.offset });
  }
  if (type === "Observation") checkVitalSigns(resource, declared, { place, findings, targetType });
}

const NONE: readonly string[] = [];

/** Whether a type is another one, or derived from it. */
function isA(type: string, other: string, { definitionOf }: Definitions): boolean {
  for (let at: string | undefined = type; at !== undefined; at = definitionOf(at)?.base) if (at === other) return true;
  return false;
}

/**
 * A resource by itself, held against a profile that is not its type's own definition. Of what references lead to nothing is known.
 * @returns undefined when the profile is not held
 */
export function issuesUnder(profile: string, resource: JsonObject, policy: Policy): Issue[] | undefined {
  const canonical = withoutR4Version(profile);
  if (!isVitalSignsProfile(canonical)) return undefined;
  const findings = new Findings(policy);
  const place = rootPlace(resource);
  const type = resource.string("resourceType") ?? "";
  if (type === "Observation") checkVitalSign(resource, canonical, { place, findings, targetType: () => undefined });
  else {
    const text = `The profile ${shown(profile)} is of Observation, and this is a ${shown(type)}.`;
    findings.add({ rule: "profile-of-other-type", text, expression: place.expression(), offset: resource.offset });
  }
  return findings.list();
}
