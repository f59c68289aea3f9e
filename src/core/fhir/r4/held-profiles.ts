/** Which profiles are held: R4's own definitions of its types, against which every resource is held anyway, and its vital signs. */
const PROFILES = "http://hl7.org/fhir/StructureDefinition/";
const CORE = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Z][A-Za-z]+)$/;
const VERSION = /\|4\.0(?:\.1)?$/;

/** The vital signs profiles of R4 (observation-vitalsigns.html), by the last part of their canonicals. */
export const VITAL_SIGNS_PROFILES = [
  "vitalsigns",
  "vitalspanel",
  "resprate",
  "heartrate",
  "oxygensat",
  "bodytemp",
  "bodyheight",
  "headcircum",
  "bodyweight",
  "bmi",
  "bp",
] as const;

export type VitalSignsProfile = (typeof VITAL_SIGNS_PROFILES)[number];

const VITAL_SIGNS: ReadonlySet<string> = new Set(VITAL_SIGNS_PROFILES.map((profile) => PROFILES + profile));

/** A canonical without the version of R4 behind it. */
export function withoutR4Version(canonical: string): string {
  return canonical.replace(VERSION, "");
}

/** The type whose definition a canonical without version names, if there is one of that name. */
export function namedCoreType(canonical: string): string | undefined {
  return CORE.exec(canonical)?.[1];
}

/** Whether a canonical without version is that of a vital signs profile of R4. */
export function isVitalSignsProfile(canonical: string): boolean {
  return VITAL_SIGNS.has(canonical);
}

/** Whether a canonical, with or without R4's version, names a profile that resources are held against. */
export function isProfileHeld(url: string): boolean {
  const canonical = withoutR4Version(url);
  return CORE.test(canonical) || isVitalSignsProfile(canonical);
}
