/** Auditors' questions, as AuditEvents: what is found by each parameter, page by page, and what an event says. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { spoolFolder } from "../../../src/adapters/trail-spool/spool-folder.ts";
import { askedByProgram, type Asked } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { TRAIL_PARAMETERS } from "../../../src/interactions/trail/narrowing.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { auditEvent } from "../../../src/interactions/trail/audit-event.ts";
import { trailQuestions, type TrailQuestions } from "../../../src/interactions/trail/search-trail.ts";
import { TrailReading } from "../../../src/pipeline/trail/read-trail.ts";
import { TrailKeys } from "../../../src/pipeline/trail/trail-keys.ts";
import { Trail } from "../../../src/pipeline/trail/trail.ts";
import { OPEN_ACCESS } from "../../../src/security/access.ts";
import { MemoryTrail } from "../../contracts/memory-trail.ts";

interface Read {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: { readonly id: string; readonly recorded: string } }[];
}

/** Persons, by the ids by which events name them; the first has another id besides, and an identifier. */
const [ONE, TWO, OTHER] = ["1", "2", "3"].map((digit) => `p-${digit.repeat(40)}`) as [string, string, string];
const folder = mkdtempSync(join(tmpdir(), "chartulary-read-trail-"));
const asked: Asked = askedByProgram("a test");
const document = randomUUID();
const base = { action: "R", outcome: 0, kind: "read", who: { kind: "unauthenticated" }, request: { id: "r", method: "GET", route: "/", raw: Buffer.from("/fhir/Patient?name=Brandt").toString("base64"), status: 200 } } as const; // prettier-ignore
const doctor = { kind: "person", issuer: "https://id.example", subject: "dr", name: "Dr A", client: "app", roles: ["clinician"], organisations: [], token: "urn:ietf:params:oauth:jti:7" } as const; // prettier-ignore
const eventAt = (minute: number, more: Partial<NewTrailEvent>): NewTrailEvent => ({
  ...base,
  at: `2026-11-${10 + minute}T10:00:00.000Z`,
  ...more,
});
const events: NewTrailEvent[] = [
  eventAt(0, { patient: ONE, documents: [{ id: document, labels: ["http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R"] }] }),
  eventAt(1, { kind: "search", action: "E", patient: TWO, purpose: "TREAT", who: doctor }),
  eventAt(2, { kind: "create", action: "C", patient: `of:${document}`, documents: [{ id: document }] }),
  eventAt(3, { outcome: 4, reason: "no rule permits it", who: doctor }),
  eventAt(4, { kind: "emergency", action: "E", purpose: "BTG", text: "unconscious", who: doctor, patient: ONE }),
];
let questions: TrailQuestions;

