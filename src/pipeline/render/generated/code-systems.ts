/** Names of code systems, for a code that came without words: it is shown as a code of its system, never as if it were a word. */
const NAMES: Readonly<Record<string, string>> = {
  "http://snomed.info/sct": "SNOMED CT",
  "http://loinc.org": "LOINC",
  "http://www.whocc.no/atc": "ATC",
  "http://fhir.de/CodeSystem/bfarm/atc": "ATC",
  "http://fhir.de/CodeSystem/dimdi/atc": "ATC",
  "http://fhir.de/CodeSystem/ifa/pzn": "PZN",
  "http://fhir.de/CodeSystem/ask": "ASK",
  "http://hl7.org/fhir/sid/icd-10": "ICD-10",
  "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
  "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
  "http://id.who.int/icd/release/11/mms": "ICD-11",
  "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "ICD-10-GM",
  "http://fhir.de/CodeSystem/dimdi/icd-10-gm": "ICD-10-GM",
  "http://fhir.de/CodeSystem/bfarm/ops": "OPS",
  "http://fhir.de/CodeSystem/dimdi/ops": "OPS",
  "http://www.orpha.net": "ORPHA",
  "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
  "http://hl7.org/fhir/sid/ndc": "NDC",
  "http://hl7.org/fhir/sid/cvx": "CVX",
  "http://www.ama-assn.org/go/cpt": "CPT",
  "https://dmd.nhs.uk": "dm+d",
  "http://unitsofmeasure.org": "UCUM",
  "http://standardterms.edqm.eu": "EDQM",
  "http://dicom.nema.org/resources/ontology/DCM": "DICOM",
  "urn:iso:std:iso:3166": "ISO 3166",
  "urn:ietf:bcp:47": "BCP 47",
  "urn:ietf:bcp:13": "MIME",
  "urn:iso:std:iso:11073:10101": "ISO 11073",
  "urn:oid:1.2.40.0.34.4.16": "ASP",
};

/** A name for the system that people know, else the end of its address; undefined when there is no system. */
export function systemName(system: string | undefined): string | undefined {
  if (system === undefined || system === "") return undefined;
  if (Object.hasOwn(NAMES, system)) return NAMES[system];
  return system.startsWith("urn:") ? system : (system.split(/[/#]/).findLast((part) => part !== "") ?? system);
}

const HL7 = "http://terminology.hl7.org/CodeSystem/";

/** Code systems whose codes the locales have words for, and the beginning of their keys. */
const WORDED: Readonly<Record<string, string>> = {
  [`${HL7}condition-clinical`]: "code",
  [`${HL7}condition-ver-status`]: "code",
  [`${HL7}allergyintolerance-clinical`]: "code",
  [`${HL7}allergyintolerance-verification`]: "code",
  [`${HL7}v3-ObservationInterpretation`]: "interpretation",
  "http://hl7.org/fhir/v2/0078": "interpretation",
  [`${HL7}v2-0078`]: "interpretation",
  [`${HL7}v3-ActCode`]: "label",
  [`${HL7}v3-Confidentiality`]: "confidentiality-code",
  [`${HL7}data-absent-reason`]: "absent",
  [`${HL7}referencerange-meaning`]: "range",
  [`${HL7}observation-category`]: "category",
  [`${HL7}condition-category`]: "category",
  [`${HL7}goal-achievement`]: "achievement",
  "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT": "certainty",
  "http://fhir.de/CodeSystem/dimdi/diagnosesicherheit": "certainty",
};

/** The key under which a locale may have words for a code; undefined for systems that we have none for. */
export function wordKey(system: string | undefined, code: string): string | undefined {
  if (system === undefined || !Object.hasOwn(WORDED, system)) return undefined;
  return `${WORDED[system] ?? ""}-${KEYS_OF_SIGNS[code] ?? code}`;
}

/** Codes that are no words of a key. */
const KEYS_OF_SIGNS: Readonly<Record<string, string>> = { "<": "below", ">": "above" };
