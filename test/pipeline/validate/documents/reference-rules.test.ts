import { describe, expect, test } from "@jest/globals";
import { afterChange, AUTHOR_URL, compositionOf, entries, PATIENT_URL, resourceAt, type Plain } from "../a-document.ts";

const AT = "Bundle.entry[3].resource";

describe("checklist 12: references of entries", () => {
  test.each<[what: string, change: (observation: Plain, document: Plain) => void, lines: string[]]>([
    [
      "a type that the element does not take",
      (observation) => (observation["performer"] = [{ reference: PATIENT_URL }, { reference: "urn:uuid:00000000-0000-4000-8000-000000000004" }]),
      [`error reference-target-type ${AT}.performer[1]`],
    ],
    ["a type that it takes", (observation) => (observation["performer"] = [{ reference: AUTHOR_URL }]), []],
    ["any type, where any is taken", (observation) => (observation["focus"] = [{ reference: AUTHOR_URL }]), []],
    [
      "an address outside of the document",
      (observation) => (observation["performer"] = [{ reference: "https://other.example/fhir/Practitioner/1" }]),
      [`warning reference-unresolved ${AT}.performer[0]`],
    ],
    [
      "a urn: that is not there",
      (observation) => (observation["encounter"] = { reference: "urn:uuid:00000000-0000-4000-8000-00000000000f" }),
      [`warning reference-unresolved ${AT}.encounter`],
    ],
    [
      "a patient by type and id, where the fullUrl is another: never guessed",
      (observation, document) => {
        resourceAt(document, 1)["id"] = "p1";
        observation["subject"] = { reference: "Patient/p1" };
      },
      [`error reference-full-url ${AT}.subject`],
    ],
    [
      "anybody by type and id",
      (observation, document) => {
        resourceAt(document, 2)["id"] = "d1";
        observation["performer"] = [{ reference: "Practitioner/d1" }];
      },
      [`error reference-full-url ${AT}.performer[0]`],
    ],
    [
      "an absolute address with the type and id of an entry: it leads where it says",
      (observation, document) => {
        resourceAt(document, 2)["id"] = "d1";
        observation["performer"] = [{ reference: "https://elsewhere.example/fhir/Practitioner/d1" }];
      },
      [`warning reference-unresolved ${AT}.performer[0]`],
    ],
    [
      "Reference.type against the entry that it leads to",
      (observation) => (observation["performer"] = [{ reference: AUTHOR_URL, type: "Organization" }]),
      [`error reference-target-type ${AT}.performer[0]`],
    ],
    [
      "an id that is none, of what is not here",
      (observation) => (observation["performer"] = [{ reference: "Practitioner/d_1" }]),
      [`warning reference-unresolved ${AT}.performer[0]`],
    ],
    [
      "what is no reference",
      (observation) => (observation["performer"] = [{ reference: "Dr. Meyer" }]),
      [`error reference-malformed ${AT}.performer[0]`],
    ],
    [
      "two entries of one fullUrl",
      (observation, document) => {
        const url = "urn:uuid:00000000-0000-4000-8000-000000000006";
        const nurse = (versionId: string): Plain => ({ fullUrl: url, resource: { resourceType: "Practitioner", meta: { versionId } } });
        entries(document).push(nurse("1"), nurse("2"));
        observation["performer"] = [{ reference: url }, { reference: `${url}/_history/1` }];
      },
      [`warning reference-ambiguous ${AT}.performer[0]`, "error entry-unreachable Bundle.entry[5]"],
    ],
  ])("%s", (_, change, lines) => {
    expect(afterChange((document) => change(resourceAt(document, 3), document))).toEqual(lines);
  });

  test("relative references count from the server of the entry that they stand in", () => {
    const onServer = (server: string) => (document: Plain) => {
      Object.assign(entries(document)[1] as Plain, { fullUrl: "https://one.example/fhir/Patient/p1" });
      resourceAt(document, 1)["id"] = "p1";
      Object.assign(entries(document)[3] as Plain, { fullUrl: `${server}/Observation/o1` });
      Object.assign(resourceAt(document, 3), { id: "o1", subject: { reference: "Patient/p1" } });
      Object.assign(compositionOf(document), {
        subject: { reference: "https://one.example/fhir/Patient/p1" },
        section: [{ title: "Findings", entry: [{ reference: `${server}/Observation/o1` }] }],
      });
    };
    expect(afterChange(onServer("https://one.example/fhir"))).toEqual([]);
    expect(afterChange(onServer("https://two.example/fhir"))).toEqual([`error reference-full-url ${AT}.subject`]);
  });

  test("relatesTo may lead out of the document", () => {
    expect(
      afterChange(
        (document) =>
          (compositionOf(document)["relatesTo"] = [{ code: "appends", targetReference: { reference: "https://other.example/fhir/Composition/1" } }]),
      ),
    ).toEqual([]);
  });
});
