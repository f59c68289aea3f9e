/** Names for the identifier systems that a clinician meets, by their URI. National ones keep the name that is used in the country. */
const SYSTEMS: Readonly<Record<string, string>> = {
  "https://fhir.nhs.uk/Id/nhs-number": "NHS number",
  "http://fhir.nhs.net/Id/nhs-number": "NHS number",
  "urn:oid:2.16.840.1.113883.2.1.4.1": "NHS number",
  "http://fhir.de/sid/gkv/kvid-10": "KVNR",
  "http://fhir.de/sid/pkv/kvid-10": "KVNR (PKV)",
  "http://fhir.de/NamingSystem/gkv/kvid-10": "KVNR",
  "https://gematik.de/fhir/sid/telematik-id": "Telematik-ID",
  "https://fhir.kbv.de/NamingSystem/KBV_NS_Base_ANR": "LANR",
  "https://fhir.kbv.de/NamingSystem/KBV_NS_Base_BSNR": "BSNR",
  "http://fhir.de/sid/arge-ik/iknr": "IKNR",
  "urn:oid:2.16.756.5.32": "AHV/AVS",
  "urn:oid:2.16.756.5.31": "AHV/AVS",
  "urn:oid:2.16.756.5.30.1.127.3.10.3": "EPR-SPID",
  "urn:oid:2.51.1.3": "GLN",
  "urn:oid:1.2.40.0.10.1.4.3.1": "SVNR",
  "urn:oid:1.2.250.1.213.1.4.8": "INS-NIR",
  "urn:oid:1.2.250.1.213.1.4.10": "INS-NIR",
  "http://fhir.nl/fhir/NamingSystem/bsn": "BSN",
  "urn:oid:2.16.840.1.113883.2.4.6.3": "BSN",
  "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin": "NISS/INSZ",
  "https://www.ehealth.fgov.be/standards/fhir/NamingSystem/ssin": "NISS/INSZ",
  "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi": "INAMI/RIZIV",
  "urn:oid:1.2.208.176.1.2": "CPR",
  "urn:oid:1.2.752.129.2.1.3.1": "Personnummer",
  "http://electronichealth.se/identifier/personnummer": "Personnummer",
  "urn:oid:2.16.578.1.12.4.1.4.1": "Fødselsnummer",
  "urn:oid:1.2.246.21": "HETU",
  "http://hl7.it/sid/codiceFiscale": "Codice fiscale",
  "http://hl7.org/fhir/sid/us-ssn": "SSN",
  "urn:oid:2.16.840.1.113883.4.1": "SSN",
  "http://hl7.org/fhir/sid/us-npi": "NPI",
  "http://ns.electronichealth.net.au/id/hi/ihi/1.0": "IHI",
  "http://ns.electronichealth.net.au/id/hi/hpii/1.0": "HPI-I",
  "http://ns.electronichealth.net.au/id/hi/hpio/1.0": "HPI-O",
  "http://ns.electronichealth.net.au/id/medicare-number": "Medicare number",
  "https://standards.digital.health.nz/ns/nhi-id": "NHI",
  "https://healthid.ndhm.gov.in": "ABHA number",
  "https://ndhm.in/phr": "ABHA address",
};

/** Codes of http://terminology.hl7.org/CodeSystem/v2-0203 that stand on an identity band. */
const TYPES: Readonly<Record<string, string>> = {
  MR: "MRN",
  SS: "SSN",
  PPN: "Passport",
  NI: "National number",
  NH: "National health number",
  DL: "Driving licence",
  VN: "Visit number",
};

/** The short name of an identifier's system, or of its type (v2-0203 code); undefined when neither is known. */
export function identifierLabel(system: string | undefined, typeCode: string | undefined): string | undefined {
  const bySystem = system === undefined || !Object.hasOwn(SYSTEMS, system) ? undefined : SYSTEMS[system];
  const byType = typeCode === undefined || !Object.hasOwn(TYPES, typeCode) ? undefined : TYPES[typeCode];
  return bySystem ?? byType;
}
