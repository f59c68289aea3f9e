import { expect, test } from "@jest/globals";
import { readFeedMessage, type FeedMessage } from "../../../src/search/feed/feed-message.ts";
import { R4 } from "../../r4.ts";

const [A, B] = ["urn:oid:1.2.3.1", "http://other.example.org/ids"];
const systems = new Set([A, B]);
const PERSON = `p-${"0".repeat(40)}`;
const read = (patient: object, identifier = { system: A, value: "1" }): FeedMessage =>
  readFeedMessage(
    { identifier, mediaType: "application/fhir+json", message: Buffer.from(JSON.stringify({ resourceType: "Patient", ...patient })) },
    { definitions: R4.definitions, systems },
  );
const own = (...more: object[]): object[] => [{ system: A, value: "1" }, ...more];
const replacedBy = (other: object, more: object = {}): object => ({ identifier: own(), link: [{ type: "replaced-by", other }], ...more });

test("the identifier that it is about comes first, then the others that are one person's", () => {
  const strange = [{ system: "urn:x", value: "9" }, { value: "8" }, { system: B, value: "7", use: "old" }];
  expect(read({ identifier: [{ system: B, value: "2" }, ...own(...strange)] }).keys).toEqual([`identifier:${A}|1`, `identifier:${B}|2`]);
});

test("a source may call its Patient by an id that it does not write into it", () => {
  const { patient, keys } = read({ identifier: [{ system: A, value: "1" }] }, { system: B, value: "Patient/123" });
  expect(keys).toEqual([`identifier:${B}|Patient/123`, `identifier:${A}|1`]);
  expect(patient.objects("identifier").map((one) => one.string("value"))).toEqual(["1", "Patient/123"]);
});

test.each([
  ["its identifier", { identifier: { system: B, value: "2" } }, { key: `identifier:${B}|2` }],
  ["its id here", { reference: `Patient/${PERSON}` }, { person: PERSON }],
  ["its address here", { reference: `http://h.example.org/fhir/Patient/${PERSON}` }, { person: PERSON }],
  ["a conditional reference", { reference: `Patient?identifier=${A}|2` }, { key: `identifier:${A}|2` }],
  ["an escaped one", { reference: `Patient?identifier=${encodeURIComponent(B)}%7C2` }, { key: `identifier:${B}|2` }],
] as const)("whoever is left is named by %s", (_, other, expected) =>
  expect(read(replacedBy(other, { active: false })).replacedBy).toEqual(expected),
);

test("the one that is left is nobody's other identifier", () => {
  const message = read({ ...replacedBy({ identifier: { system: B, value: "2" } }), identifier: own({ system: B, value: "2" }) });
  expect(message.keys).toEqual([`identifier:${A}|1`]);
});

test.each([
  ["another type", { resourceType: "Group", type: "person", actual: true }, /type Patient/],
  ["another identifier of the system", { identifier: [{ system: A, value: "2" }] }, /another identifier/],
  ["an old identifier", { identifier: [{ system: A, value: "1", use: "old" }] }, /old, temporary/],
  ["an insurance number", { identifier: [{ system: A, value: "1", type: { coding: [{ code: "SN" }] } }] }, /contract/],
  ["an active one that is replaced", replacedBy({ identifier: { system: A, value: "2" } }, { active: true }), /not active/],
  [
    "two that are left",
    { identifier: own(), link: [1, 2].map((value) => ({ type: "replaced-by", other: { identifier: { system: A, value: String(value + 1) } } })) },
    /one other/,
  ],
  ["itself", replacedBy({ identifier: { system: A, value: "1" } }), /by itself/],
  ["nobody", replacedBy({ display: "A. Brandt" }), /names the Patient/],
  ["somebody elsewhere", replacedBy({ reference: "http://h.example.org/fhir/Patient/123" }), /names the Patient/],
  ["an identifier of no listed system", replacedBy({ identifier: { system: "urn:x", value: "2" } }), /PATIENT_SYSTEMS/],
  [
    "more identifiers than anybody has",
    { identifier: own(...Array.from({ length: 16 }, (_, at) => ({ system: B, value: `b${at}` }))) },
    /at most 16/,
  ],
])("refuses %s", (_, patient, words) => expect(() => read(patient)).toThrow(words));

test("refuses a system that is not listed, and what is no resource", () => {
  expect(() => read({}, { system: "urn:x", value: "1" })).toThrow(/PATIENT_SYSTEMS/);
  expect(() =>
    readFeedMessage(
      { identifier: { system: A, value: "1" }, mediaType: "application/fhir+json", message: Buffer.from("{") },
      { definitions: R4.definitions, systems },
    ),
  ).toThrow();
});
