/** Documents for benchmarks: a discharge summary with as many laboratory results as it takes to reach a size; each has an identifier of its own. */
import { randomBytes, randomUUID } from "node:crypto";

/** Gives documents of about `bytes` bytes each, JSON as a hospital system writes it. */
export function documentMaker(bytes: number): () => Uint8Array {
  const encoder = new TextEncoder();
  const least = encoder.encode(documentJson(0)).length;
  const each = (encoder.encode(documentJson(20)).length - least) / 20;
  const results = Math.max(1, Math.round((bytes - least) / each));
  return () => encoder.encode(documentJson(results));
}

const PATIENT = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
const PRACTITIONER = "urn:uuid:6a9df0d6-3f6a-4b8e-8a1d-2f4e0f5f2b3c";
const ORGANIZATION = "urn:uuid:5f7f8e3a-1c2d-4e5f-9a8b-7c6d5e4f3a2b";
const ANALYTES = [
  { code: "2823-3", display: "Potassium [Moles/volume] in Serum or Plasma", unit: "mmol/L", low: "3.50", high: "5.10" },
  { code: "2951-2", display: "Sodium [Moles/volume] in Serum or Plasma", unit: "mmol/L", low: "136", high: "145" },
  { code: "2160-0", display: "Creatinine [Mass/volume] in Serum or Plasma", unit: "mg/dL", low: "0.70", high: "1.20" },
  { code: "718-7", display: "Hemoglobin [Mass/volume] in Blood", unit: "g/dL", low: "13.0", high: "17.0" },
] as const;

function documentJson(results: number): string {
  const observations = Array.from({ length: results }, (_, at) => observation(at));
  const rows = observations.map(({ display, value, unit }) => `<tr><td>${display}</td><td>${value} ${unit}</td></tr>`).join("");
  const bundle = `{
  "resourceType": "Bundle",
  "identifier": { "system": "urn:ietf:rfc:3986", "value": "urn:uuid:${randomUUID()}" },
  "type": "document",
  "timestamp": "2026-03-14T09:30:00+01:00",
  "entry": [
    ${entry("urn:uuid:9d1c1c1e-5d5f-4f5e-8b0e-3c0a5d7f1e22", {
      resourceType: "Composition",
      status: "final",
      type: { coding: [{ system: "http://loinc.org", code: "18842-5", display: "Discharge summary" }] },
      subject: { reference: PATIENT },
      date: "2026-03-14T09:00:00+01:00",
      author: [{ reference: PRACTITIONER }],
      title: "Discharge summary",
      attester: [{ mode: "legal", time: "2026-03-14T09:20:00+01:00", party: { reference: PRACTITIONER } }],
      custodian: { reference: ORGANIZATION },
      section: [
        {
          title: "Course",
          text: narrative("<p>Admitted with weakness and palpitations; potassium replaced; discharged in good condition.</p>"),
        },
        ...(results > 0
          ? [
              {
                title: "Laboratory results",
                text: narrative(`<table><thead><tr><th>Test</th><th>Result</th></tr></thead><tbody>${rows}</tbody></table>`),
                entry: observations.map(({ url }) => ({ reference: url })),
              },
            ]
          : []),
      ],
    })},
    ${entry(PATIENT, {
      resourceType: "Patient",
      text: narrative("<p>Ada Brandt, born 2 May 1951</p>"),
      identifier: [{ system: "urn:oid:2.16.756.5.32.99", value: `J-${randomUUID().slice(0, 8)}` }],
      name: [{ family: "Brandt", given: ["Ada"] }],
      gender: "female",
      birthDate: "1951-05-02",
    })},
    ${entry(PRACTITIONER, { resourceType: "Practitioner", name: [{ family: "Okafor", given: ["Ngozi"], prefix: ["Dr"] }] })},
    ${entry(ORGANIZATION, { resourceType: "Organization", name: "Lakeside Hospital" })}`;
  return `${[bundle, ...observations.map(({ json }) => `    ${json}`)].join(",\n")}\n  ]\n}\n`;
}

function observation(at: number): {
  readonly url: string;
  readonly display: string;
  readonly value: string;
  readonly unit: string;
  readonly json: string;
} {
  const url = `urn:uuid:2b0c2a68-9b0f-4d0e-8a35-${at.toString(16).padStart(12, "0")}`;
  const { code, display, unit, low, high } = ANALYTES[at % ANALYTES.length] ?? ANALYTES[0];
  const value = `${2 + (at % 7)}.${at % 10}0`;
  const resource = {
    resourceType: "Observation",
    status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory", display: "Laboratory" }] }],
    code: { coding: [{ system: "http://loinc.org", code, display }] },
    subject: { reference: PATIENT },
    effectiveDateTime: "2026-03-13T07:45:00+01:00",
    performer: [{ reference: ORGANIZATION }],
    valueQuantity: { value: "@value", unit, system: "http://unitsofmeasure.org", code: unit },
    referenceRange: [{ low: { value: "@low", unit }, high: { value: "@high", unit } }],
  };
  // Decimals are put in as text: JSON.stringify would write 2.10 as 2.1.
  const json = entry(url, resource).replace('"@value"', value).replace('"@low"', low).replace('"@high"', high);
  return { url, display, value, unit, json };
}

function narrative(content: string): { readonly status: string; readonly div: string } {
  return { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` };
}

function entry(fullUrl: string, resource: object): string {
  return JSON.stringify({ fullUrl, resource });
}

/** The same with a photograph that makes them so many bytes long: what large documents consist of. */
export function withPhotograph(make: () => Uint8Array, bytes: number): () => Uint8Array {
  const small = make();
  const data = randomBytes(Math.max(0, Math.floor(((bytes - small.length) * 3) / 4))).toString("base64");
  return () => {
    const text = Buffer.from(make()).toString("utf8");
    return Buffer.from(text.replace('"gender":', () => `"photo": [{ "contentType": "image/png", "data": "${data}" }], "gender":`));
  };
}
