/** A patient summary of as many resources as are asked for, about 2.5 KB each: problems, allergies, medication, immunizations, procedures and results, each with its narrative. */

const BASE = "urn:uuid:5d1f0f7c-3b1c-4c2e-9d57";
const PATIENT = `${BASE}-000000000001`;
const PRACTITIONER = `${BASE}-000000000002`;
const ORGANIZATION = `${BASE}-000000000003`;
/** Composition, Patient, Practitioner, Organization. */
const FRAME = 4;

/** JSON in UTF-8, indented by two spaces. `resources`: 10 or more. */
export function patientSummary(resources: number): Uint8Array {
  const made = Array.from({ length: resources - FRAME }, (_, at) => ({ url: `${BASE}-1${at.toString(16).padStart(11, "0")}`, ...resourceAt(at) }));
  const sections = SECTIONS.map(({ title, code, display }, at) => {
    const entries = made.filter((_, index) => index % SECTIONS.length === at);
    const rows = entries.map(({ name }, index) => `<tr><td>${index + 1}</td><td>${name}</td></tr>`).join("");
    return {
      title,
      code: { coding: [{ system: "http://loinc.org", code, display }] },
      text: narrative(`<table><thead><tr><th>No.</th><th>${title}</th></tr></thead><tbody>${rows}</tbody></table>`),
      entry: entries.map(({ url }) => ({ reference: url })),
    };
  });
  const entry = [
    { fullUrl: `${BASE}-000000000000`, resource: composition(sections) },
    ...FRAME_ENTRIES,
    ...made.map(({ url, resource }) => ({ fullUrl: url, resource })),
  ];
  const bundle = {
    resourceType: "Bundle",
    identifier: { system: "urn:ietf:rfc:3986", value: `${BASE}-2${resources.toString().padStart(11, "0")}` },
    type: "document",
    timestamp: "2026-03-14T09:30:00+01:00",
    entry,
  };
  return new TextEncoder().encode(JSON.stringify(bundle, undefined, 2));
}

function composition(section: readonly object[]): object {
  return {
    resourceType: "Composition",
    text: narrative("<p>Summary for continuing care, made from the record of the practice.</p>"),
    status: "final",
    type: { coding: [{ system: "http://loinc.org", code: "60591-5", display: "Patient summary Document" }] },
    subject: { reference: PATIENT, display: "Ada Brandt" },
    date: "2026-03-14T09:00:00+01:00",
    author: [{ reference: PRACTITIONER, display: "Dr Ngozi Okafor" }],
    title: "Patient summary",
    attester: [{ mode: "legal", time: "2026-03-14T09:20:00+01:00", party: { reference: PRACTITIONER } }],
    custodian: { reference: ORGANIZATION, display: "Lakeside Practice" },
    section,
  };
}

const FRAME_ENTRIES = [
  {
    fullUrl: PATIENT,
    resource: {
      resourceType: "Patient",
      text: narrative("<p>Ada Brandt, born 2 May 1951</p>"),
      identifier: [{ use: "official", system: "urn:oid:2.16.756.5.32.99", value: "J-7714" }],
      name: [{ use: "official", family: "Brandt", given: ["Ada", "Maria"], prefix: ["Dr"] }],
      telecom: [{ system: "phone", value: "+41 44 555 01 23", use: "home" }],
      gender: "female",
      birthDate: "1951-05-02",
      address: [{ use: "home", line: ["Seestrasse 12"], city: "Zürich", postalCode: "8002", country: "CH" }],
    },
  },
  {
    fullUrl: PRACTITIONER,
    resource: {
      resourceType: "Practitioner",
      text: narrative("<p>Dr Ngozi Okafor</p>"),
      name: [{ family: "Okafor", given: ["Ngozi"], prefix: ["Dr"] }],
    },
  },
  { fullUrl: ORGANIZATION, resource: { resourceType: "Organization", text: narrative("<p>Lakeside Practice</p>"), name: "Lakeside Practice" } },
];

interface Made {
  readonly name: string;
  readonly resource: object;
}

