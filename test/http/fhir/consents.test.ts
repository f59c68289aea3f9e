/** Consents over HTTP: entered, read, searched, ended; what they say counts for the very next request, and no count tells of what they keep back. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { marked, PERSONS } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const policyOf = (consent: string): ReturnType<typeof readAccessPolicy> =>
  readAccessPolicy(
    JSON.stringify({
      version: "consents/1",
      consent,
      purpose: "TREAT",
      despite: [{ purposes: ["BTG"] }],
      clearance: { ward: ["V", "*"], patient: ["V", "*"], officer: ["V", "*"] },
      rules: [
        { name: "wards read", permit: ["read"], to: { roles: ["ward"] } },
        { name: "patients read their own", permit: ["read", "consent"], to: { roles: ["patient"] }, of: { patient: "own" }, despite: "consent" },
        { name: "officers keep consents", permit: ["consent"], to: { roles: ["officer"] } },
      ],
    }),
  );
const known = (more: Partial<KnownCaller>): KnownCaller => ({
  ...{ kind: "person", issuer: "https://issuer.example.org", subject: "somebody", name: "Somebody", roles: [], organisations: [], clearance: [] },
  ...more,
});
const callers = new Map<string, Caller>([
  ["filler", { kind: "program", name: "filler" }],
  ["ward", known({ roles: ["ward"] })],
  ["ward of A", known({ roles: ["ward"], organisations: ["urn:oid:2.16.756|A"] })],
  ["officer", known({ roles: ["officer"] })],
  ["reading officer", known({ roles: ["officer", "ward"] })],
  ["reader of patients", known({ roles: ["officer", "ward"], scopes: [{ level: "user", type: "Patient", rights: ["r", "s"] }] })],
  ["reader of consents", known({ roles: ["officer"], scopes: [{ level: "user", type: "Consent", rights: ["r", "s"] }] })],
  ["patient 1", known({ roles: ["patient"] })],
]);

let house: House;
let strict: House;
const ids: string[] = [];

const by = (
  caller: string,
  path: string,
  { at = house, method = "GET", body, headers = {} }: { at?: House; method?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<RawAnswer> =>
  ask(at.port, {
    ...{ method, path, ...(body && { body: JSON.stringify(body) }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json", ...headers },
  });
const bodyOf = (answer: RawAnswer): unknown => JSON.parse(String(answer.body));
const totalOf = async (caller: string, query: string, at: House = house): Promise<number | undefined> =>
  (bodyOf(await by(caller, `/fhir/${query}&_total=accurate&_count=1`, { at })) as { total?: number }).total;

const consentOf = (person: string, provision: object, more: object = {}): object => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { identifier: { system: PERSONS, value: person } },
  policy: [{ uri: "https://example.org/policy" }],
  provision,
  ...more,
});
const idOf = (answer: RawAnswer): string => answer.headers.location?.split("/").at(-3) ?? "";
const end = async (id: string, body: object): Promise<void> => {
  const answer = await by("officer", `/fhir/Consent/${id}`, { method: "PUT", body: { ...body, id, status: "inactive" } });
  expect([answer.status, String(answer.body)]).toEqual([200, ""]);
};

/** The id of the derived Patient. */
const personOf = async (value: string): Promise<string> => {
  const found = bodyOf(await by("filler", `/fhir/Patient?identifier=${PERSONS}%7C${value}&_elements=id`)) as {
    entry: { resource: { id: string } }[];
  };
  return found.entry.map(({ resource }) => resource.id).find((id) => id.startsWith("p-")) ?? "";
};

beforeAll(async () => {
  [house, strict] = (await Promise.all(
    ["opt-out", "opt-in"].map((consent) => openHouse({ policy: policyOf(consent), callers, systems: new Set([PERSONS]), hasIdentityFeed: true })),
  )) as [House, House];
  for (const at of [house, strict])
    for (const [name, person] of [
      ["one", "1"],
      ["two", "2"],
      ["three", "1"],
    ] as const) {
      const { json } = marked({ name, house: "A", person });
      const answer = await ask(at.port, {
        ...{ method: "POST", path: "/fhir/Bundle", body: json },
        headers: { "X-Test-Caller": "filler", "Content-Type": "application/fhir+json" },
      });
      if (at === house) ids.push(idOf(answer));
    }
  const patient = await personOf("1");
  callers.set("patient 1", known({ roles: ["patient"], patient }));
});
afterAll(() => Promise.all([house.close(), strict.close()]));

