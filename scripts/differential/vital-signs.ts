/** Observations with the codes of R4's vital signs: as their profiles want them, and with each thing otherwise. */
import { smallResource, type Plain } from "./plain-instances.ts";

const LOINC = "http://loinc.org";
const VITAL = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] };
/** By LOINC code the unit that R4 wants. */
const UNITS: Readonly<Record<string, string>> = {
  "9279-1": "/min",
  "8867-4": "/min",
  "2708-6": "%",
  "59408-5": "%",
  "8310-5": "Cel",
  "8302-2": "cm",
  "9843-4": "cm",
  "29463-7": "kg",
  "3141-9": "kg",
  "39156-5": "kg/m2",
  "85354-9": "mm[Hg]",
  "8480-6": "mm[Hg]",
  "8462-4": "mm[Hg]",
  "85353-1": "",
  "718-7": "g/dL",
};

const quantity = (code: string): Plain => ({ value: 1, unit: code, system: "http://unitsofmeasure.org", code });
const concept = (code: string): Plain => ({ coding: [{ system: LOINC, code }] });
const part = (code: string, unit = "mm[Hg]"): Plain => ({ code: concept(code), valueQuantity: quantity(unit) });

const CHANGES: readonly Plain[] = [
  {},
  { category: undefined },
  { category: [{ text: "x" }] },
  { category: [VITAL, VITAL] },
  { subject: undefined },
  { subject: { reference: "Group/1" } },
  { effectiveDateTime: undefined },
  { effectiveDateTime: "2026" },
  { effectiveDateTime: "2026-01" },
  { effectiveDateTime: undefined, effectivePeriod: { start: "2026" } },
  { effectiveDateTime: undefined, effectiveTiming: { event: ["2026"] } },
  { valueQuantity: undefined },
  { valueQuantity: undefined, dataAbsentReason: { text: "x" } },
  { valueQuantity: undefined, valueString: "x" },
  { valueQuantity: { value: 1, unit: "x" } },
  { valueQuantity: quantity("mg") },
  { valueQuantity: quantity("/min") },
  { valueQuantity: { ...quantity("kg"), unit: undefined } },
  { valueQuantity: { ...quantity("kg"), system: "http://example.org" } },
  { component: [{ code: { text: "x" }, valueString: "x" }] },
  { component: [{ code: { text: "x" } }] },
  { valueQuantity: undefined, component: [part("8480-6"), part("8462-4")] },
  { valueQuantity: undefined, component: [part("8480-6")] },
  { valueQuantity: undefined, component: [part("8480-6"), part("8462-4", "kPa")] },
  { valueQuantity: undefined, hasMember: [{ reference: "Observation/1" }] },
  { meta: { profile: ["http://hl7.org/fhir/StructureDefinition/vitalsigns"] } },
  { meta: { profile: ["http://hl7.org/fhir/StructureDefinition/bodyweight"] } },
  { meta: { profile: ["http://hl7.org/fhir/StructureDefinition/Patient"] } },
];

/** Each with a name. */
export function vitalSignInputs(): (readonly [name: string, resource: Plain])[] {
  return Object.entries(UNITS).flatMap(([code, unit]) =>
    CHANGES.map((change) => {
      const whole: Plain = {
        ...smallResource("Observation"),
        category: [VITAL],
        code: concept(code),
        subject: { display: "x" },
        effectiveDateTime: "2026-01-01",
        valueQuantity: quantity(unit),
      };
      return [`${code} ${JSON.stringify(change)}`, { ...whole, ...change }] as const;
    }),
  );
}
