/** A patient summary that declares the profiles of the International Patient Summary 1.1.0 (`hl7.fhir.uv.ips`) on each of its resources. */
import { patientSummary } from "../patient-summary.ts";

const IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/";

/** By type; of Observations those of results are all that a summary has. */
const PROFILES: Readonly<Record<string, string>> = {
  Bundle: "Bundle-uv-ips",
  Composition: "Composition-uv-ips",
  Patient: "Patient-uv-ips",
  Practitioner: "Practitioner-uv-ips",
  Organization: "Organization-uv-ips",
  Condition: "Condition-uv-ips",
  AllergyIntolerance: "AllergyIntolerance-uv-ips",
  MedicationStatement: "MedicationStatement-uv-ips",
  Immunization: "Immunization-uv-ips",
  Procedure: "Procedure-uv-ips",
  Observation: "Observation-results-laboratory-uv-ips",
};

interface Resource {
  readonly resourceType: string;
  readonly [property: string]: unknown;
}
interface Bundle extends Resource {
  readonly entry: readonly { readonly fullUrl: string; readonly resource: Resource }[];
}

/** JSON in UTF-8. `resources`: 10 or more. */
export function profiledSummary(resources: number): Uint8Array {
  const bundle = JSON.parse(new TextDecoder().decode(patientSummary(resources))) as Bundle;
  const entry = bundle.entry.map(({ fullUrl, resource }) => ({ fullUrl, resource: profiled(resource) }));
  return new TextEncoder().encode(JSON.stringify({ ...profiled(bundle), entry }));
}

function profiled({ resourceType, ...rest }: Resource): Resource {
  const name = PROFILES[resourceType];
  if (name === undefined) throw new RangeError(`no profile for ${resourceType}`);
  return { resourceType, meta: { profile: [IPS + name] }, ...rest };
}

/** A summary whose results are so many Observations, each of which refers to the patient and the laboratory, and is referred to by the section. */
export function manyObservations(count: number): Uint8Array {
  return withResults(count, (made) => made);
}

/** A summary with few Observations, to which its section refers so many times. */
export function manyReferences(count: number): Uint8Array {
  return withResults(FEW, (made) => Array.from({ length: count }, (_, at) => made[at % made.length] as string));
}

const FEW = 10;
const SECTIONS = 6;

/** @param referred what the section of results refers to, given what there is */
function withResults(count: number, referred: (made: readonly string[]) => readonly string[]): Uint8Array {
  const bundle = JSON.parse(new TextDecoder().decode(profiledSummary(4 + SECTIONS))) as Bundle;
  const [composition, ...others] = bundle.entry;
  const model = others.find(({ resource }) => resource.resourceType === "Observation");
  if (!composition || !model) throw new RangeError("a summary has a Composition and an Observation");
  const observations = Array.from({ length: count }, (_, at) => ({
    ...model,
    fullUrl: `${model.fullUrl.slice(0, -12)}${(0xf00000000000 + at).toString(16)}`,
  }));
  const sections = composition.resource["section"] as readonly { readonly title: string }[];
  const entry = referred(observations.map(({ fullUrl }) => fullUrl)).map((reference) => ({ reference }));
  const resource = { ...composition.resource, section: sections.map((section) => (section.title === "Results" ? { ...section, entry } : section)) };
  const rest = others.filter((one) => one !== model);
  return new TextEncoder().encode(JSON.stringify({ ...bundle, entry: [{ ...composition, resource }, ...rest, ...observations] }));
}