test("a denial counts for the very next request, on every way to content, and so does its end", async () => {
  expect(await totalOf("ward", "Observation?code=2823-3")).toBe(3);
  const body = consentOf("1", { type: "deny" });
  const entered = await by("officer", "/fhir/Consent", { method: "POST", body });
  expect(entered.status).toBe(201);
  const id = idOf(entered);
  expect(await totalOf("ward", "Observation?code=2823-3")).toBe(1);
  expect(await totalOf("ward", "Patient?_has:Observation:patient:code=2823-3")).toBe(2);
  for (const path of [`/fhir/Bundle/${ids[0] ?? ""}`, `/documents/${ids[0] ?? ""}`, `/documents/${ids[0] ?? ""}.pdf`])
    expect([path, (await by("ward", path, { headers: { Accept: "*/*" } })).status]).toEqual([path, 404]);
  // The patient's own reading no consent stops, and nobody else's patient is concerned.
  expect((await by("patient 1", `/fhir/Bundle/${ids[0] ?? ""}`)).status).toBe(200);
  expect((await by("ward", `/fhir/Bundle/${ids[1] ?? ""}`)).status).toBe(200);
  await end(id, body);
  expect(await totalOf("ward", "Observation?code=2823-3")).toBe(3);
});

test("a house that needs consents gives nothing without one, and what one permits", async () => {
  expect(await totalOf("ward of A", "Observation?code=2823-3", strict)).toBe(0);
  const actor = {
    role: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP" }] },
    reference: { type: "Organization", identifier: { system: "urn:oid:2.16.756", value: "A" } },
  };
  const entered = await by("officer", "/fhir/Consent", { at: strict, method: "POST", body: consentOf("1", { type: "permit", actor: [actor] }) });
  expect(entered.status).toBe(201);
  expect(await totalOf("ward of A", "Observation?code=2823-3", strict)).toBe(2);
  expect(await totalOf("ward", "Observation?code=2823-3", strict)).toBe(0);
});

test("a denial holds for the whole person while a feed says that two are one, and no longer", async () => {
  const feed = async (value: string, body: object): Promise<void> => {
    const path = `/fhir/Patient?identifier=${encodeURIComponent(`${PERSONS}|${value}`)}`;
    expect([200, 201]).toContain((await by("filler", path, { method: "PUT", body })).status);
  };
  const patient = (value: string, more: object = {}): object => ({ resourceType: "Patient", identifier: [{ system: PERSONS, value }], ...more });
  const body = consentOf("1", { type: "deny" });
  const id = idOf(await by("officer", "/fhir/Consent", { method: "POST", body }));
  const seen = (): Promise<number | undefined> => totalOf("ward", "Observation?code=2823-3");
  expect(await seen()).toBe(1);
  // Person 2 is replaced by person 1, of whom no message says anything; then person 1 by person 9, of whom there is no document yet.
  const by1 = { active: false, link: [{ type: "replaced-by", other: { identifier: { system: PERSONS, value: "1" } } }] };
  await feed("2", patient("2", by1));
  expect(await seen()).toBe(0);
  expect((await by("ward", `/fhir/Bundle/${ids[1] ?? ""}`)).status).toBe(404);
  await feed("2", patient("2"));
  expect(await seen()).toBe(1);
  await feed("1", patient("1", { active: false, link: [{ type: "replaced-by", other: { identifier: { system: PERSONS, value: "9" } } }] }));
  const { json } = marked({ name: "nine", house: "A", person: "9" });
  const late = await by("filler", "/fhir/Bundle", { method: "POST", body: JSON.parse(json) as object });
  expect(late.status).toBe(201);
  expect(await seen()).toBe(1);
  await end(id, body);
  expect(await seen()).toBe(4);
  await house.erase(idOf(late));
  await feed("1", patient("1"));
});

