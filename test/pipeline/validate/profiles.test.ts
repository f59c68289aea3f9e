import { expect, test } from "@jest/globals";
import { aDocument, briefly, resourceAt, saidOf } from "./a-document.ts";

test("checklist 16: a declared profile is named, for it is not checked; R4's own resources are", () => {
  const document = aDocument();
  document["meta"] = { profile: ["https://hospital.example/StructureDefinition/letter|2.1"] };
  resourceAt(document, 1)["meta"] = {
    profile: [
      "http://hl7.org/fhir/StructureDefinition/Patient",
      "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1",
      "https://hospital.example/p",
    ],
  };
  const said = saidOf(document);
  expect(briefly(said)).toEqual([
    "information profile-not-held Bundle.entry[1].resource.meta.profile[2]",
    "information profile-not-held Bundle.meta.profile[0]",
  ]);
  expect(said[1]?.text).toContain("https://hospital.example/StructureDefinition/letter|2.1");
});