beforeAll(async () => {
  const keys = await openKeyFolder(join(folder, "keys"));
  const store = new MemoryTrail();
  const trail = await Trail.open({ ...{ store, keys, log: "one" }, spool: spoolFolder(join(folder, "spool")), onFault: () => undefined });
  // Three batches.
  await trail.record(events.slice(0, 2));
  await trail.record(events.slice(2, 4));
  await trail.record(events.slice(4));
  await trail.close();
  const reading = new TrailReading(store, keys.audit, new TrailKeys(keys, store));
  const same = new Map([
    [OTHER, [OTHER, ONE]],
    ["https://persons.example|1", [OTHER, ONE]],
    [`${document}.3`, [`of:${document}`]],
  ]);
  const facts = { patient: (id: string) => Promise.resolve({ id, names: same.get(id) ?? [id], isWhole: true }) };
  questions = trailQuestions({ reading, access: OPEN_ACCESS, facts, fhirBase: "https://documents.example.org/fhir" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function found(query: string): Promise<Read> {
  return JSON.parse(writeJson(await questions.search(asked, [...new URLSearchParams(query)]))) as Read;
}
test("the same asked again and again is asked once, and nobody asks by more than twenty", async () => {
  expect(placesIn(await found("agent=app&".repeat(900)))).toEqual([4, 3, 1]);
  const many = Array.from({ length: 21 }, (_, at) => `agent=${at}`).join("&");
  await expect(found(many)).rejects.toMatchObject({ code: "bad-query" });
});

const placesIn = ({ entry = [] }: Read): number[] => entry.map(({ resource }) => events.findIndex(({ at }) => at === resource.recorded));

test.each([
  ["", [4, 3, 2, 1, 0]],
  [`patient=Patient/${ONE}`, [4, 0]],
  [`patient=https://documents.example.org/fhir/Patient/${TWO}`, [1]],
  [`patient=Patient/${document}.3`, [2]],
  [`entity=Bundle/${document}`, [2, 0]],
  [`entity=Composition/${document}.0&action=C`, [2]],
  ["agent=https://id.example|dr", [4, 3, 1]],
  ["agent=app&outcome=4", [3]],
  [`outcome=0&patient=${ONE}`, [4, 0]],
  ["purpose=BTG", [4]],
  ["purpose=http://terminology.hl7.org/CodeSystem/v3-ActReason|TREAT", [1]],
  ["subtype=search", [1]],
  ["subtype=110127", [4]],
  ["subtype=http://dicom.nema.org/resources/ontology/DCM|110127", [4]],
  ["subtype=http://hl7.org/fhir/restful-interaction|110127", []],
  ["type=110113", [4]],
  ["type=rest", [3, 2, 1, 0]],
  ["date=ge2026-11-12", [4, 3, 2]],
  ["date=2026-11-11", [1]],
  ["date=gt2026-11-10&date=lt2026-11-13", [2, 1]],
  ["patient=nobody", []],
  [`patient=${OTHER}`, [4, 0]],
  [`entity=Patient/${OTHER}&purpose=BTG`, [4]],
  ["patient.identifier=https://persons.example|1", [4, 0]],
  ["patient:identifier=https://persons.example|1", [4, 0]],
])("%s finds %j", async (query, wanted) => {
  const read = await found(query);
  expect([placesIn(read), read.total]).toEqual([wanted, wanted.length]);
});

test("page by page all of it, each once", async () => {
  for (const count of [1, 2, 3]) {
    const all: number[] = [];
    let query = `_count=${count}`;
    for (let page = 0; page < 9; page++) {
      const read = await found(query);
      all.push(...placesIn(read));
      const next = read.link.find(({ relation }) => relation === "next");
      if (!next) break;
      query = new URL(next.url).search;
    }
    expect(all).toEqual([4, 3, 2, 1, 0]);
  }
});

test("every event is R4: it can be written as XML, which takes nothing else", async () => {
  const bundle = await questions.search(asked, []);
  expect(writeXml(bundle, R4.definitions)).toContain("<securityLabel><system");
});

test("a query has one system object, the question: what it found says of which type it is", async () => {
  await expect(found("action=E&purpose=TREAT")).resolves.toMatchObject({ total: 1 });
  const search = auditEvent({ ...base, id: "b.0", at: "2026-11-11T10:00:00.000Z", kind: "search", patient: ONE, documents: [{ id: document }] }, "https://documents.example.org/fhir"); // prettier-ignore
  const types = (search as { entity: { type: { code: string } }[] }).entity.map(({ type }) => type.code);
  expect(types).toEqual(["XrequestId", "1", "Bundle", "2"]);
});

test("whoever read nothing that is kept, such as the list of events itself, claims no profile that asks for what was read", () => {
  const event = { ...base, id: "b-0", at: "2026-11-11T10:00:00.000Z" } as const;
  const fhirBase = "https://documents.example.org/fhir";
  expect(auditEvent(event, fhirBase)).not.toHaveProperty("meta");
  expect(auditEvent({ ...event, documents: [{ id: document }] }, fhirBase)).toHaveProperty("meta.profile", [
    expect.stringContaining("BasicAudit.Read"),
  ]);
});

test("what nobody understands is refused, not passed over", async () => {
  for (const query of ["nonsense=1", "date=yesterday", "date=2026-11-31", "date=ge2026-02-29", "_count=many", "page=x", "entity=it", "agent=one,two"]) await expect(found(query)).rejects.toMatchObject({ code: expect.stringMatching(/bad-query|unsupported/) as unknown }); // prettier-ignore
});

test("an event is read by its id: who, from where, what and which request", async () => {
  const { entry = [] } = await found("");
  const idOf = (at: number): string => entry.find(({ resource }) => resource.recorded === events[at]?.at)?.resource.id ?? "";
  const read = async (at: number): Promise<Readonly<Record<string, unknown>>> => JSON.parse(writeJson(await questions.read(asked, idOf(at)))) as Readonly<Record<string, unknown>>; // prettier-ignore
  const query = JSON.stringify(await read(1));
  for (const said of ["IHE.BasicAudit.PatientQuery", `"reference":"Patient/${TWO}"`, "urn:ietf:params:oauth:jti:7", "IRCP", "TREAT", Buffer.from("GET /fhir/Patient?name=Brandt").toString("base64")]) expect(query).toContain(said); // prettier-ignore
  expect(JSON.stringify(await read(0))).toContain(`"reference":"Bundle/${document}/_history/1"`);
  expect(await read(4)).toMatchObject({ type: { code: "110113" }, subtype: [{ code: "110127" }], outcomeDesc: "unconscious" });
  // BALP's profiles are of what was done.
  const refused = await read(3);
  expect(refused).toMatchObject({ outcome: "4", outcomeDesc: "no rule permits it" });
  expect(refused).not.toHaveProperty("meta");
  await expect(questions.read(asked, randomUUID())).rejects.toMatchObject({ code: "not-found" });
});

test("what the CapabilityStatement says AuditEvents are searched by is answered, and nothing else of R4's", async () => {
  const values: Readonly<Record<string, string>> = { date: "2026", entity: `Bundle/${document}`, outcome: "0" };
  const parameters = [...SEARCH_PARAMETERS.of("AuditEvent").values()].map(({ code }) => code).filter((code) => !code.startsWith("_"));
  const answered: string[] = [];
  for (const name of parameters) {
    const answer = await found(`${name}=${values[name] ?? "x"}`).then(() => name, () => undefined); // prettier-ignore
    if (answer !== undefined) answered.push(answer);
  }
  expect(answered.sort()).toEqual([...TRAIL_PARAMETERS].sort());
});
