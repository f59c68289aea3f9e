/** What the audit trail keeps of consents: that one was entered, changed, read or found, of whom and which version; and that one decided. */
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { auditEvent } from "../../../src/interactions/trail/audit-event.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { marked, PERSONS } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const policy = readAccessPolicy(
  JSON.stringify({
    version: "consent events/1",
    consent: "opt-out",
    clearance: { ward: ["V", "*"], officer: ["V", "*"] },
    rules: [
      { name: "wards read", permit: ["read"], to: { roles: ["ward"] } },
      { name: "officers keep consents", permit: ["consent"], to: { roles: ["officer"] } },
    ],
  }),
);
const known = (roles: readonly string[]): KnownCaller => ({
  ...{ kind: "person", issuer: "https://issuer.example.org", subject: roles.join(), name: roles.join(), roles },
  ...{ organisations: ["urn:oid:2.16.756|A"], clearance: [] },
});
const callers = new Map<string, Caller>([
  ["filler", { kind: "program", name: "filler" }],
  ["ward", known(["ward"])],
  ["officer", known(["officer"])],
]);
const consentOf = (more: object = {}): object => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { identifier: { system: PERSONS, value: "person-1" } },
  policy: [{ uri: "https://example.org/policy" }],
  provision: { type: "deny" },
  ...more,
});

let house: House;
let events: NewTrailEvent[] = [];
let document: string;
const by = (caller: string, path: string, method = "GET", body?: object): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method, path, ...(body && { body: JSON.stringify(body) }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json" },
  });
const partOf = (path: string | undefined, from: number): string => path?.split("/").at(from) ?? "";

beforeAll(async () => {
  const trail = { record: (told: readonly NewTrailEvent[]) => Promise.resolve(void events.push(...told)) };
  house = await openHouse({ policy, callers, systems: new Set([PERSONS]), trail });
  document = partOf(
    (await by("filler", "/fhir/Bundle", "POST", JSON.parse(marked({ name: "one", house: "A", person: "person-1" }).json) as object)).headers.location,
    -3,
  );
});
afterAll(() => house.close());
beforeEach(() => void (events = []));

test("a consent's life: each event names its version and its patient, and claims BALP's profile of what was done", async () => {
  const entered = await by("officer", "/fhir/Consent", "POST", consentOf());
  expect(entered.status).toBe(201);
  const id = partOf(entered.headers.location, -3);
  expect((await by("ward", `/fhir/Bundle/${document}`)).status).toBe(404);
  expect((await by("officer", `/fhir/Consent/${id}`)).status).toBe(200);
  expect((await by("officer", "/fhir/Consent?status=active")).status).toBe(200);
  expect((await by("officer", `/fhir/Consent/${id}`, "PUT", consentOf({ id, status: "inactive" }))).status).toBe(200);
  expect((await by("ward", `/fhir/Bundle/${document}`)).status).toBe(200);
  expect((await by("ward", "/fhir/Consent", "POST", consentOf())).status).toBe(403);
  const patient = events[0]?.patient;
  expect(patient).toMatch(/^[^:]+$/);
  expect(events.map(({ kind, action, outcome, consents, patient: whose }) => [kind, action, outcome, consents, whose])).toEqual([
    ["consent", "C", 0, [{ id, version: 1 }], patient],
    ["read", "R", 4, undefined, patient],
    ["decision", "E", 4, [{ id, version: 1 }], patient],
    ["read", "R", 0, [{ id, version: 1 }], patient],
    ["search", "E", 0, [{ id, version: 1 }], patient],
    ["consent", "U", 0, [{ id, version: 2 }], patient],
    ["read", "R", 0, undefined, patient],
    ["consent", "C", 4, undefined, undefined],
  ]);
  const told = events.map((event, n) => auditEvent({ ...event, id: `b-${n}` }, "https://own.example/fhir") as Readonly<Record<string, unknown>>);
  expect(told.map((one) => JSON.stringify(one["meta"] ?? "-").replace(/.*BasicAudit\.(\w+).*/, "$1"))).toEqual([
    ...["PatientCreate", '"-"', "AuthZconsent", "PatientRead", "PatientQuery", "PatientUpdate", "PatientRead", '"-"'],
  ]);
  expect(told.map(({ subtype }) => (subtype as readonly { readonly code: string }[])[1]?.code)).toEqual([
    ...["ITI-108", undefined, undefined, "ITI-108", "ITI-108", "ITI-108", undefined, "ITI-108"],
  ]);
  expect(told[2]).toMatchObject({
    ...{
      type: { code: "110113" },
      subtype: [{ code: "AuthZ-Consent" }],
      outcome: "4",
      outcomeDesc: expect.stringContaining(`Consent/${id}`) as unknown,
    },
    entity: expect.arrayContaining([
      { what: { reference: `Consent/${id}/_history/1` }, type: expect.objectContaining({ code: "Consent" }) as unknown },
    ]) as unknown,
  });
});

test("whoever is refused by something else was refused by no consent", async () => {
  expect((await by("officer", `/fhir/Bundle/${document}`)).status).toBe(404);
  expect(events.map(({ kind }) => kind)).toEqual(["read"]);
});
