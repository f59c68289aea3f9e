import { describe, expect, test } from "@jest/globals";
import { openDocument, type DocumentBundle } from "../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { isSamePerson, isSameSubject, personKeys, subjectKeys } from "../../src/search/same-person.ts";

const NHS = "https://fhir.nhs.uk/Id/nhs-number";
const SYSTEMS = new Set([NHS]);
const V2 = "http://terminology.hl7.org/CodeSystem/v2-0203";

interface Subject {
  readonly identifiers?: readonly object[];
  readonly logical?: object;
  readonly fullUrl?: string;
  readonly type?: string;
}

let count = 0;
function aboutA({ identifiers = [], logical, fullUrl = `urn:uuid:patient-${count++}`, type = "Patient" }: Subject): DocumentBundle {
  const subject = { reference: fullUrl, ...(logical && { identifier: logical }) };
  return openDocument(
    treeOf({
      resourceType: "Bundle",
      type: "document",
      entry: [
        { fullUrl: "urn:uuid:composition", resource: { resourceType: "Composition", subject } },
        { fullUrl, resource: { resourceType: type, identifier: identifiers } },
      ],
    }) as JsonObject,
  );
}
const typed = (code: string, system: string | undefined = V2): object => ({ coding: [{ ...(system && { system }), code }] });
const keysOf = (...identifiers: readonly object[]): string[] => personKeys(aboutA({ identifiers }), SYSTEMS);

describe("a person", () => {
  test("is known by identifiers of listed systems, and by no others", () => {
    expect(keysOf({ system: NHS, value: "1" }, { system: "urn:other", value: "2" }, { value: "3" }, { system: NHS })).toEqual([
      `identifier:${NHS}|1`,
    ]);
    expect(personKeys(aboutA({ identifiers: [{ system: NHS, value: "1" }] }), new Set())).toEqual([]);
  });

  test.each([
    ["old", { use: "old" }],
    ["temporary", { use: "temp" }],
    ["of an insurance's member", { type: typed("MB") }],
    ["of a subscriber", { type: typed("SN", "http://hl7.org/fhir/v2/0203") }],
    ["of an account", { type: typed("AN", undefined) }],
    ["of a visit", { type: typed("VN") }],
  ])("is not known by one that is %s, though its system is listed", (_, extra) => {
    expect(keysOf({ system: NHS, value: "1", ...extra })).toEqual([]);
  });

  test.each([{ use: "official" }, { type: typed("NI") }, { type: typed("MR") }, { type: typed("MB", "urn:another-table") }])(
    "is known by one with %j",
    (extra) => {
      expect(keysOf({ system: NHS, value: "1", ...extra })).toHaveLength(1);
    },
  );

  test("is known by what the reference names too, and is a patient", () => {
    expect(personKeys(aboutA({ logical: { system: NHS, value: "9" } }), SYSTEMS)).toEqual([`identifier:${NHS}|9`]);
    expect(personKeys(aboutA({ type: "Device", identifiers: [{ system: NHS, value: "1" }] }), SYSTEMS)).toEqual([]);
  });

  test("joins documents by any key that they share", () => {
    const [one, other] = [keysOf({ system: NHS, value: "1" }), keysOf({ system: NHS, value: "2" }, { system: NHS, value: "1" })];
    expect([isSamePerson(one, other), isSamePerson(one, keysOf({ system: NHS, value: "2" })), isSamePerson([], [])]).toEqual([true, false, false]);
  });
});

describe("the subject of documents that name each other", () => {
  const same = (one: Subject, other: Subject): boolean => isSameSubject(subjectKeys(aboutA(one), "a"), subjectKeys(aboutA(other), "b"));

  test("is the same by a shared system and value of any kind, or by its address", () => {
    const policy = { system: "urn:insurer", value: "7", type: typed("MB") };
    expect(same({ identifiers: [policy] }, { identifiers: [policy] })).toBe(true);
    const fullUrl = "https://ehr.example.org/fhir/Patient/1";
    expect(same({ fullUrl }, { fullUrl })).toBe(true);
    expect(same({ identifiers: [policy] }, { identifiers: [{ ...policy, value: "8" }] })).toBe(false);
  });

  test("is not the same by a value without a system", () => {
    expect(same({ identifiers: [{ value: "1" }] }, { identifiers: [{ value: "1" }] })).toBe(false);
  });

  test("is the same when neither has one, and not when both have one without a name", () => {
    const bare = openDocument(
      treeOf({
        resourceType: "Bundle",
        entry: [{ resource: { resourceType: "Composition", subject: { identifier: { value: "1" } } } }],
      }) as JsonObject,
    );
    const none = openDocument(treeOf({ resourceType: "Bundle", entry: [{ resource: { resourceType: "Composition" } }] }) as JsonObject);
    expect(isSameSubject(subjectKeys(none, "a"), subjectKeys(none, "b"))).toBe(true);
    expect(isSameSubject(subjectKeys(bare, "a"), subjectKeys(bare, "b"))).toBe(false);
    expect(isSameSubject(subjectKeys(bare, "a"), subjectKeys(none, "b"))).toBe(false);
  });
});
