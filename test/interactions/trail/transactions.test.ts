import { expect, test } from "@jest/globals";
import type { TrailRequest } from "../../../src/core/formats/audit-trail.ts";
import { auditEvent } from "../../../src/interactions/trail/audit-event.ts";
import { transactionOf } from "../../../src/interactions/trail/transactions.ts";
import { Notes, type Told } from "../../../src/security/trail/notes.ts";

const requestOf = (method: string, address: string, route = "-"): TrailRequest => ({
  ...{ id: "r", method, route, raw: Buffer.from(address).toString("base64"), status: 200 },
});

test.each([
  ["GET", "/fhir/List?patient=1", "ITI-66"],
  ["POST", "/fhir/List/_search", "ITI-66"],
  ["GET", "/fhir/DocumentReference?status=current", "ITI-67"],
  ["GET", "/fhir/Binary/0b0c0a3e-43b3-4f6f-9d4a-50b6c1d2e3f4.document", "ITI-68"],
  ["POST", "/fhir/DocumentReference", "ITI-105"],
  ["POST", "/fhir/DocumentReference/$generate-metadata", "ITI-106"],
  ["PUT", "/fhir/Consent/0b0c0a3e-43b3-4f6f-9d4a-50b6c1d2e3f4", "ITI-108"],
  ["GET", "/fhir/DocumentReference/1.2", undefined],
  ["GET", "/fhir/Binary/1", undefined],
  ["POST", "/fhir", undefined],
  ["GET", "/documents/1?x=/fhir/List", undefined],
])("%s %s is %s", (method, address, code) => expect(transactionOf({ request: requestOf(method, address) })?.code).toBe(code));

test("a submission is told as ITI-65, also when it was refused; what is published by itself as ITI-105", async () => {
  const told: Told = {
    ...{ caller: { kind: "unauthenticated" }, at: "2026-11-11T10:00:00.000Z", kind: "search", action: "E", outcome: 4 },
    request: requestOf("POST", "/fhir", "/fhir"),
  };
  const notes = new Notes();
  const [before] = await notes.events(told, () => Promise.resolve(undefined));
  notes.provided();
  const [submission] = await notes.events(told, () => Promise.resolve(undefined));
  expect([before?.kind, submission?.kind, submission?.action]).toEqual(["search", "create", "C"]);
  if (!submission) throw new Error("nothing was told");
  expect(auditEvent({ ...submission, id: "b-0" }, "https://own.example/fhir")).toMatchObject({
    subtype: [{ code: "create" }, { system: "urn:ihe:event-type-code", code: "ITI-65", display: "Provide Document Bundle" }],
  });
  const published = { ...told, request: requestOf("POST", "/fhir/DocumentReference", "/fhir/DocumentReference") };
  const [single] = await notes.events(published, () => Promise.resolve(undefined));
  expect(single && transactionOf(single)?.code).toBe("ITI-105");
});
