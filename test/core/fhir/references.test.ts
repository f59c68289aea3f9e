import { describe, expect, test } from "@jest/globals";
import { isAbsoluteUrl, parseReference, restfulRoot, restfulTail, withoutVersion } from "../../../src/core/fhir/references.ts";

const SERVER = "https://hospital.example/fhir";

describe("the form of a reference (R4 references.html)", () => {
  test.each([
    ["#nurse", { kind: "contained", id: "nurse" }],
    ["#", { kind: "contained", id: "" }],
    ["Patient/1", { kind: "relative", type: "Patient", id: "1", version: undefined }],
    ["Patient/1/_history/2", { kind: "relative", type: "Patient", id: "1", version: "2" }],
    ["Patient/1#name", { kind: "relative", type: "Patient", id: "1", version: undefined }],
    [`${SERVER}/Patient/1`, { kind: "absolute", url: `${SERVER}/Patient/1`, version: undefined, type: "Patient", id: "1" }],
    [`${SERVER}/Patient/1/_history/2`, { kind: "absolute", url: `${SERVER}/Patient/1`, version: "2", type: "Patient", id: "1" }],
    ["urn:uuid:1", { kind: "absolute", url: "urn:uuid:1", version: undefined, type: undefined, id: undefined }],
    ["urn:uuid:1#part", { kind: "absolute", url: "urn:uuid:1", version: undefined, type: undefined, id: undefined }],
    ["mailto:a@b", { kind: "absolute", url: "mailto:a@b", version: undefined, type: undefined, id: undefined }],
    ["", { kind: "malformed" }],
    ["Patient", { kind: "malformed" }],
    // Whether a type is R4's, and an id one, others ask: the form is that of a reference.
    ["patient/1", { kind: "relative", type: "patient", id: "1", version: undefined }],
    ["Patient/a b", { kind: "malformed" }],
    ["Patient/a_b", { kind: "relative", type: "Patient", id: "a_b", version: undefined }],
    ["Patient/a:b/_history/v_1", { kind: "relative", type: "Patient", id: "a:b", version: "v_1" }],
    ["Patient/", { kind: "malformed" }],
    ["Patient?identifier=1", { kind: "malformed" }],
    ["Patient/1?x=y", { kind: "malformed" }],
    [`Patient/${"x".repeat(65)}`, { kind: "relative", type: "Patient", id: "x".repeat(65), version: undefined }],
    ["/Patient/1", { kind: "malformed" }],
    ["fhir/Patient/1", { kind: "malformed" }],
    ["Patient?identifier=1", { kind: "malformed" }],
    ["Dr. Meyer", { kind: "malformed" }],
  ])("%j", (reference, form) => {
    expect(parseReference(reference)).toEqual(form);
  });
});

test("the server's root and what stands behind it", () => {
  expect([restfulRoot(`${SERVER}/Patient/1`), restfulTail(`${SERVER}/Patient/1`)]).toEqual([`${SERVER}/`, { type: "Patient", id: "1" }]);
  for (const other of ["urn:uuid:1", "Patient/1", `${SERVER}/Patient/1/`, `${SERVER}/patients/1`, "ftp://hospital.example/Patient/1"])
    expect([restfulRoot(other), restfulTail(other)]).toEqual([undefined, undefined]);
});

test("a version at the end is taken off, and nowhere else", () => {
  expect(withoutVersion(`${SERVER}/Patient/1/_history/2`)).toBe(`${SERVER}/Patient/1`);
  expect(withoutVersion(`${SERVER}/_history/2/x`)).toBe(`${SERVER}/_history/2/x`);
});

test("a scheme makes an address absolute", () => {
  expect(["http://a", "urn:oid:1", "cid:x", "a+b.c-1:x"].map(isAbsoluteUrl)).toEqual([true, true, true, true]);
  expect(["Patient/1", "//a", "1a:b", ":x", ""].map(isAbsoluteUrl)).toEqual([false, false, false, false, false]);
});
