import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";
const patient = (...extension: Plain[]): Plain => ({ resourceType: "Patient", extension });
const SPECIES = { url: "species", valueCodeableConcept: { text: "Canis lupus familiaris" } };
const animal = (...extension: Plain[]): Plain => patient({ url: `${CORE}patient-animal`, extension });

describe("extensions", () => {
  test.each<[what: string, resource: Plain, lines: string[]]>([
    ["one that is not held is accepted", patient({ url: "https://hospital.example/x", valueString: "x" }), []],
    ["ext-1: neither value nor extensions", patient({ url: "https://hospital.example/x" }), ["error ext-1 Patient.extension[0]"]],
    [
      "ext-1: both",
      patient({ url: "https://hospital.example/x", valueString: "x", extension: [{ url: "y", valueString: "y" }] }),
      ["error ext-1 Patient.extension[0]"],
    ],
    [
      "ext-1: a value that has a companion only",
      patient({ url: "https://hospital.example/x", _valueString: { extension: [{ url: `${CORE}data-absent-reason`, valueCode: "masked" }] } }),
      [],
    ],
    ["a relative url", patient({ url: "x", valueString: "x" }), ["error extension-url Patient.extension[0]"]],
    ["a relative url of a part", patient({ url: "https://hospital.example/x", extension: [{ url: "y", valueString: "y" }] }), []],
    [
      "a url with a version",
      patient({ url: `${CORE}patient-birthPlace|4.0.1`, valueAddress: { city: "Wien" } }),
      ["error extension-url Patient.extension[0].url"],
    ],
    ["where it is defined", patient({ url: `${CORE}patient-birthPlace`, valueAddress: { city: "Wien" } }), []],
    ["elsewhere", patient({ url: `${CORE}questionnaire-hidden`, valueBoolean: true }), ["error extension-context Patient"]],
    ["of another type", patient({ url: `${CORE}patient-birthPlace`, valueString: "Wien" }), ["error extension-value Patient.extension[0]"]],
    ["a value instead of parts", patient({ url: `${CORE}patient-animal`, valueString: "dog" }), ["error extension-value Patient.extension[0]"]],
    ["all parts", animal(SPECIES), []],
    ["a part that is missing", animal({ url: "breed", valueCodeableConcept: { text: "Dachshund" } }), ["error extension-part Patient.extension[0]"]],
    [
      "a part that it does not have",
      animal(SPECIES, { url: "colour", valueString: "red" }),
      ["error extension-part Patient.extension[0].extension[1]"],
    ],
    ["a part twice", animal(SPECIES, SPECIES), ["error extension-part Patient.extension[0]"]],
    ["a part of another type", animal({ url: "species", valueString: "dog" }), ["error extension-value Patient.extension[0].extension[0]"]],
    [
      "that modifies, as if it did not",
      {
        resourceType: "NutritionOrder",
        status: "active",
        intent: "order",
        patient: { display: "x" },
        dateTime: "2026",
        oralDiet: { instruction: "x" },
        extension: [{ url: `${CORE}request-doNotPerform`, valueBoolean: true }],
      },
      ["error extension-modifier NutritionOrder.extension[0]"],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });
});

describe("what an extension stands in", () => {
  test.each<[what: string, resource: Plain, lines: string[]]>([
    [
      "a primitive, by its path",
      {
        resourceType: "Patient",
        name: [{ family: "Ruiz", _family: { extension: [{ url: `${CORE}humanname-mothers-family`, valueString: "Vega" }] } }],
      },
      [],
    ],
    [
      "the object around that primitive",
      { resourceType: "Patient", name: [{ family: "Ruiz", extension: [{ url: `${CORE}humanname-mothers-family`, valueString: "Vega" }] }] },
      ["error extension-context Patient.name[0]"],
    ],
    [
      "a datatype, by its name",
      {
        resourceType: "Patient",
        address: [
          {
            city: "x",
            extension: [
              {
                url: `${CORE}geolocation`,
                extension: [
                  { url: "latitude", valueDecimal: 1 },
                  { url: "longitude", valueDecimal: 2 },
                ],
              },
            ],
          },
        ],
      },
      [],
    ],
    [
      "a primitive, by its type",
      {
        resourceType: "Questionnaire",
        status: "draft",
        title: "x",
        _title: {
          extension: [
            {
              url: `${CORE}translation`,
              extension: [
                { url: "lang", valueCode: "de" },
                { url: "content", valueString: "y" },
              ],
            },
          ],
        },
      },
      [],
    ],
    [
      "a backbone within itself",
      {
        resourceType: "Questionnaire",
        status: "draft",
        item: [
          {
            linkId: "1",
            type: "group",
            item: [
              {
                linkId: "2",
                type: "group",
                item: [{ linkId: "3", type: "string", extension: [{ url: `${CORE}questionnaire-hidden`, valueBoolean: true }] }],
              },
            ],
          },
        ],
      },
      [],
    ],
    [
      "another extension, where it may stand anywhere",
      patient({ url: "https://hospital.example/x", extension: [{ url: `${CORE}narrativeLink`, valueUrl: "#a" }] }),
      [],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });
});
