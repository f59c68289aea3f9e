/** Each type of parameter with each prefix and modifier (R4 search.html): what is found, and what is not. */
import { describe, expect, test } from "@jest/globals";
import { finderOf } from "./found.ts";

const LOINC = "http://loinc.org";
const UCUM = "http://unitsofmeasure.org";

const patient = (id: string, more: object): object => ({ resourceType: "Patient", id, ...more });
const observation = (id: string, more: object): object => ({ resourceType: "Observation", id, status: "final", code: {}, ...more });

const RESOURCES: readonly object[] = [
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

/** type, query, the ids that are found. */
const TABLE: readonly (readonly [type: string, query: string, found: readonly string[]])[] = [
  // string
  ["Patient", "family=muller", ["anna"]],
  ["Patient", "family=MÜLLER L", ["anna"]],
  ["Patient", "family=ludensch", ["anna"]],
  ["Patient", "family=denscheidt", []],
  ["Patient", "family=obrien", ["bob"]],
  ["Patient", "family:contains=denscheidt", ["anna"]],
  ["Patient", "family:exact=O'Brien", ["bob"]],
  ["Patient", "family:exact=o'brien", []],
  ["Patient", "name=花子", ["eve"]],
  ["Patient", "name=anna", ["anna"]],
  ["Patient", "address=hauptstrasse", ["anna"]],
  ["Patient", "address-city=homburg", ["anna"]],
  ["Patient", "family:missing=true", ["eve"]],
  ["Patient", "family:missing=false", ["anna", "bob"]],
  // token
  ["Patient", "gender=female", ["anna"]],
  ["Patient", "gender=FEMALE", ["anna"]],
  ["Patient", "gender=http://hl7.org/fhir/administrative-gender|male", ["bob"]],
  ["Patient", "gender=urn:x|male", []],
  ["Patient", "gender=male,female", ["anna", "bob"]],
  ["Patient", "gender:not=male", ["anna", "eve"]],
  ["Patient", "gender:missing=true", ["eve"]],
  ["Patient", "active=true", ["anna"]],
  ["Patient", "identifier=77", ["anna", "bob"]],
  ["Patient", "identifier=urn:b|77", ["anna"]],
  ["Patient", "identifier=|77", ["bob"]],
  ["Patient", "identifier=urn:b|", ["anna"]],
  ["Patient", "identifier=urn:a|X\\|1", ["anna"]],
  ["Patient", "identifier:of-type=urn:t|MR|X\\|1", ["anna"]],
  ["Patient", "identifier:of-type=urn:t|XX|X\\|1", []],
  ["Patient", "identifier:text=akten", ["anna"]],
  ["Patient", "phone=+49301234 5,+49301 2345".replace("+", "%2B"), []],
  ["Patient", `phone=${encodeURIComponent("+493012345")}`, ["anna"]],
  ["Patient", "email=anna@example.org", ["anna"]],
  ["Patient", "_tag=urn:tag|new", ["anna"]],
  ["Patient", "_profile=http://example.org/p/one", ["anna"]],
  ["Observation", `code=${LOINC}|8867-4`, ["pulse"]],
  ["Observation", "code:text=heart", ["pulse"]],
  ["Observation", "code:text=rate", ["pulse"]],
  ["Observation", "code:text=puls", ["pulse"]],
  ["Observation", "status=http://hl7.org/fhir/observation-status|final&code=2345-7", ["glucose"]],
  ["DocumentReference", "contenttype=text/xml", []],
  ["DocumentReference", "contenttype:below=text/xml", ["scan"]],
  // date
  ["Patient", "birthdate=1961", ["anna", "bob"]],
  ["Patient", "birthdate=1961-12-24", ["anna"]],
  ["Patient", "birthdate=ne1961-12-24", ["bob"]],
  ["Patient", "birthdate=gt1961-06", ["anna", "bob"]],
  ["Patient", "birthdate=lt1961-06", ["bob"]],
  ["Patient", "birthdate=ge1962", []],
  ["Patient", "birthdate=le1961-12-24", ["anna", "bob"]],
  ["Patient", "birthdate=sa1961-12-23", ["anna"]],
  ["Patient", "birthdate=eb1962", ["anna", "bob"]],
  ["Patient", "birthdate=ap1961-12-20", ["anna", "bob"]],
  ["Patient", "birthdate=ap2020", []],
  ["Observation", "date=2024-05-17", ["pulse"]],
  ["Observation", "date=2024-05-17T08:30:00Z", ["pulse"]],
  ["Observation", "date=2024-05-17T10:30:00Z", []],
  ["Observation", "date=2024-05-17T10:30", ["pulse"]],
  ["Observation", "date=2024-05", ["glucose", "pulse"]],
  ["Observation", "date=ge2024-05-15&date=le2024-05-15", ["glucose"]],
  ["Observation", "date=sa2023", ["glucose", "pulse"]],
  ["Observation", "date=eb2024-05-21", ["glucose", "pressure", "pulse"]],
  ["Observation", "date:missing=true", ["below"]],
  // number and quantity
  ["RiskAssessment", "probability=0.8", ["risk"]],
  ["RiskAssessment", "probability=8e-1", ["risk"]],
  ["RiskAssessment", "probability=0.80", ["risk"]],
  ["RiskAssessment", "probability=0.81", []],
  ["RiskAssessment", "probability=gt0.79&probability=lt0.81", ["risk"]],
  ["RiskAssessment", "probability=gt0.8", []],
  ["RiskAssessment", "probability=ge0.8", ["risk"]],
  ["RiskAssessment", "probability=ne0.8", []],
  ["RiskAssessment", "probability=sa0.7", ["risk"]],
  ["RiskAssessment", "probability=eb0.9", ["risk"]],
  ["RiskAssessment", "probability=ap0.75", ["risk"]],
  ["Observation", "value-quantity=5.4", ["glucose"]],
  ["Observation", "value-quantity=5", ["glucose"]],
  ["Observation", `value-quantity=5.4|${UCUM}|mmol/L`, ["glucose"]],
  ["Observation", `value-quantity=0.0054|${UCUM}|mol/L`, ["glucose"]],
  ["Observation", `value-quantity=5.4|${UCUM}|mg`, []],
  ["Observation", "value-quantity=5.4||mmol/l", ["glucose"]],
  ["Observation", "value-quantity=gt70", ["pulse"]],
  ["Observation", `value-quantity=lt3|${UCUM}|mmol/L`, ["below"]],
  ["Observation", `value-quantity=gt1|${UCUM}|mmol/L`, ["below", "glucose"]],
  // reference
  ["Observation", "subject=Patient/anna", []],
  ["Observation", "subject=https://elsewhere.example/fhir/Patient/anna", ["pressure", "pulse"]],
  ["Observation", "subject:identifier=urn:a|X\\|1", ["below"]],
  ["Observation", "subject:missing=true", []],
  ["QuestionnaireResponse", "subject=https://other.example/fhir/Patient/9", ["answers"]],
  ["QuestionnaireResponse", "subject=https://other.example/fhir/Patient/9/_history/3", ["answers"]],
  ["QuestionnaireResponse", "subject=https://other.example/fhir/Patient/9/_history/2", []],
  ["QuestionnaireResponse", "questionnaire=http://example.org/q", ["answers"]],
  ["QuestionnaireResponse", "questionnaire=http://example.org/q|1.0", ["answers"]],
  ["QuestionnaireResponse", "questionnaire=http://example.org/q|2.0", []],
  ["QuestionnaireResponse", "questionnaire:below=http://example.org/q|1", ["answers"]],
  // uri
  ["ValueSet", "url=http://example.org/sets/a/1", ["set"]],
  ["ValueSet", "url=http://example.org/sets/A/1", []],
  ["ValueSet", "url:below=http://example.org/sets/", ["set"]],
  ["ValueSet", "url:above=http://example.org/sets/a/1/_history/5", ["set"]],
  // composite
  ["Observation", `component-code-value-quantity=${LOINC}|8480-6$gt130`, ["pressure"]],
  ["Observation", `component-code-value-quantity=${LOINC}|8462-4$gt130`, []],
  ["Observation", `code-value-quantity=8867-4$72`, ["pulse"]],
  ["Observation", `combo-code-value-quantity=8462-4$lt100,8867-4$gt100`, ["pressure"]],
  // chains
  ["Observation", "subject:Patient.name=anna", ["pressure", "pulse"]],
  ["Observation", "patient.gender=male", ["glucose"]],
  ["Observation", "performer:Organization.name=ward&patient.gender=female", ["pulse"]],
  ["MedicationRequest", "medication.code:text=ibuprofen", ["order"]],
  ["MedicationRequest", "medication.ingredient-code=IBU", ["order"]],
  ["Medication", "ingredient-code=IBU", []],
  ["Patient", "_has:Observation:patient:code=2345-7", ["bob"]],
  ["Patient", "_has:Observation:patient:performer:Organization.name=ward", ["anna"]],
  ["Organization", "_has:Observation:performer:patient.birthdate=1961-12-24", ["ward"]],
  // words
  ["MedicationRequest", "_text=schmerzen", ["order"]],
  ["MedicationRequest", "_text=übel bei", ["order"]],
  ["MedicationRequest", "_text=ibuprofen", []],
  ["MedicationRequest", "_content=ibuprofen", ["order"]],
  ["MedicationRequest", "_content=schmerzen ibuprofen", ["order"]],
  ["Patient", "_content=花子", ["eve"]],
];

describe("a search", () => {
  const finder = finderOf(...RESOURCES);

  test.each(TABLE)("%s?%s", async (type, query, found) => {
    expect(await (await finder)(type, query.includes("%") ? query : query.replaceAll("+", "%2B"))).toEqual([...found].sort());
  });
});
