import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
const UCUM = "http://unitsofmeasure.org";
const condition = (more: Plain): Plain => ({ resourceType: "Condition", subject: { display: "x" }, ...more });
const patient = (more: Plain): Plain => ({ resourceType: "Patient", ...more });
const concept = (...coding: Plain[]): Plain => ({ coding });

describe("required bindings", () => {
  test.each<[what: string, resource: Plain, lines: string[]]>([
    ["a code of the value set", patient({ gender: "female" }), []],
    ["a code that is not", patient({ gender: "weiblich" }), ["error binding-required Patient.gender"]],
    ["in another case", patient({ gender: "Female" }), ["error binding-required Patient.gender"]],
    ["a code that is none in form is told so once", patient({ gender: "fe  male" }), ["error format-code Patient.gender"]],
    [
      "one of several",
      {
        resourceType: "Endpoint",
        status: "active",
        connectionType: { system: "urn:x:y", code: "z" },
        payloadType: [{ text: "x" }],
        payloadMimeType: ["text/plain", "nothing"],
        address: "x:y",
      },
      ["error binding-required Endpoint.payloadMimeType[1]"],
    ],
    ["a coding of the value set", condition({ clinicalStatus: concept({ system: CLINICAL, code: "active" }) }), []],
    [
      "beside one that is not",
      condition({ clinicalStatus: concept({ system: "http://snomed.info/sct", code: "1" }, { system: CLINICAL, code: "active" }) }),
      [],
    ],
    [
      "a coding that is not",
      condition({ clinicalStatus: concept({ system: CLINICAL, code: "Active" }) }),
      ["error binding-required Condition.clinicalStatus"],
    ],
    ["a coding without system", condition({ clinicalStatus: concept({ code: "active" }) }), ["error binding-required Condition.clinicalStatus"]],
    ["text alone", condition({ clinicalStatus: { text: "active" } }), ["error binding-required Condition.clinicalStatus"]],
    [
      "text alone, where the value set is not held",
      {
        resourceType: "MolecularSequence",
        coordinateSystem: 0,
        structureVariant: [{ variantType: { text: "deletion" } }],
      },
      ["error binding-required MolecularSequence.structureVariant[0].variantType"],
    ],
    [
      "a code, where the value set is not held",
      {
        resourceType: "MolecularSequence",
        coordinateSystem: 0,
        structureVariant: [{ variantType: concept({ system: "http://loinc.org", code: "LA6692-3" }) }],
      },
      [],
    ],
    ["a maximum value set: languages", patient({ language: "en_GB" }), ["error binding-required Patient.language"]],
    [
      "a unit that is none, where any unit of time may stand",
      condition({ onsetAge: { value: 3, system: UCUM, code: "not a unit" } }),
      ["error binding-required Condition.onset", "warning unit-unknown Condition.onset.code"],
    ],
    ["a unit of time", condition({ onsetAge: { value: 3, system: UCUM, code: "wk" } }), []],
    [
      "in an extension of R4's own",
      patient({ _birthDate: { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "lost" }] } }),
      ["error binding-required Patient.birthDate.extension[0].value"],
    ],
    [
      "in a contained resource",
      patient({ contained: [{ resourceType: "Patient", id: "a", gender: "f" }], link: [{ other: { reference: "#a" }, type: "refer" }] }),
      ["error binding-required Patient.contained[0].gender"],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });

  test("the text names what may stand there", () => {
    expect(saidOf(patient({ gender: "f" }))[0]).toMatchObject({
      code: "code-invalid",
      text: '"f" is not in the value set AdministrativeGender, from which this element must be coded: male, female, other, unknown.',
      position: { line: 3, column: 2 },
    });
  });
});

describe("extensible bindings: a warning, and only where it is sure", () => {
  test.each<[what: string, maritalStatus: Plain, lines: string[]]>([
    ["a code of the value set", concept({ system: MARITAL, code: "M" }), []],
    [
      "a code of another system that is held",
      concept({ system: "http://hl7.org/fhir/administrative-gender", code: "male" }),
      ["warning binding-extensible Patient.maritalStatus"],
    ],
    [
      "beside one of the value set",
      concept({ system: "http://hl7.org/fhir/administrative-gender", code: "male" }, { system: MARITAL, code: "M" }),
      [],
    ],
    ["a code of a system that is not held", concept({ system: "http://snomed.info/sct", code: "87915002" }), []],
    ["text alone", { text: "married" }, []],
    ["no system", concept({ code: "M" }), []],
  ])("%s", (_, maritalStatus, lines) => {
    expect(briefly(saidOf(patient({ maritalStatus })))).toEqual(lines);
  });
});

describe("codes that their system does not have", () => {
  test.each<[what: string, resource: Plain, lines: string[]]>([
    [
      "in a CodeableConcept",
      patient({ maritalStatus: concept({ system: MARITAL, code: "Q" }) }),
      ["error code-unknown Patient.maritalStatus.coding[0].code"],
    ],
    [
      "in a Coding",
      patient({ meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "secret" }] } }),
      ["error code-unknown Patient.meta.security[0].code"],
    ],
    ["of a system that is not held", patient({ maritalStatus: concept({ system: "https://hospital.example/codes", code: "Q" }) }), []],
    [
      "of a system that R4 gives as an example",
      { resourceType: "HealthcareService", type: [concept({ system: "http://terminology.hl7.org/CodeSystem/service-type", code: "99999" })] },
      [],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });
});
