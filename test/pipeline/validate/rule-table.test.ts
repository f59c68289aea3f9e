import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "./a-document.ts";

const URI = "urn:ietf:rfc:3986";
const UUID = "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7";

function media(content: Plain): Plain {
  return { resourceType: "Media", status: "completed", content };
}

function patientKnownAs(identifier: Plain): Plain {
  return { resourceType: "Patient", identifier: [identifier] };
}

describe("checklist 18: an Attachment with data names its contentType (att-1)", () => {
  test("data alone breaks it", () => {
    expect(briefly(saidOf(media({ data: "YWJj" })))).toEqual(["error att-1 Media.content"]);
  });

  test.each([[{ data: "YWJj", contentType: "text/plain" }], [{ url: "https://hospital.example/a.png" }], [{ title: "no content at all" }]])(
    "%j keeps it",
    (content) => {
      expect(saidOf(media(content))).toEqual([]);
    },
  );

  test("also where an Attachment stands in an extension or a contained resource", () => {
    const resource = {
      resourceType: "Basic",
      contained: [{ ...media({ data: "YWJj" }), id: "m" }],
      extension: [
        { url: "https://hospital.example/letter", valueAttachment: { data: "YWJj" } },
        { url: "https://hospital.example/media", valueReference: { reference: "#m" } },
      ],
      code: { text: "letter" },
    };
    expect(briefly(saidOf(resource))).toEqual(["error att-1 Basic.contained[0].content", "error att-1 Basic.extension[0].value"]);
  });
});

describe("identifiers that are URIs", () => {
  test.each<[identifier: Plain, line: string]>([
    [{ system: URI, value: "53fefa32-fcbb-4ff8-8a92-55ee120877b7" }, "error identifier-not-a-uri Patient.identifier[0]"],
    [{ system: URI, value: "urn:uuid: 1" }, "error identifier-not-a-uri Patient.identifier[0]"],
    [{ system: "https://hospital.example/mrn", value: UUID }, "warning identifier-system Patient.identifier[0]"],
    [{ value: "urn:oid:2.999.1" }, "warning identifier-system Patient.identifier[0]"],
  ])("%j breaks a rule", (identifier, line) => {
    expect(briefly(saidOf(patientKnownAs(identifier)))).toEqual([line]);
  });

  test.each<[identifier: Plain]>([
    [{ system: URI, value: UUID }],
    [{ system: URI, value: "https://hospital.example/patients/1" }],
    [{ system: "https://hospital.example/mrn", value: "53fefa32" }],
    [{ system: URI }],
  ])("%j keeps them", (identifier) => {
    expect(saidOf(patientKnownAs(identifier))).toEqual([]);
  });
});

describe("checklist 19: a modifierExtension that nobody here knows", () => {
  test("is a warning wherever it stands, and an extension is none", () => {
    const url = "https://hospital.example/not-given";
    const resource = {
      resourceType: "MedicationStatement",
      modifierExtension: [{ url, valueBoolean: true }],
      extension: [{ url, valueBoolean: true }],
      status: "active",
      medicationCodeableConcept: { text: "Ramipril" },
      subject: { display: "Ana Example" },
      dosage: [{ modifierExtension: [{ url, valueBoolean: true }] }],
    };
    expect(briefly(saidOf(resource))).toEqual([
      "warning modifier-extension-unknown MedicationStatement.modifierExtension[0]",
      "warning modifier-extension-unknown MedicationStatement.dosage[0].modifierExtension[0]",
    ]);
  });
});

test("checklist 8: a fullUrl is absolute in any Bundle", () => {
  const bundle = {
    resourceType: "Bundle",
    type: "collection",
    entry: [{ fullUrl: "urn:oid:2.999.1" }, { fullUrl: "Patient/1" }].map((entry) => ({
      ...entry,
      resource: { resourceType: "Patient", id: "1", active: true },
    })),
  };
  expect(briefly(saidOf(bundle))).toEqual(["error full-url-relative Bundle.entry[1]"]);
});
