/** Small documents for journeys, written here so that a test can see every digit it compares. */
import { randomUUID } from "node:crypto";

export interface DocumentOptions {
  /** Bundle.identifier's value; a fresh one each time when absent. */
  readonly identifier?: string;
  readonly title?: string;
  readonly words?: string;
  /** The identifier value of the document that this one replaces. */
  readonly replaces?: string;
}

const PATIENT = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
const PRACTITIONER = "urn:uuid:6a9df0d6-3f6a-4b8e-8a1d-2f4e0f5f2b3c";
const ORGANIZATION = "urn:uuid:5f7f8e3a-1c2d-4e5f-9a8b-7c6d5e4f3a2b";
const OBSERVATION = "urn:uuid:2b0c2a68-9b0f-4d0e-8a35-0c8f3f6f9a11";
const COMPOSITION = "urn:uuid:9d1c1c1e-5d5f-4f5e-8b0e-3c0a5d7f1e22";

/** A discharge letter as JSON text, with decimals whose zeros matter. */
export function documentJson({
  identifier = `urn:uuid:${randomUUID()}`,
  title = "Discharge letter",
  words = "Potassium 2.00 mmol/l, recovering.",
  replaces,
}: DocumentOptions = {}): string {
  const relatesTo =
    replaces === undefined
      ? ""
      : `"relatesTo": [{ "code": "replaces", "targetIdentifier": { "system": "urn:ietf:rfc:3986", "value": "${replaces}" } }],`;
  return `{
  "resourceType": "Bundle",
  "identifier": { "system": "urn:ietf:rfc:3986", "value": "${identifier}" },
  "type": "document",
  "timestamp": "2026-03-14T09:30:00+01:00",
  "entry": [
    {
      "fullUrl": "${COMPOSITION}",
      "resource": {
        "resourceType": "Composition",
        "status": "final",
        "type": { "coding": [{ "system": "http://loinc.org", "code": "18842-5", "display": "Discharge summary" }] },
        "subject": { "reference": "${PATIENT}" },
        "date": "2026-03-14T09:00:00+01:00",
        "author": [{ "reference": "${PRACTITIONER}" }],
        "title": "${title}",
        "custodian": { "reference": "${ORGANIZATION}" },
        ${relatesTo}
        "section": [
          {
            "title": "Results",
            "text": { "status": "generated", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p>${words}</p></div>" },
            "entry": [{ "reference": "${OBSERVATION}" }]
          }
        ]
      }
    },
    {
      "fullUrl": "${PATIENT}",
      "resource": {
        "resourceType": "Patient",
        "text": { "status": "generated", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Ada Brandt, born 2 May 1951</div>" },
        "identifier": [{ "system": "urn:oid:2.16.756.5.32.99", "value": "J-4711" }],
        "name": [{ "family": "Brandt", "given": ["Ada"] }],
        "gender": "female",
        "birthDate": "1951-05-02"
      }
    },
    { "fullUrl": "${PRACTITIONER}", "resource": { "resourceType": "Practitioner", "name": [{ "family": "Okafor", "given": ["Ngozi"], "prefix": ["Dr"] }] } },
    { "fullUrl": "${ORGANIZATION}", "resource": { "resourceType": "Organization", "name": "Lakeside Hospital" } },
    {
      "fullUrl": "${OBSERVATION}",
      "resource": {
        "resourceType": "Observation",
        "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3", "display": "Potassium [Moles/volume] in Serum or Plasma" }] },
        "subject": { "reference": "${PATIENT}" },
        "effectiveDateTime": "2026-03-13",
        "valueQuantity": { "value": 2.00, "unit": "mmol/l", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
        "referenceRange": [{ "low": { "value": 3.50 }, "high": { "value": 5.10 } }]
      }
    }
  ]
}`;
}