describe("the resource", () => {
  let id = "";
  const body = consentOf("2", { type: "permit" }, { dateTime: "2025-01-01" });
  beforeAll(async () => {
    id = idOf(await by("officer", "/fhir/Consent", { method: "POST", body }));
  });

  test("is read, by its versions too, and no version is lost", async () => {
    const first = await by("officer", `/fhir/Consent/${id}`);
    expect([first.status, first.headers.etag]).toEqual([200, 'W/"1"']);
    expect(bodyOf(first)).toMatchObject({ ...body, id, meta: { versionId: "1" } });
    const changed = await by("officer", `/fhir/Consent/${id}`, {
      ...{ method: "PUT", body: { ...body, id, status: "inactive" } },
      headers: { "If-Match": 'W/"1"' },
    });
    expect([changed.status, changed.headers.etag]).toEqual([200, 'W/"2"']);
    expect(bodyOf(await by("officer", `/fhir/Consent/${id}`))).toMatchObject({ status: "inactive", meta: { versionId: "2" } });
    expect(bodyOf(await by("officer", `/fhir/Consent/${id}/_history/1`))).toMatchObject({ status: "active" });
    expect((await by("officer", `/fhir/Consent/${id}/_history/3`)).status).toBe(404);
    const history = bodyOf(await by("officer", `/fhir/Consent/${id}/_history`)) as { total: number; entry: { resource: { status: string } }[] };
    expect([history.total, history.entry.map(({ resource }) => resource.status)]).toEqual([2, ["inactive", "active"]]);
    const late = await by("officer", `/fhir/Consent/${id}`, { method: "PUT", body: { ...body, id }, headers: { "If-Match": 'W/"1"' } });
    expect(late.status).toBe(412);
    // Sent again because no answer came, it is the same.
    const again = await by("officer", `/fhir/Consent/${id}`, {
      ...{ method: "PUT", body: { ...body, id, status: "inactive" } },
      headers: { "If-Match": 'W/"1"' },
    });
    expect([again.status, again.headers.etag, (await by("officer", `/fhir/Consent/${id}/_history/3`)).status]).toEqual([200, 'W/"2"', 404]);
  });

  test.each([
    [`Consent?_id=ID`, true],
    [`Consent?status=inactive&_id=ID`, true],
    [`Consent?status=active&_id=ID`, false],
    [`Consent?scope=patient-privacy&_id=ID`, true],
    [`Consent?category=http://loinc.org%7C59284-0&_id=ID`, true],
    [`Consent?date=2025&_id=ID`, true],
    [`Consent?date=2024&_id=ID`, false],
    [`Consent?patient:identifier=${PERSONS}%7C2&_id=ID`, true],
    [`Consent?patient.identifier=${PERSONS}%7C1&_id=ID`, false],
  ])("is found by %s: %s", async (query, isFound) => {
    const answer = await by("officer", `/fhir/${query.replace("ID", id)}`);
    expect([answer.status, (bodyOf(answer) as { entry?: unknown[] }).entry?.length ?? 0]).toEqual([200, isFound ? 1 : 0]);
  });

  test.each([
    ["Consent?_lastUpdated=gt2020&_id=ID", true],
    ["Consent?_lastUpdated=lt2020&_id=ID", false],
    ["Consent?patient=PATIENT&_id=ID", true],
    ["Consent?patient.birthdate=1800&_id=ID", false],
    [`Consent?patient:Patient.identifier=${PERSONS}%7C2&_id=ID`, true],
    ["Consent?patient._id=PATIENT&_id=ID", true],
    ["?_type=Patient,Consent&_id=ID", true],
    ["?_lastUpdated=gt2020&_id=ID", true],
    ["?_type=Patient,Observation&_lastUpdated=gt2020", false],
    ["Patient/PATIENT/Consent", true],
    ["Patient/PATIENT/Consent?status=active", false],
    ["Patient/PATIENT/*?_count=200", true],
    ["Patient/OTHER/Consent", false],
    ["Patient/PATIENT/Observation", false],
    ["Patient/PATIENT/$everything", true],
    ["Patient/PATIENT/$everything?_type=Consent", true],
    ["Patient/PATIENT/$everything?_since=2020-01-01T00:00:00Z", true],
    ["Patient/PATIENT/$everything?_since=2100-01-01T00:00:00Z", false],
    ["Patient/PATIENT/$everything?start=2025-01-01&end=2025-01-02", true],
    ["Patient/PATIENT/$everything?end=2024-01-01", false],
    ["Patient/PATIENT/$everything?_type=Observation", false],
    ["Patient/OTHER/$everything", false],
    ["Patient?_id=PATIENT&_revinclude=Consent:patient", true],
    ["Patient?_id=PATIENT&_revinclude=Consent:patient:Patient", true],
    ["Patient?_id=PATIENT&_revinclude=Consent:*", true],
    ["Patient?_id=PATIENT&_revinclude=Consent:organization", false],
    ["Patient?_id=OTHER&_revinclude=Consent:patient", false],
    ["Patient?_id=PATIENT", false],
  ])("stands beside what documents hold in %s: %s", async (query, isFound) => {
    const path = `/fhir/${query
      .replace("ID", id)
      .replace("PATIENT", await personOf("2"))
      .replace("OTHER", await personOf("1"))}`;
    for (const [caller, expected] of [
      ["reading officer", isFound],
      ["ward", false],
    ] as const) {
      const answer = await by(caller, path);
      const { entry = [] } = bodyOf(answer) as { entry?: { resource: { id: string } }[] };
      expect([caller, answer.status, entry.filter(({ resource }) => resource.id === id).length]).toEqual([caller, 200, expected ? 1 : 0]);
    }
  });

  test("brings its patient where it is asked to, and nobody whom the caller may not know", async () => {
    const patient = await personOf("2");
    const body = consentOf("2", { type: "permit" }, { patient: { reference: `Patient/${patient}` }, status: "proposed" });
    const proposed = idOf(await by("officer", "/fhir/Consent", { method: "POST", body }));
    const idsOf = async (caller: string, query: string): Promise<(readonly [string, string])[]> =>
      (bodyOf(await by(caller, `/fhir/${query}`)) as { entry: { resource: { id: string }; search: { mode: string } }[] }).entry.map(
        ({ resource, search }) => [resource.id, search.mode] as const,
      );
    const own = [proposed, "match"];
    for (const include of ["Consent:patient", "Consent:patient:Patient", "Consent:*"])
      expect([include, await idsOf("reading officer", `Consent?_id=${proposed}&_include=${include}`)]).toEqual([
        include,
        [own, [patient, "include"]],
      ]);
    expect(await idsOf("reading officer", `Consent?_id=${proposed}&_include=Consent:organization`)).toEqual([own]);
    // Whoever keeps consents does not read what is kept of patients thereby.
    expect(await idsOf("officer", `Consent?_id=${proposed}&_include=Consent:patient`)).toEqual([own]);
    await end(proposed, body);
  });

  test("is left out where a scope does not cover it beside what it covers, and refused by itself", async () => {
    const patient = await personOf("2");
    const beside = await by("reader of patients", `/fhir/Patient?_id=${patient}&_revinclude=Consent:patient`);
    expect((bodyOf(beside) as { entry: { resource: { id: string } }[] }).entry.map(({ resource }) => resource.id)).toEqual([patient]);
    expect((await by("reader of patients", `/fhir/Consent?_id=${id}`)).status).toBe(403);
  });

  test("pages go on behind consents", async () => {
    const patient = await personOf("2");
    const seen: string[] = [];
    for (let path: string | undefined = `/fhir/Patient/${patient}/$everything?_count=2`; path !== undefined;) {
      const page = bodyOf(await by("reading officer", path)) as {
        entry: { resource: { resourceType: string; id: string }; search: { mode: string } }[];
        link: { relation: string; url: string }[];
      };
      seen.push(...page.entry.filter(({ search }) => search.mode === "match").map(({ resource }) => `${resource.resourceType}/${resource.id}`));
      const next = page.link.find(({ relation }) => relation === "next")?.url;
      path = next === undefined ? undefined : new URL(next).pathname + new URL(next).search;
    }
    expect(seen).toEqual([...new Set(seen)]);
    expect(seen).toEqual(expect.arrayContaining([`Consent/${id}`, `Patient/${patient}`]));
  });

  test("patients read and enter their own, and nobody else's", async () => {
    const own = await by("patient 1", "/fhir/Consent", { method: "POST", body: consentOf("1", { type: "permit" }) });
    expect(own.status).toBe(201);
    expect((await by("patient 1", `/fhir/Consent/${idOf(own)}`)).status).toBe(200);
    expect((await by("patient 1", `/fhir/Consent/${id}`)).status).toBe(404);
    expect((await by("patient 1", "/fhir/Consent", { method: "POST", body })).status).toBe(403);
    expect((await by("patient 1", `/fhir/Consent/${id}`, { method: "PUT", body: { ...body, id } })).status).toBe(404);
    const { patient } = callers.get("patient 1") as KnownCaller;
    const found = bodyOf(await by("patient 1", `/fhir/Consent?patient=${patient ?? ""}&status=active`)) as { entry: unknown[] };
    const all = bodyOf(await by("patient 1", "/fhir/Consent?status=active")) as { entry: unknown[] };
    expect([found.entry.length, all.entry.length]).toEqual([1, 1]);
  });

  test("rights and scopes are asked", async () => {
    expect((await by("ward", "/fhir/Consent", { method: "POST", body })).status).toBe(403);
    expect((await by("ward", `/fhir/Consent/${id}`)).status).toBe(404);
    expect(await totalOf("ward", "Consent?status=inactive")).toBe(0);
    expect((await by("reader of consents", `/fhir/Consent/${id}`)).status).toBe(200);
    expect((await by("reader of consents", "/fhir/Consent", { method: "POST", body })).status).toBe(403);
    expect((await by("nobody", `/fhir/Consent/${id}`)).status).not.toBe(200);
  });

  test.each([
    ["another resource", { resourceType: "Basic", code: { text: "x" } }, 422],
    ["what R4 refuses", { ...body, status: "perhaps" }, 422],
    ["a patient whom nobody knows", { ...body, patient: { reference: "Patient/nobody" } }, 422],
    ["an identifier of a system that is not unique to a person", { ...body, patient: { identifier: { system: "urn:x", value: "2" } } }, 422],
  ])("%s is not entered", async (_, sent, status) => {
    const before = await totalOf("officer", "Consent?scope=patient-privacy");
    expect((await by("officer", "/fhir/Consent", { method: "POST", body: sent })).status).toBe(status);
    expect(await totalOf("officer", "Consent?scope=patient-privacy")).toBe(before);
  });

  test.each(["DELETE", "PATCH"])("%s is refused, and says how a consent is ended", async (method) => {
    const answer = await by("officer", `/fhir/Consent/${id}`, { method });
    expect([answer.status, String(answer.body)]).toEqual([405, expect.stringMatching(/consent.*PUT/)]);
  });

  test("stays with its patient, and under its own id", async () => {
    expect((await by("officer", `/fhir/Consent/${id}`, { method: "PUT", body: { ...consentOf("1", {}), id } })).status).toBe(422);
    expect((await by("officer", `/fhir/Consent/${id}`, { method: "PUT", body })).status).toBe(422);
    expect((await by("officer", "/fhir/Consent/0b8f2c52-62c8-4d5c-9d3e-1b6f0a5e7c11", { method: "PUT", body })).status).toBe(404);
  });
});

test("the CapabilityStatement says so", async () => {
  const { rest } = bodyOf(await by("officer", "/fhir/metadata")) as { rest: { resource: { type: string; interaction: { code: string }[] }[] }[] };
  const codes = rest[0]?.resource.find(({ type }) => type === "Consent")?.interaction.map(({ code }) => code) ?? [];
  expect(codes).toEqual(expect.arrayContaining(["read", "vread", "create", "update", "search-type", "history-instance"]));
});
