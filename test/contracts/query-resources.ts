/** What the table of queries asks of: each type of parameter has values in it, and resources without them. */
export const LOINC = "http://loinc.org";
export const UCUM = "http://unitsofmeasure.org";

const patient = (id: string, more: object): object => ({ resourceType: "Patient", id, ...more });
const observation = (id: string, more: object): object => ({ resourceType: "Observation", id, status: "final", code: {}, ...more });

export const RESOURCES: readonly object[] = [
  patient("anna", {
    active: true,
    gender: "female",
    birthDate: "1961-12-24",
    name: [{ family: "Müller-Lüdenscheidt", given: ["Änna"], text: "Frau Änna Müller" }],
    identifier: [
      { system: "urn:a", value: "X|1", type: { coding: [{ system: "urn:t", code: "MR" }], text: "Aktenzeichen" } },
      { system: "urn:b", value: "77" },
    ],
    telecom: [
      { system: "phone", value: "+49 (30) 123-45" },
      { system: "email", value: "Anna@example.org" },
    ],
    address: [{ line: ["Hauptstraße 5"], city: "Bad Homburg", postalCode: "61348" }],
    meta: { tag: [{ system: "urn:tag", code: "new" }], profile: ["http://example.org/p/one"] },
  }),
  patient("bob", { gender: "male", birthDate: "1961", name: [{ family: "O'Brien" }], identifier: [{ value: "77" }] }),
  patient("eve", { name: [{ text: "田中 花子" }] }),
  { resourceType: "Organization", id: "ward", name: "Ward 7" },
  observation("pulse", {
    code: { coding: [{ system: LOINC, code: "8867-4", display: "Heart rate" }], text: "Puls" },
    subject: { reference: "Patient/anna" },
    performer: [{ reference: "Organization/ward" }],
    effectiveDateTime: "2024-05-17T10:30:00+02:00",
    valueQuantity: { value: 72, unit: "beats/min", system: UCUM, code: "/min" },
  }),
  observation("glucose", {
    code: { coding: [{ system: LOINC, code: "2345-7" }] },
    subject: { reference: "Patient/bob" },
    effectivePeriod: { start: "2024-05-10", end: "2024-05-20" },
    valueQuantity: { value: 5.4, unit: "mmol/l", system: UCUM, code: "mmol/L" },
  }),
  observation("pressure", {
    code: { coding: [{ system: LOINC, code: "85354-9" }] },
    subject: { reference: "Patient/anna" },
    effectiveDateTime: "2023",
    performer: [{ display: "Dr Okafor" }],
    component: [
      { code: { coding: [{ system: LOINC, code: "8480-6" }] }, valueQuantity: { value: 140, system: UCUM, code: "mm[Hg]" } },
      { code: { coding: [{ system: LOINC, code: "8462-4" }] }, valueQuantity: { value: 90, system: UCUM, code: "mm[Hg]" } },
    ],
  }),
  observation("below", {
    valueQuantity: { value: 2, comparator: "<", system: UCUM, code: "mmol/L" },
    subject: { identifier: { system: "urn:a", value: "X|1" } },
  }),
  { resourceType: "RiskAssessment", id: "risk", status: "final", subject: { reference: "Patient/anna" }, prediction: [{ probabilityDecimal: 0.8 }] },
  { resourceType: "ValueSet", id: "set", status: "active", url: "http://example.org/sets/a/1", version: "2" },
  {
    resourceType: "MedicationRequest",
    id: "order",
    status: "active",
    intent: "order",
    subject: { reference: "Patient/anna" },
    medicationReference: { reference: "#m" },
    contained: [
      { resourceType: "Medication", id: "m", code: { text: "Ibuprofen 800" }, ingredient: [{ itemCodeableConcept: { coding: [{ code: "IBU" }] } }] },
    ],
    text: { status: "generated", div: "<div xmlns='http://www.w3.org/1999/xhtml'>Bei Schmerzen &#252;bel</div>" },
  },
  {
    resourceType: "QuestionnaireResponse",
    id: "answers",
    status: "completed",
    questionnaire: "http://example.org/q|1.0",
    subject: { reference: "https://other.example/fhir/Patient/9/_history/3" },
  },
  { resourceType: "DocumentReference", id: "scan", status: "current", content: [{ attachment: { contentType: "text/xml; charset=UTF-8" } }] },
];
