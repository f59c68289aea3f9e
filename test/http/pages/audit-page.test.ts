/** The pages for auditors over HTTP: who may see them, what each field finds, the account of one patient, what stands out; and that looking is itself an event. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spoolFolder } from "../../../src/adapters/trail-spool/spool-folder.ts";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { AuditListing, Anomalies, Disclosures } from "../../../src/pipeline/render/pages/audit-shown.ts";
import { Trail } from "../../../src/pipeline/trail/trail.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { MemoryTrail } from "../../contracts/memory-trail.ts";
import { HOUSES, marked, PERSONS } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const POLICY = readAccessPolicy(
  JSON.stringify({
    version: "audit/1",
    clearance: { patient: ["V", "*"] },
    rules: [
      { name: "clinicians read", permit: ["read"], to: { roles: ["clinician"] } },
      { name: "auditors", permit: ["audit"], to: { roles: ["auditor"] } },
      { name: "auditors of a house", permit: ["audit"], to: { roles: ["house-auditor"] }, of: { custodian: "own" } },
      { name: "patients read, and see who read", permit: ["read", "audit"], to: { roles: ["patient"] }, of: { patient: "own" } },
    ],
  }),
);
const person = (subject: string, roles: readonly string[], organisations: readonly string[] = []): KnownCaller => ({
  ...{ kind: "person", issuer: "https://id.example", subject, name: `Dr ${subject}`, roles, organisations, clearance: [] },
});
const callers = new Map<string, Caller>([
  ["filler", { kind: "program", name: "filler" }],
  ["anna", person("anna", ["clinician"], [`${HOUSES}|A`])],
  ["bela", person("bela", ["clinician"], [`${HOUSES}|B`])],
  ["auditor", person("otto", ["auditor"])],
  ["house auditor", person("hana", ["house-auditor"], [`${HOUSES}|A`])],
]);
const folder = mkdtempSync(join(tmpdir(), "chartulary-audit-page-"));
const ids: string[] = [];
let house: House;
let trail: Trail;
let patient = "";

const by = (caller: string, path: string, method = "GET"): Promise<RawAnswer> =>
  ask(house.port, { method, path, headers: { "X-Test-Caller": caller, Accept: "text/html" } });
async function shown<Shown>(caller: string, path: string): Promise<Shown> {
  const answer = await by(caller, path);
  expect([path, answer.status]).toEqual([path, 200]);
  return JSON.parse(String(answer.body).replace(/^.*<\/title>/, "")) as Shown;
}
const events = async (query: string): Promise<string[]> =>
  (await shown<AuditListing>("auditor", `/audit?${query}`)).events.map(
    ({ who, request }) => `${"name" in who ? who.name : who.kind} ${request?.route ?? ""}`,
  );

beforeAll(async () => {
  const trailStore = new MemoryTrail();
  house = await openHouse({ policy: POLICY, callers, systems: new Set([PERSONS]), trailStore, trail: { record: (told) => trail.record(told) } });
  trail = await Trail.open({
    ...{ store: trailStore, keys: house.keys, log: "one" },
    spool: spoolFolder(join(folder, "spool")),
    onFault: () => undefined,
  });
  for (const [name, at, who] of [
    ["one", "A", "1"],
    ["two", "A", "2"],
  ] as const) {
    // prettier-ignore
    const answer = await ask(house.port, {
      ...{ method: "POST", path: "/fhir/Bundle", body: marked({ name, house: at, person: who }).json },
      headers: { "X-Test-Caller": "filler", "Content-Type": "application/fhir+json" },
    });
    ids.push(answer.headers.location?.split("/").at(-3) ?? "");
  }
  patient = (await by("anna", `/documents/${ids[0]}/patient`)).headers.location?.split("/").at(-1) ?? "";
  callers.set("patient 1", { ...person("p1", ["patient"]), patient });
  await by("anna", `/documents/${ids[0]}`);
  await by("bela", `/documents/${ids[0]}.pdf`);
  await by("bela", `/documents/${ids[1]}`);
  await by("patient 1", `/documents/${ids[1]}`);
});
afterAll(async () => {
  await house.close();
  await trail.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("who may see it", () => {
  test.each([["anna"], ["house auditor"], ["patient 1"]])("not the whole trail: %s", async (caller) => {
    for (const path of ["/audit", "/audit/anomalies", "/audit/glass", "/fhir/AuditEvent?_format=json"])
      expect([path, (await by(caller, path)).status]).toEqual([path, 403]);
  });

  test("a patient their own account alone, where the policy gives it: others do not exist", async () => {
    const own = await shown<Disclosures>("patient 1", `/audit/patients/${patient}`);
    expect([own.isAuditor, own.patient.id, own.patient.name]).toEqual([false, patient, "ZQONEFAMILY"]);
    for (const id of [ids[1], `p-${"0".repeat(40)}`, "nobody"]) expect((await by("patient 1", `/audit/patients/${id}`)).status).toBe(404);
    for (const caller of ["anna", "house auditor"]) expect((await by(caller, `/audit/patients/${patient}`)).status).toBe(403);
    expect((await by("patient 1", `/audit/patients/${patient}.pdf`)).headers["content-type"]).toBe("application/pdf");
    expect((await by("anna", `/audit/patients/${patient}.pdf`)).status).toBe(403);
  });

  test("nothing but to look", async () => {
    expect((await by("auditor", "/audit", "POST")).status).toBe(405);
  });
});

test("the same by FHIR: by GET, by POST, and each by its id", async () => {
  interface Found {
    readonly total: number;
    readonly entry: readonly { readonly resource: { readonly id: string } }[];
  }
  const got = await by("auditor", "/fhir/AuditEvent?agent=https://id.example|bela&_format=json");
  const form = { "X-Test-Caller": "auditor", Accept: "application/fhir+json", "Content-Type": "application/x-www-form-urlencoded" };
  const posted = await ask(house.port, { ...{ method: "POST", path: "/fhir/AuditEvent/_search", body: "agent=https%3A%2F%2Fid.example%7Cbela" }, headers: form }); // prettier-ignore
  const [byGet, byPost] = [got, posted].map(({ body }) => JSON.parse(String(body)) as Found);
  expect(byGet?.entry.length).toBe(2);
  expect(byPost?.entry).toEqual(byGet?.entry);
  for (const { resource } of byGet?.entry ?? []) {
    const read = await by("auditor", `/fhir/AuditEvent/${resource.id}?_format=json`);
    expect([read.status, JSON.parse(String(read.body))]).toEqual([200, resource]);
  }
});

describe("what fields find", () => {
  test("a person by what identifies them or a part of their name, a patient by identifier or id, a document by its address, what was refused", async () => {
    expect(await events("agent=https://id.example|bela")).toEqual(["Dr bela /documents/:id", "Dr bela /documents/:id.pdf"]);
    expect(await events("agent=R%20BEL")).toEqual(["Dr bela /documents/:id", "Dr bela /documents/:id.pdf"]);
    const ofPatient = await events(`patient=${encodeURIComponent(`${PERSONS}|1`)}&kind=read`);
    expect(ofPatient.slice(-3)).toEqual(["Dr bela /documents/:id.pdf", "Dr anna /documents/:id", "Dr anna /documents/:id/patient"]);
    for (const name of ["1", patient, ids[0]]) expect(await events(`patient=${name}&kind=read`)).toEqual(ofPatient);
    expect(await events(`document=https://x.example/documents/${ids[1]}&agent=p1`)).toEqual(["Dr p1 /documents/:id"]);
    expect((await events("outcome=refused&agent=p1")).at(-1)).toBe("Dr p1 /documents/:id");
    expect(await events("outcome=failed")).toEqual([]);
    expect(await events(`agent=bela&from=2020-01-01&to=2020-01-31`)).toEqual([]);
    for (const query of [
      "from=2026-13-40",
      "outcome=odd",
      "document=x",
      "patient=other|1",
      "page=x",
      "kind=none",
      "user=anna",
      "kind=read&kind=search",
    ])
      expect([query, (await by("auditor", `/audit?${query}`)).status]).toEqual([query, 400]);
  });

  test("page by page, each event once", async () => {
    for (let at = 0; at < 60; at++) await by("anna", "/");
    const all: string[] = [];
    for (let page: string | undefined = ""; page !== undefined;) {
      const { events: some, next }: AuditListing = await shown("auditor", `/audit?agent=anna&page=${encodeURIComponent(page)}`);
      expect([some.length, some.length < 50]).toEqual([some.length, next === undefined]);
      all.push(...some.map(({ id }) => id));
      page = next;
    }
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(122);
  });

  test("looking is an event", async () => {
    expect(await events("agent=otto&kind=search")).toContain("Dr otto /audit");
    expect(await events("agent=p1&kind=search")).toContain("Dr p1 /audit/patients/:id");
  });
});

test("the account tells every disclosure and nothing else, with titles for whoever may read them alone", async () => {
  const { disclosures, isWhole, next } = await shown<Disclosures>("auditor", `/audit/patients/${patient}`);
  expect([isWhole, next]).toEqual([true, undefined]);
  const told = disclosures
    .filter(({ event }) => event.kind === "read")
    .map(({ event, documents }) => [event.who.kind === "person" && event.who.subject, documents]);
  expect(told).toEqual([
    ["bela", [{ id: ids[0] }]],
    ["anna", [{ id: ids[0] }]],
    ["anna", [{ id: ids[0] }]],
  ]);
  expect(disclosures.every(({ event }) => event.outcome === 0 && event.kind !== "create")).toBe(true);
  const own = await shown<Disclosures>("patient 1", `/audit/patients/${patient}`);
  expect(own.disclosures.at(-1)?.documents).toEqual([{ id: ids[0], title: "Title zqonetitle", date: expect.any(String) }]);
  expect((await shown<Disclosures>("auditor", `/audit/patients/${patient}?to=2020-01-01`)).disclosures).toEqual([]);
});

test("what stands out: documents of a house for which the reader does not act", async () => {
  const { foreign, undecided, emergency, manyPatients } = await shown<Anomalies>("auditor", "/audit/anomalies");
  expect(foreign).toEqual([{ agent: "https://id.example|bela", name: "Dr bela", events: 2, patients: 2, latest: expect.any(String) }]);
  // Of a patient nobody says for which house they act.
  expect([undecided > 0, emergency, manyPatients]).toEqual([true, [], []]);
});
