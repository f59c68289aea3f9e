import { describe, expect, test } from "@jest/globals";
import {
  aDocument,
  afterChange,
  briefly,
  compositionOf,
  entries,
  OBSERVATION_URL,
  PATIENT_URL,
  resourceAt,
  saidOf,
  sectionOf,
  type Plain,
} from "../a-document.ts";

const SERVER = "https://hospital.example/fhir";

describe("identities of entries", () => {
  test("checklist 4, bdl-7: a fullUrl stands once", () => {
    const said = afterChange((document) => entries(document).push({ fullUrl: OBSERVATION_URL, resource: resourceAt(document, 3) }));
    expect(said).toContain("error bdl-7 Bundle");
  });

  test("checklist 4, bdl-7: or as often as there are versions", () => {
    const said = afterChange((document) => {
      const observation = resourceAt(document, 3);
      const later = { ...observation, meta: { versionId: "2" } };
      observation["meta"] = { versionId: "1" };
      entries(document).push({ fullUrl: OBSERVATION_URL, resource: later });
    });
    expect(said.filter((line) => line.includes("bdl-7"))).toEqual([]);
  });

  test("checklist 9: a version of a resource appears once", () => {
    const said = afterChange((document) => {
      const observation = resourceAt(document, 3);
      observation["meta"] = { versionId: "1" };
      entries(document).push({ fullUrl: OBSERVATION_URL, resource: observation });
    });
    expect(said.filter((line) => line.includes("bdl-7"))).toEqual(["error bdl-7 Bundle"]);
  });

  test.each<[item: string, fullUrl: string | undefined, id: string | undefined, lines: string[]]>([
    ["checklist 5, bdl-8: no version in a fullUrl", `${SERVER}/Patient/1/_history/2`, "1", ["error bdl-8 Bundle.entry[1]"]],
    ["checklist 8: every entry has a fullUrl", undefined, "1", ["error full-url-missing Bundle.entry[1]"]],
    ["checklist 8: an absolute one", "Patient/1", "1", ["error full-url-relative Bundle.entry[1]"]],
    ["checklist 8: that ends with the id of its resource", `${SERVER}/Patient/1`, "2", ["error full-url-id Bundle.entry[1]"]],
    ["checklist 8: and so with one", `${SERVER}/Patient/1`, undefined, ["error full-url-id Bundle.entry[1]"]],
    ["checklist 8: and with its type", `${SERVER}/Person/1`, "1", ["error full-url-id Bundle.entry[1]"]],
    ["checklist 8: an address on a server", `${SERVER}/Patient/1`, "1", []],
    ["checklist 8: a urn:uuid, whatever the id", PATIENT_URL, "1", []],
    ["checklist 8: a urn:oid", "urn:oid:2.999.1", undefined, []],
    ["checklist 8: an address that is not RESTful", "https://hospital.example/patients?number=1", "7", []],
  ])("%s", (_, fullUrl, id, lines) => {
    const document = aDocument();
    const [, patient] = entries(document) as [Plain, Plain];
    patient["fullUrl"] = fullUrl;
    resourceAt(document, 1)["id"] = id;
    for (const resource of [compositionOf(document), resourceAt(document, 3)]) resource["subject"] = { reference: fullUrl };
    if (fullUrl === undefined) for (const resource of [compositionOf(document), resourceAt(document, 3)]) resource["subject"] = { display: "Ana" };
    const said = briefly(saidOf(document)).filter((line) => !/unreachable|unresolved|reference-full-url/.test(line));
    expect(said).toEqual(lines);
  });

  test("the line is that of the fullUrl", () => {
    const document = aDocument();
    (entries(document)[3] as Plain)["fullUrl"] = "Observation/1";
    sectionOf(document)["entry"] = [{ reference: "Observation/1" }];
    const text = JSON.stringify(document, null, 1).split("\n");
    expect(saidOf(document)).toMatchObject([
      { rule: "full-url-relative", position: { line: text.findIndex((line) => line.includes('"fullUrl": "Observation/1"')) + 1 } },
    ]);
  });
});
