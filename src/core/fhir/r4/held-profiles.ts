/** Which profiles are held: so far R4's own definitions of its types, against which every resource is held anyway. */
const CORE = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Z][A-Za-z]+)(?:\|4\.0(?:\.1)?)?$/;

/** The type whose definition a canonical names, if there is one of that name. */
export function namedCoreType(profile: string): string | undefined {
  return CORE.exec(profile)?.[1];
}

/** Whether a canonical names a profile that resources are held against. */
export function isProfileHeld(url: string): boolean {
  return CORE.test(url);
}
