import { describe, expect, test } from "@jest/globals";
import { afterChange, AUTHOR_URL, compositionOf, entries, OBSERVATION_URL, PATIENT_URL, resourceAt, sectionOf, type Plain } from "../a-document.ts";

const AT = "Bundle.entry[0].resource";

describe("the Composition's own rules", () => {
  test.each<[item: string, change: (document: Plain) => void, lines: string[]]>([
    [
      "checklist 13, cmp-1: a section has something",
      (document) => (compositionOf(document)["section"] as Plain[]).push({ title: "Nothing" }),
      [`error cmp-1 ${AT}.section[1]`],
    ],
    [
      "checklist 13, cmp-1: also within another, four deep",
      (document) => (sectionOf(document)["section"] = [{ title: "b", section: [{ title: "c", section: [{ title: "d" }] }] }]),
      [`error cmp-1 ${AT}.section[0].section[0].section[0].section[0]`],
    ],
    [
      "checklist 13, cmp-1: sections within are something",
      (document) => (sectionOf(document)["section"] = [{ title: "b", text: sectionOf(document)["text"] }]),
      [],
    ],
    [
      "checklist 13, cmp-2: emptyReason with entries",
      (document) => (sectionOf(document)["emptyReason"] = { text: "none known" }),
      [`error cmp-2 ${AT}.section[0]`],
    ],
    [
      "checklist 13, cmp-2: emptyReason without",
      (document) =>
        (compositionOf(document)["section"] as Plain[]).push({
          title: "Allergies",
          text: sectionOf(document)["text"],
          emptyReason: { text: "none known" },
        }),
      [],
    ],
    ["checklist 14: status", (document) => delete compositionOf(document)["status"], [`error element-missing ${AT}`]],
    ["checklist 14: type", (document) => delete compositionOf(document)["type"], [`error element-missing ${AT}`]],
    ["checklist 14: date", (document) => delete compositionOf(document)["date"], [`error element-missing ${AT}`]],
    ["checklist 14: title", (document) => delete compositionOf(document)["title"], [`error element-missing ${AT}`]],
    [
      "checklist 14: an author",
      (document) => void (delete compositionOf(document)["author"], entries(document).splice(2, 1)),
      [`error element-missing ${AT}`],
    ],
    [
      "checklist 14: attester.mode",
      (document) => (compositionOf(document)["attester"] = [{ party: { reference: AUTHOR_URL } }]),
      [`error element-missing ${AT}.attester[0]`],
    ],
    [
      "checklist 14: relatesTo.code",
      (document) => (compositionOf(document)["relatesTo"] = [{ targetReference: { reference: "https://hospital.example/fhir/Composition/1" } }]),
      [`error element-missing ${AT}.relatesTo[0]`],
    ],
    [
      "checklist 14: relatesTo.target",
      (document) => (compositionOf(document)["relatesTo"] = [{ code: "replaces" }]),
      [`error element-missing ${AT}.relatesTo[0]`],
    ],
    [
      "checklist 14: attester and relatesTo with all that they need",
      (document) =>
        Object.assign(compositionOf(document), {
          attester: [{ mode: "legal", party: { reference: AUTHOR_URL } }],
          relatesTo: [{ code: "replaces", targetReference: { reference: "https://hospital.example/fhir/Composition/1" } }],
        }),
      [],
    ],
    [
      "an attester without a party",
      (document) => (compositionOf(document)["attester"] = [{ mode: "legal" }]),
      [`warning attester-nobody ${AT}.attester[0]`],
    ],
    [
      "relatesTo a resource here that is no Composition",
      (document) => (compositionOf(document)["relatesTo"] = [{ code: "replaces", targetReference: { reference: PATIENT_URL } }]),
      [`error reference-target-type ${AT}.relatesTo[0].target`],
    ],
    [
      "relatesTo an identifier without a value",
      (document) => (compositionOf(document)["relatesTo"] = [{ code: "replaces", targetIdentifier: { system: "https://hospital.example" } }]),
      [`warning relates-to-nothing ${AT}.relatesTo[0]`],
    ],
    [
      "relatesTo itself",
      (document) => (compositionOf(document)["relatesTo"] = [{ code: "replaces", targetIdentifier: document["identifier"] }]),
      [`warning relates-to-itself ${AT}.relatesTo[0]`],
    ],
    [
      "confidentiality of another code system",
      (document) => (compositionOf(document)["confidentiality"] = "secret"),
      [`error binding-required ${AT}.confidentiality`],
    ],
    [
      "confidentiality in lower case",
      (document) => (compositionOf(document)["confidentiality"] = "r"),
      [`error binding-required ${AT}.confidentiality`],
    ],
    ["confidentiality R", (document) => (compositionOf(document)["confidentiality"] = "R"), []],
  ])("%s", (_, change, lines) => {
    expect(afterChange(change)).toEqual(lines);
  });
});

describe("checklist 15: a section with a focus is about its focus", () => {
  const SISTER_URL = "urn:uuid:00000000-0000-4000-8000-000000000005";
  const withSister = (document: Plain): void => {
    entries(document).push({ fullUrl: SISTER_URL, resource: { resourceType: "Patient", name: [{ family: "Example", given: ["Eva"] }] } });
    sectionOf(document)["focus"] = { reference: SISTER_URL };
  };

  test("an entry about another subject is a warning", () => {
    expect(afterChange(withSister)).toEqual([`warning section-focus ${AT}.section[0].entry[0]`]);
  });

  test("one about the focus is not, nor one about nobody, nor the focus itself", () => {
    const focussed = afterChange((document) => {
      withSister(document);
      resourceAt(document, 3)["subject"] = { reference: SISTER_URL };
    });
    const aboutNobody = afterChange((document) => {
      withSister(document);
      delete resourceAt(document, 3)["subject"];
      sectionOf(document)["entry"] = [{ reference: OBSERVATION_URL }, { reference: SISTER_URL }];
    });
    const patientsOwn = afterChange((document) => (sectionOf(document)["focus"] = { reference: PATIENT_URL }));
    expect([focussed, aboutNobody, patientsOwn]).toEqual([[], [], []]);
  });
});