const SECTIONS: readonly { readonly title: string; readonly code: string; readonly display: string; make(at: number): Made }[] = [
  {
    title: "Problems",
    code: "11450-4",
    display: "Problem list - Reported",
    make: (at) => {
      const name = "Essential hypertension";
      return {
        name,
        resource: {
          resourceType: "Condition",
          ...headOf("Condition", at, name),
          clinicalStatus: concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
          verificationStatus: concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "Confirmed"),
          category: [concept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "Problem List Item")],
          code: codes(name, ["http://snomed.info/sct", "59621000"], ["http://hl7.org/fhir/sid/icd-10", "I10"]),
          subject: { reference: PATIENT },
          onsetDateTime: "2014-06",
          recordedDate: "2014-06-17",
          recorder: { reference: PRACTITIONER },
          note: notes(at),
        },
      };
    },
  },
  {
    title: "Allergies",
    code: "48765-2",
    display: "Allergies and adverse reactions Document",
    make: (at) => {
      const name = "Allergy to penicillin";
      return {
        name,
        resource: {
          resourceType: "AllergyIntolerance",
          ...headOf("AllergyIntolerance", at, name),
          clinicalStatus: concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active"),
          verificationStatus: concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed", "Confirmed"),
          type: "allergy",
          category: ["medication"],
          criticality: "high",
          code: codes(name, ["http://snomed.info/sct", "91936005"]),
          patient: { reference: PATIENT },
          onsetDateTime: "1988",
          recorder: { reference: PRACTITIONER },
          note: notes(at),
          reaction: [
            {
              manifestation: [codes("Urticaria", ["http://snomed.info/sct", "126485001"])],
              severity: "moderate",
              exposureRoute: codes("Oral route", ["http://snomed.info/sct", "26643006"]),
            },
          ],
        },
      };
    },
  },
  {
    title: "Medication",
    code: "10160-0",
    display: "History of Medication use Narrative",
    make: (at) => {
      const name = "Lisinopril 10 mg tablet";
      return {
        name,
        resource: {
          resourceType: "MedicationStatement",
          ...headOf("MedicationStatement", at, name),
          status: "active",
          medicationCodeableConcept: codes(name, ["http://snomed.info/sct", "318857006"], ["http://www.whocc.no/atc", "C09AA03"]),
          subject: { reference: PATIENT },
          effectivePeriod: { start: "2014-06-17" },
          informationSource: { reference: PRACTITIONER },
          note: notes(at),
          dosage: [
            {
              sequence: 1,
              text: "One tablet in the morning",
              timing: { repeat: { frequency: 1, period: 1, periodUnit: "d" } },
              route: codes("Oral route", ["http://snomed.info/sct", "26643006"]),
              doseAndRate: [{ doseQuantity: { value: 1, unit: "tablet", system: "http://unitsofmeasure.org", code: "1" } }],
            },
          ],
        },
      };
    },
  },
  {
    title: "Immunizations",
    code: "11369-6",
    display: "History of Immunization Narrative",
    make: (at) => {
      const name = "Influenza vaccine";
      return {
        name,
        resource: {
          resourceType: "Immunization",
          ...headOf("Immunization", at, name),
          status: "completed",
          vaccineCode: codes(name, ["http://snomed.info/sct", "1181000221105"], ["http://www.whocc.no/atc", "J07BB"]),
          patient: { reference: PATIENT },
          occurrenceDateTime: "2025-10-14",
          primarySource: true,
          lotNumber: `AC-${at}`,
          expirationDate: "2026-06-30",
          site: codes("Left upper arm structure", ["http://snomed.info/sct", "368208006"]),
          doseQuantity: { value: 0.5, unit: "mL", system: "http://unitsofmeasure.org", code: "mL" },
          performer: [{ actor: { reference: PRACTITIONER, display: "Dr Ngozi Okafor" } }],
          note: notes(at),
        },
      };
    },
  },
  {
    title: "Procedures",
    code: "47519-4",
    display: "History of Procedures Document",
    make: (at) => {
      const name = "Appendectomy";
      return {
        name,
        resource: {
          resourceType: "Procedure",
          ...headOf("Procedure", at, name),
          status: "completed",
          category: codes("Surgical procedure", ["http://snomed.info/sct", "387713003"]),
          code: codes(name, ["http://snomed.info/sct", "80146002"]),
          subject: { reference: PATIENT },
          performedPeriod: { start: "1978-02-11T08:30:00+01:00", end: "1978-02-11T09:15:00+01:00" },
          performer: [{ actor: { reference: PRACTITIONER }, onBehalfOf: { reference: ORGANIZATION } }],
          bodySite: [codes("Appendix structure", ["http://snomed.info/sct", "66754008"])],
          note: notes(at),
        },
      };
    },
  },
  {
    title: "Results",
    code: "30954-2",
    display: "Relevant diagnostic tests/laboratory data Narrative",
    make: (at) => {
      const name = "Potassium [Moles/volume] in Serum or Plasma";
      const quantity = (value: number): object => ({ value, unit: "mmol/L", system: "http://unitsofmeasure.org", code: "mmol/L" });
      return {
        name,
        resource: {
          resourceType: "Observation",
          ...headOf("Observation", at, name),
          status: "final",
          category: [concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory")],
          code: codes(name, ["http://loinc.org", "2823-3"]),
          subject: { reference: PATIENT },
          effectiveDateTime: "2026-03-13T07:45:00+01:00",
          issued: "2026-03-13T11:02:17.250+01:00",
          performer: [{ reference: ORGANIZATION }],
          valueQuantity: quantity(3.55 + (at % 10) / 10),
          interpretation: [concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N", "Normal")],
          note: notes(at),
          referenceRange: [{ low: quantity(3.5), high: quantity(5.1), text: "3.5 to 5.1 mmol/L" }],
        },
      };
    },
  },
];

function resourceAt(at: number): Made {
  const section = SECTIONS[at % SECTIONS.length];
  if (!section) throw new RangeError("there is a section for every number");
  return section.make(at);
}

function headOf(type: string, at: number, name: string): object {
  const text = `${name}, no. ${at}`;
  return {
    text: narrative(`<div class="summary"><p><b>${type}</b>: ${text}</p><ul><li>Recorded by Dr Ngozi Okafor at Lakeside Practice</li></ul></div>`),
    identifier: [{ use: "official", system: `https://lakeside.example/${type.toLowerCase()}`, value: `${type.slice(0, 2).toUpperCase()}-${at}` }],
  };
}

function notes(at: number): object[] {
  return [
    {
      authorReference: { reference: PRACTITIONER },
      text: `Reviewed with the patient (${at}).`,
    },
  ];
}

function concept(system: string, code: string, display: string): object {
  return { coding: [{ system, code, display }] };
}

function codes(text: string, ...codings: readonly (readonly [system: string, code: string])[]): object {
  return { coding: codings.map(([system, code]) => ({ system, code, display: text })), text };
}

function narrative(content: string): { readonly status: string; readonly div: string } {
  return { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` };
}
